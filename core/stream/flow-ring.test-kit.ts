// A ring of real flows, joined by wires that deliver whenever the test says so.
import type { DataFrame, Frame } from '../frame.js';
import { assertInvariants } from '../invariants.js';
import { FRESH_STREAM, initialState, NO_LINKS } from '../state.js';
import type { Turn } from '../turn.js';
import { makeView, type View } from '../view/view.js';
import { membersOf, smallSettings } from '../view/views.test-kit.js';
import { giveCredit, onCredit, onDrained, pass } from './flow.js';

const INBOUND = 1;
const OUTBOUND = 2;

interface Server {
  readonly turn: Turn;
  /** On the link to the next server. */
  readonly wire: DataFrame[];
  /** On their way back to this server. */
  credits: number;
  /** Sent, and not reported as drained. */
  undrained: number;
}

/** Something that is on its way and may happen next. */
type Event = () => void;

export class FlowRing {
  inserted = 0;
  arrived = 0;
  private readonly servers: readonly Server[];
  private readonly view: View;

  constructor(size: number, slots: number, wireFramesMax: number) {
    const ring = membersOf(size);
    const settings = { ...smallSettings, transitSlots: slots };
    const chains = [{ members: ['n1'], learners: [], lost: [] }];
    this.view = makeView({ epoch: 1, clusterId: 'test', settings, ring, chains });
    this.servers = ring.map(({ id, incarnation, address }) => {
      const limits = { wireFramesMax, quotaFrames: Number.MAX_SAFE_INTEGER };
      const born = initialState({ id, incarnation, address, clusterId: 'test', seed: 0, limits });
      const links = { ...NO_LINKS, inbound: INBOUND, outbound: OUTBOUND };
      const stream = { ...FRESH_STREAM, credits: slots };
      const state = { ...born, status: 'member' as const, view: this.view, links, stream };
      const turn: Turn = { now: 0, state, outputs: [], launched: [], settled: 0, newView: undefined };
      return { turn, wire: [], credits: 0, undrained: 0 };
    });
  }

  /** A frame from one server to the one so many links further. */
  insert(at: number, links: number): void {
    const [origin, lastStop] = [this.idOf(at), this.idOf(at + links)];
    const frame: DataFrame = { kind: 'abandon', epoch: 1, origin, lastStop, upload: `u${this.inserted++}` };
    const server = this.serverAt(at);
    pass(server.turn, frame, 'insert');
    this.carryOut(at);
  }

  /** Slots that no frame is in or on its way to. */
  get freeSlots(): number {
    const { transitSlots } = this.view.settings;
    const used = this.servers.reduce((sum, { turn, wire }) => sum + turn.state.stream.transit.size + wire.length, 0);
    return transitSlots * this.servers.length - used;
  }

  get events(): readonly Event[] {
    return this.servers.flatMap((server, at): Event[] => [
      ...(server.wire.length > 0 ? [() => this.deliver(at)] : []),
      ...(server.credits > 0 ? [() => this.credit(at)] : []),
      ...(server.undrained > server.wire.length ? [() => this.drain(at)] : []),
    ]);
  }

  private idOf(at: number): string {
    return this.view.ring[at % this.servers.length]?.id as string;
  }

  private serverAt(at: number): Server {
    return this.servers[(at + this.servers.length) % this.servers.length] as Server;
  }

  private deliver(at: number): void {
    const frame = this.serverAt(at).wire.shift() as DataFrame;
    const { turn } = this.serverAt(at + 1);
    if (frame.lastStop === turn.state.self) {
      this.arrived++;
      giveCredit(turn);
    } else {
      pass(turn, frame, 'transit');
    }
    this.carryOut(at + 1);
  }

  private credit(at: number): void {
    const server = this.serverAt(at);
    server.credits--;
    onCredit(server.turn, 1, 1);
    this.carryOut(at);
  }

  private drain(at: number): void {
    const server = this.serverAt(at);
    server.undrained--;
    onDrained(server.turn, OUTBOUND, 1);
    this.carryOut(at);
  }

  private carryOut(at: number): void {
    const server = this.serverAt(at);
    assertInvariants(server.turn.state);
    for (const output of server.turn.outputs.splice(0)) {
      if (output.kind === 'send') this.send(at, output.link, output.frame);
    }
  }

  private send(at: number, link: number, frame: Frame): void {
    if (frame.kind === 'credit' && link === INBOUND) this.serverAt(at - 1).credits += frame.count;
    if (frame.kind !== 'abandon' || link !== OUTBOUND) return;
    this.serverAt(at).wire.push(frame);
    this.serverAt(at).undrained++;
  }
}
