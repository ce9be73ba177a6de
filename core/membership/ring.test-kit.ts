// Servers that run the real step, joined by wires that deliver everything at once unless cut. The register is the
// test's own hand: it shows a view to whom it likes.
import { copyOfState } from '../copies.js';
import { type Frame, isBackward } from '../frame.js';
import type { LinkId, MemberId } from '../ids.js';
import type { Input } from '../input.js';
import type { Limits } from '../limits.js';
import type { MembershipState } from '../membership-state.js';
import type { Fact, Output } from '../output.js';
import { initialState, type NodeState } from '../state.js';
import { step } from '../step.js';
import type { Turn } from '../turn.js';
import type { Registration } from '../view/registration.js';
import { type Member, makeView, type View } from '../view/view.js';
import { memberOf, smallSettings } from '../view/views.test-kit.js';
import { attend } from './attend.js';
import { changeMembership } from './change.js';
import { onRegistrations } from './planning.js';
import { ownRegistration } from './registration.js';

type WithoutNow<I> = I extends Input ? Omit<I, 'now'> : never;

interface Wire {
  readonly id: LinkId;
  /** Who was dialled, and who dialled. */
  readonly from: MemberId;
  readonly to: MemberId;
  readonly frames: { readonly frame: Frame; readonly isForward: boolean }[];
}

/** A view of these members; `n3/2` is the second life of n3. Its only chain is the first member's. */
export function viewOf(epoch: number, ring: string): View {
  const members = ring.split(' ').map((text): Member => {
    const [id = '', incarnation = '1'] = text.split('/');
    return { ...memberOf(id), incarnation: Number(incarnation) };
  });
  const chains = [{ members: [(members[0] as Member).id], learners: [], lost: [] }];
  return makeView({ epoch, clusterId: 'test', settings: smallSettings, ring: members, chains });
}

const turnOf = (before: NodeState, now: number): Turn => {
  return { now, state: copyOfState(before), outputs: [], launched: [], settled: 0, newView: undefined };
};

/** The call that the coordinator answers. */
const CALL = 1_000_000;

export class Ring {
  now = 1_000_000;
  /** Dials from one to another that never come to anything, as `n1>n2`. */
  readonly deaf = new Set<string>();
  readonly facts: { readonly at: MemberId; readonly fact: Fact }[] = [];
  readonly outputs: { readonly at: MemberId; readonly output: Output }[] = [];
  wires: Wire[] = [];
  private readonly states = new Map<MemberId, NodeState>();
  private links = 0;

  add(id: MemberId, incarnation = 1, limits: Partial<Limits> = {}): void {
    const address = `${id}:1`;
    // Nobody speaks for the coordinator here: sessions do not end.
    const all = { sessionMs: Number.MAX_SAFE_INTEGER, ...limits };
    this.states.set(id, initialState({ id, incarnation, address, clusterId: 'test', seed: 1, limits: all }));
    this.register(id);
  }

  /** A ring that is linked up. */
  static of(view: View): Ring {
    const ring = new Ring();
    for (const { id, incarnation } of view.ring) ring.add(id, incarnation);
    ring.show(view, ...view.ring.map(({ id }) => id));
    ring.forget();
    return ring;
  }

  state(id: MemberId): NodeState {
    return this.states.get(id) as NodeState;
  }

  remove(id: MemberId): void {
    this.states.delete(id);
    for (const wire of this.wires) if (wire.from === id || wire.to === id) this.cut(wire, id);
    this.settle();
  }

  /** Its process is there again before anybody could dial in vain; `unnoticed`: no link has told of it. */
  restart(id: MemberId, incarnation: number, how: 'noticed' | 'unnoticed'): void {
    this.add(id, incarnation);
    const own = this.wires.filter(({ from, to }) => from === id || to === id);
    if (how === 'noticed') for (const wire of own) this.cut(wire, id);
    this.wires = this.wires.filter((wire) => !own.includes(wire));
    this.settle();
  }

  /** The coordinator has told this server which of its lives this is. */
  number(id: MemberId, incarnation: number): void {
    const { coordination } = this.state(id);
    const underWay = coordination.underWay.set(CALL, 'bump-lives');
    this.states.set(id, { ...this.state(id), coordination: { ...coordination, underWay, bumping: incarnation } });
    const reply = { result: 'done', version: incarnation } as const;
    this.feed(id, { kind: 'coordinator-reply', session: coordination.session, call: CALL, reply });
  }

  /** The coordinator has its entry. */
  register(id: MemberId): void {
    const { coordination } = this.state(id);
    this.states.set(id, { ...this.state(id), coordination: { ...coordination, registered: true } });
  }

  /** The register was read last in this epoch. */
  readRegister(id: MemberId, epoch: number): void {
    const { coordination } = this.state(id);
    this.states.set(id, { ...this.state(id), coordination: { ...coordination, read: { epoch, version: epoch } } });
  }

