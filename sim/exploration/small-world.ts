/**
 * A world small enough to look at everything that can happen in it: the real core in a few servers of one shard, links as
 * lists of frames, stores that answer when a move lets them, clients that follow their lists. Time stands still. A world is
 * a value: a move makes another one, so a path can be left and another taken at no cost.
 */
import { VIEW_KEY } from '../../core/coordinator-port.js';
import type { Chunk } from '../../core/file.js';
import { type Frame, isBackward, isData } from '../../core/frame.js';
import type { LinkId, MemberId } from '../../core/ids.js';
import type { Happening } from '../../core/input.js';
import type { Output } from '../../core/output.js';
import { InvariantError } from '../../core/refusals.js';
import { initialState, type NodeState } from '../../core/state.js';
import { step } from '../../core/step.js';
import { NOTHING_RECOVERED } from '../../core/store-port.js';
import { nextView, withoutMembers } from '../../core/view/next-view.js';
import type { View } from '../../core/view/view.js';
import { CALM, type Cast, viewOf } from './cast.js';
import { Clients } from './clients.js';
import { Register } from './register.js';

type StoreAnswer = Extract<Happening, { readonly kind: 'persisted' | 'identity-persisted' }>;

export interface Server {
  readonly id: MemberId;
  readonly state: NodeState;
  readonly isAlive: boolean;
  /** What its store has not answered yet. */
  readonly writing: readonly StoreAnswer[];
  /** Sequence up to which its store has answered: what a loss of power leaves. */
  readonly durable: number;
  readonly chunks: ReadonlyMap<string, Chunk>;
  readonly session: number;
  readonly isWatching: boolean;
}

interface Connection {
  readonly id: LinkId;
  readonly from: MemberId;
  readonly to: MemberId;
  readonly forward: readonly Frame[];
  readonly backward: readonly Frame[];
  /** That end is gone; the other has not heard of it yet, and may still hear what was sent before. */
  readonly closedBy: MemberId | undefined;
}

export type Move =
  | { readonly kind: 'deliver'; readonly link: LinkId; readonly way: 'forward' | 'backward' }
  | { readonly kind: 'persist' | 'crash' | 'remove' | 'hear-of-view'; readonly server: MemberId }
  | { readonly kind: 'link-down'; readonly link: LinkId }
  | { readonly kind: 'call'; readonly client: number }
  | { readonly kind: 'plan' };

const NOW = 1_000_000;
/** They keep links alive and the stream fair, and travel by themselves: their order with others makes no difference here. */
const QUIET: ReadonlySet<Frame['kind']> = new Set(['hello', 'welcome', 'ping', 'pong', 'credit', 'token']);
/** What may happen by itself before it must be a loop. */
const QUIET_MOVES_MAX = 2_000;

export class SmallWorld {
  private servers = new Map<MemberId, Server>();
  private connections: readonly Connection[] = [];
  private links = 0;
  private inbox: { readonly at: MemberId; readonly happening: Happening }[] = [];
  /** What went wrong by itself: a server that stopped loudly. */
  complaint: string | undefined;

  private constructor(
    private readonly cast: Cast,
    public register: Register,
    private clients: Clients,
    private plansLeft: number,
    private removed: readonly MemberId[],
  ) {}

  /** Everybody is in the ring, and nothing is under way. */
  static of(cast: Cast): SmallWorld {
    const view = viewOf(cast);
    const world = new SmallWorld(cast, Register.of(view), Clients.of(cast.clients), cast.plans ?? 0, []);
    for (const { id, incarnation, address } of view.ring) {
      const state = initialState({ id, incarnation, address, clusterId: 'explored', seed: 1, limits: CALM });
      const fresh = { writing: [], durable: 0, chunks: new Map(), session: 0, isWatching: false };
      world.servers.set(id, { id, state, isAlive: true, ...fresh });
    }
    for (const id of cast.servers) world.feed(id, { kind: 'start', recovered: NOTHING_RECOVERED, carry: undefined });
    world.flush();
    return world;
  }

  get all(): readonly Server[] {
    return [...this.servers.values()];
  }

  get history(): Clients['history'] {
    return this.clients.history;
  }

  get answers(): number {
    return this.clients.answers;
  }

  get isAnybodyWaiting(): boolean {
    return this.clients.isAnybodyWaiting;
  }

  /** Whatever two worlds must have in common to have the same future; parts are values. */
  get parts(): readonly unknown[] {
    const { register, connections, clients, plansLeft, removed } = this;
    return [this.all, register.all, connections, clients.parts, plansLeft, removed];
  }