  /** A chain of this server has something to tell. */
  say(id: MemberId, change: Partial<MembershipState>): void {
    const before = this.state(id);
    const turn = turnOf(before, this.now);
    changeMembership(turn, change);
    attend(turn, before);
    this.take(id, turn);
  }

  forget(): void {
    this.facts.length = 0;
    this.outputs.length = 0;
  }

  /** The register shows this view to these servers, one after the other. */
  show(view: View, ...ids: readonly MemberId[]): void {
    for (const id of ids) {
      const { coordination } = this.state(id);
      const { session } = coordination;
      const underWay = coordination.underWay.set(CALL, 'read-view');
      this.states.set(id, { ...this.state(id), coordination: { ...coordination, underWay } });
      const stored = { key: 'view', value: { kind: 'view', view }, version: view.epoch, owner: '' } as const;
      this.feed(id, { kind: 'coordinator-reply', session, call: CALL, reply: { result: 'value', stored } });
      this.settle();
    }
  }

  feed(id: MemberId, happening: WithoutNow<Input>): void {
    const before = this.states.get(id);
    if (before === undefined) return;
    const { state, outputs } = step(before, { ...happening, now: this.now } as Input);
    this.states.set(id, state);
    if (happening.kind === 'start') this.register(id);
    for (const output of outputs) this.carryOut(id, output);
  }

  /** The registrations that are there come to one who has asked for them. */
  read(id: MemberId, registrations: readonly Registration[] = this.registrations()): void {
    const before = this.state(id);
    const turn = turnOf(before, this.now);
    onRegistrations(turn, registrations);
    attend(turn, before);
    this.take(id, turn);
  }

  private take(id: MemberId, turn: Turn): void {
    this.states.set(id, turn.state);
    for (const output of turn.outputs) this.carryOut(id, output);
  }

  registrations(): readonly Registration[] {
    return [...this.states.values()].flatMap(({ membership }) => membership.published ?? []);
  }

  /** What this server would tell of itself, whether it did or not. */
  registrationOf(id: MemberId): Registration {
    return ownRegistration(turnOf(this.state(id), this.now));
  }

  /** Time goes by, and everybody is woken when they wish. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now++) {
      this.settle();
      for (const [id, { alarm }] of this.states) if (alarm.at <= this.now) this.feed(id, { kind: 'wake' });
    }
    this.settle();
  }

  /** Delivers until nothing is under way. */
  settle(): void {
    for (let moves = 0; moves < 10_000; moves++) {
      const wire = this.wires.find(({ frames }) => frames.length > 0);
      if (wire === undefined) return;
      const { frame, isForward } = wire.frames.shift() as Wire['frames'][number];
      this.feed(isForward ? wire.to : wire.from, { kind: 'frame', link: wire.id, frame });
    }
    throw new Error('the frames never come to rest');
  }

  /** Wires between two servers, as they are adopted: `n1>n2` where n1 takes it for the link to its successor. */
  adopted(): readonly string[] {
    return this.wires
      .filter(({ id, from, to }) => this.state(from).links.outbound === id && this.state(to).links.inbound === id)
      .map(({ from, to }) => `${from}>${to}`)
      .sort();
  }

  told(kind: Fact['fact'], at?: MemberId): readonly Fact[] {
    return this.facts.filter((one) => one.fact.fact === kind && (at ?? one.at) === one.at).map(({ fact }) => fact);
  }

  asked(kind: Output['kind'], at?: MemberId): readonly Output[] {
    return this.outputs
      .filter((one) => one.output.kind === kind && (at ?? one.at) === one.at)
      .map(({ output }) => output);
  }

  private carryOut(id: MemberId, output: Output): void {
    if (output.kind === 'tell') this.facts.push({ at: id, fact: output.fact });
    else this.outputs.push({ at: id, output });
    if (output.kind === 'dial') this.dial(id, output.member);
    if (output.kind === 'send') {
      const wire = this.wires.find((one) => one.id === output.link);
      wire?.frames.push({ frame: output.frame, isForward: !isBackward(output.frame) });
    }
    if (output.kind !== 'close') return;
    const wire = this.wires.find((one) => one.id === output.link);
    if (wire !== undefined) this.cut(wire, id);
  }

  private dial(id: MemberId, member: Member): void {
    if (this.deaf.has(`${id}>${member.id}`)) return;
    if (!this.states.has(member.id)) {
      this.feed(id, { kind: 'dial-failed', peer: member.id });
      return;
    }
    const wire: Wire = { id: ++this.links, from: member.id, to: id, frames: [] };
    this.wires.push(wire);
    this.feed(member.id, { kind: 'link-up', link: wire.id, peer: undefined });
    this.feed(id, { kind: 'link-up', link: wire.id, peer: member.id });
  }

  /** Whoever closes it does not hear of it. */
  private cut(wire: Wire, closedBy: MemberId): void {
    this.wires = this.wires.filter((one) => one !== wire);
    for (const id of [wire.from, wire.to]) if (id !== closedBy) this.feed(id, { kind: 'link-down', link: wire.id });
  }
}