  moves(): readonly Move[] {
    const { cast, removed } = this;
    const moves: Move[] = [];
    for (const { id: link, forward, backward, closedBy } of this.connections) {
      if (closedBy !== undefined) moves.push({ kind: 'link-down', link });
      if (forward.length > 0) moves.push({ kind: 'deliver', link, way: 'forward' });
      if (backward.length > 0) moves.push({ kind: 'deliver', link, way: 'backward' });
    }
    const { view } = this.register;
    for (const { id, isAlive, writing, isWatching, state } of this.servers.values()) {
      if (!isAlive) continue;
      if (writing.length > 0) moves.push({ kind: 'persist', server: id });
      if (isWatching && state.view.epoch < view.epoch) moves.push({ kind: 'hear-of-view', server: id });
      if (cast.mayCrash?.includes(id) === true) moves.push({ kind: 'crash', server: id });
    }
    for (const { client, server } of this.clients.next()) {
      if (this.server(server).isAlive) moves.push({ kind: 'call', client });
    }
    for (const server of cast.mayBeRemoved ?? []) {
      const isLeft = view.ring.length > 1 && view.chains[0]?.members.some((id) => id !== server) === true;
      if (isLeft && !removed.includes(server)) moves.push({ kind: 'remove', server });
    }
    if (this.plansLeft > 0 && this.planned() !== undefined) moves.push({ kind: 'plan' });
    return moves;
  }

  /** @returns the world after this move; this one stays as it is. */
  after(move: Move): SmallWorld {
    const { cast, register, clients, plansLeft, removed } = this;
    const world = new SmallWorld(cast, register, clients, plansLeft, removed);
    world.servers = new Map(this.servers);
    world.connections = this.connections;
    world.links = this.links;
    world.make(move);
    world.flush();
    return world;
  }

  /** For people. */
  textOf(move: Move): string {
    switch (move.kind) {
      case 'deliver': {
        const connection = this.connection(move.link);
        const frame = connection?.[move.way][0];
        return `${connection?.from} → ${connection?.to}: ${JSON.stringify(frame)}`;
      }
      case 'link-down': {
        const connection = this.connection(move.link);
        return `${connection?.from} → ${connection?.to}: broken, as ${connection?.closedBy} ended it`;
      }
      case 'call':
        return `client ${move.client} asks`;
      case 'plan':
        return `the next view is ${viewText(this.planned())}`;
      default:
        return `${move.server}: ${move.kind}`;
    }
  }

  private make(move: Move): void {
    switch (move.kind) {
      case 'deliver':
        this.deliver(this.connection(move.link) as Connection, move.way);
        return;
      case 'link-down':
        this.hearOfEnd(this.connection(move.link) as Connection);
        return;
      case 'persist': {
        const { writing, durable } = this.server(move.server);
        const [answer, ...others] = writing as readonly [StoreAnswer, ...StoreAnswer[]];
        const isFurther = answer.kind === 'persisted' && answer.upTo.sequence > durable;
        this.change(move.server, { writing: others, ...(isFurther && { durable: answer.upTo.sequence }) });
        this.feed(move.server, answer);
        return;
      }
      case 'crash':
        this.crash(move.server);
        return;
      case 'remove':
        this.removed = [...this.removed, move.server];
        this.register = this.register.withView(withoutMembers(this.register.view, new Set([move.server])));
        return;
      case 'hear-of-view': {
        const { session } = this.server(move.server);
        this.change(move.server, { isWatching: false });
        this.feed(move.server, { kind: 'watch-fired', session, key: VIEW_KEY });
        return;
      }
      case 'call':
        this.call(move.client);
        return;
      case 'plan':
        this.plansLeft--;
        this.register = this.register.withView(this.planned() as View);
        return;
    }
  }

  private call(client: number): void {
    const { clients, server, happenings } = this.clients.called(client);
    this.clients = clients;
    for (const happening of happenings) this.feed(server, happening);
  }

  /** What any server would propose from what is registered. */
  private planned(): View | undefined {
    const { view, registrations } = this.register;
    const facts = {
      waited: 'patient',
      task: 'plan',
      reviveWaited: false,
      deadRing: false,
      fullDisks: new Set<MemberId>(),
    };
    return nextView(view, { ...facts, registrations, learningMax: 4 } as Parameters<typeof nextView>[1]);
  }

  private server(id: MemberId): Server {
    return this.servers.get(id) as Server;
  }

  private change(id: MemberId, change: Partial<Server>): void {
    this.servers.set(id, { ...this.server(id), ...change });
  }

  private connection(id: LinkId): Connection | undefined {
    return this.connections.find((one) => one.id === id);
  }

  private changeConnection(id: LinkId, change: Partial<Connection>): void {
    this.connections = this.connections.map((one) => (one.id === id ? { ...one, ...change } : one));
  }

  /** Lets something happen at a server, and at once after it whatever that causes without a link. */
  private feed(at: MemberId, happening: Happening): void {
    this.inbox.push({ at, happening });
    if (this.inbox.length > 1) return;
    for (let next = this.inbox[0]; next !== undefined; this.inbox.shift(), next = this.inbox[0]) this.stepOne(next);
  }

  private stepOne({ at, happening }: { readonly at: MemberId; readonly happening: Happening }): void {
    const { isAlive, state: before } = this.server(at);
    if (!isAlive) return;
    try {
      const { state, outputs } = step(before, { ...happening, now: NOW });
      this.change(at, { state });
      for (const output of outputs) this.carryOut(at, output);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.complaint = `${at} stops loudly: ${error.message}`;
      this.crash(at);
    }
  }

  private carryOut(at: MemberId, output: Output): void {
    switch (output.kind) {
      case 'send':
        this.send(at, output.link, output.frame);
        return;
      case 'dial':
        this.dial(at, output.member.id);
        return;
      case 'close':
        this.breakDown(output.link, at);
        return;
      case 'store-chunk': {
        const { chunk } = output;
        this.change(at, { chunks: new Map(this.server(at).chunks).set(keyOf(chunk), chunk) });
        return;
      }
      case 'read-chunk': {
        const { upload, index } = output;
        this.feed(at, { kind: 'chunk-read', upload, index, chunk: this.server(at).chunks.get(keyOf(output)) });
        return;
      }
      case 'persist':
      case 'write-base': {
        const upTo = output.kind === 'persist' ? output.entries[output.entries.length - 1]?.id : output.base.at;
        if (upTo === undefined) return;
        const { writing } = this.server(at);
        this.change(at, { writing: [...writing, { kind: 'persisted', shard: output.shard, upTo }] });
        return;
      }
      case 'write-identity':
        this.feed(at, { kind: 'identity-persisted' });
        return;
      case 'open-session':
        this.change(at, { session: output.session, isWatching: false });
        this.feed(at, { kind: 'session', session: output.session, state: 'connected', owner: at });
        return;
      case 'call-coordinator': {
        const { request, session, call } = output;
        if (request.op === 'read' && request.watch) this.change(at, { isWatching: true });
        const { register, reply } = this.register.carryOut(request, at);
        this.register = register;
        this.feed(at, { kind: 'coordinator-reply', session, call, reply });
        return;
      }
      case 'client-accept':
      case 'client-file':
      case 'client-data':
      case 'answer': {
        const { clients, server, happenings } = this.clients.told(output);
        this.clients = clients;
        for (const happening of happenings) this.feed(server, happening);
        return;
      }
      default:
    }
  }

  private send(at: MemberId, link: LinkId, frame: Frame): void {
    const connection = this.connection(link);
    if (connection === undefined || connection.closedBy !== undefined) return;
    const way = isBackward(frame) ? 'backward' : 'forward';
    this.changeConnection(link, { [way]: [...connection[way], frame] });
    if (isData(frame)) this.feed(at, { kind: 'link-drained', link, frames: 1 });
  }

  /** A living server answers a dial at once; a dead one never does. */
  private dial(at: MemberId, member: MemberId): void {
    if (!this.server(member).isAlive) return;
    const id = ++this.links;
    this.connections = [
      ...this.connections,
      { id, from: member, to: at, forward: [], backward: [], closedBy: undefined },
    ];
    this.feed(at, { kind: 'link-up', link: id, peer: member });
    this.feed(member, { kind: 'link-up', link: id, peer: undefined });
  }

  /** What was on its way to that end is lost. The other end hears what was sent before, or not, and then of the end. */
  private breakDown(link: LinkId, closedBy: MemberId): void {
    const connection = this.connection(link);
    if (connection === undefined) return;
    const { from, closedBy: before } = connection;
    if (before === undefined)
      this.changeConnection(link, { closedBy, ...(closedBy === from ? { backward: [] } : { forward: [] }) });
    else if (before !== closedBy) this.connections = this.connections.filter(({ id }) => id !== link);
  }

  private hearOfEnd({ id, from, to, closedBy }: Connection): void {
    this.connections = this.connections.filter((one) => one.id !== id);
    this.feed(closedBy === from ? to : from, { kind: 'link-down', link: id });
  }

  private crash(id: MemberId): void {
    this.change(id, { isAlive: false, writing: [], isWatching: false });
    this.register = this.register.withoutOwner(id);
    for (const one of this.connections) if (one.from === id || one.to === id) this.breakDown(one.id, id);
  }

  private deliver({ id, from, to, ...frames }: Connection, way: 'forward' | 'backward'): void {
    const [frame, ...rest] = frames[way];
    if (frame === undefined) return;
    this.changeConnection(id, { [way]: rest });
    this.feed(way === 'forward' ? to : from, { kind: 'frame', link: id, frame });
  }

  /** Quiet frames travel by themselves as far as they are not behind a frame that does not. */
  private flush(): void {
    for (let moves = 0; moves < QUIET_MOVES_MAX; moves++) {
      const way = (one: Connection) => (['backward', 'forward'] as const).find((each) => isQuiet(one[each][0]));
      const connection = this.connections.find((one) => way(one) !== undefined);
      if (connection === undefined) return;
      this.deliver(connection, way(connection) as 'forward' | 'backward');
    }
    throw new Error('the quiet frames never come to rest');
  }
}

const isQuiet = (frame: Frame | undefined): boolean => frame !== undefined && QUIET.has(frame.kind);

const keyOf = ({ upload, index }: Pick<Chunk, 'upload' | 'index'>): string => `${upload}#${index}`;

function viewText(view: View | undefined): string {
  const [chain] = view?.chains ?? [];
  const learners = chain?.learners.length ? ` + ${chain.learners.join(' ')}` : '';
  return `${view?.epoch}: ring ${view?.ring.map(({ id }) => id).join(' ')}; chain ${chain?.members.join(' ')}${learners}`;
}
