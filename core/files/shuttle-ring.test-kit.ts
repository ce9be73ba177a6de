// A ring of servers that do nothing but read, joined by wires that deliver whenever the test says so. Every server keeps the
// only shard, so a reader needs a revolution and no stamp.
import type { Shuttle } from '../frame.js';
import type { RequestId } from '../ids.js';
import { initialState, NO_LINKS } from '../state.js';
import type { Turn } from '../turn.js';
import { makeView } from '../view/view.js';
import { membersOf, smallSettings } from '../view/views.test-kit.js';
import { changeReads } from './readers.js';
import { onShuttle, queueReader, setOff } from './shuttles.js';

const OUTBOUND = 2;

interface Server {
  readonly turn: Turn;
  /** On the link to the next server. */
  readonly wire: Shuttle[];
  /** Reader → the move in which it asked. */
  readonly asked: Map<RequestId, number>;
}

const keyOf = ({ origin, number }: Shuttle): string => `${origin}/${number}`;

export class ShuttleRing {
  hops = 0;
  answers = 0;
  /** Readers that were answered before their shuttle had been at every other server. */
  readonly early: RequestId[] = [];
  private moves = 0;
  private readonly servers: readonly Server[];
  /** Shuttle → server → the move in which it was there last. */
  private readonly visits = new Map<string, Map<number, number>>();

  constructor(size: number) {
    const ring = membersOf(size);
    const settings = { ...smallSettings, shards: 1 };
    const chains = [{ members: ring.map(({ id }) => id), learners: [], lost: [] }];
    const view = makeView({ epoch: 1, clusterId: 'test', settings, ring, chains });
    this.servers = ring.map(({ id, incarnation, address }) => {
      const born = initialState({ id, incarnation, address, clusterId: 'test', seed: 0, limits: {} });
      const links = { ...NO_LINKS, inbound: 1, outbound: OUTBOUND };
      const state = { ...born, status: 'member' as const, view, links };
      const turn: Turn = { now: 0, state, outputs: [], launched: [], settled: 0, newView: undefined };
      return { turn, wire: [], asked: new Map() };
    });
  }

  get size(): number {
    return this.servers.length;
  }

  get underWay(): readonly Shuttle[] {
    return this.servers.flatMap(({ wire }) => wire);
  }

  /** Servers whose link has something to deliver. */
  get busy(): readonly number[] {
    return this.servers.flatMap(({ wire }, at) => (wire.length > 0 ? [at] : []));
  }

  readersAt(at: number): number {
    return this.serverAt(at).asked.size;
  }

  /** A reader of a file that is not there. */
  ask(at: number): void {
    const { turn, asked } = this.serverAt(at);
    const request = `r${this.moves++}`;
    asked.set(request, this.moves);
    const whole = { from: 0, to: undefined, next: 0, end: 0, upload: undefined, credits: 0, activeAtMs: 0 } as const;
    queueReader(turn, { request, kind: 'get', path: '/a', by: 'ride', ...whole });
    this.carryOut(at);
  }

  /** The oldest frame on the link from this server arrives. */
  deliver(from: number): void {
    const frame = this.serverAt(from).wire.shift() as Shuttle;
    const at = (from + 1) % this.size;
    this.moves++;
    this.hops++;
    onShuttle(this.serverAt(at).turn, frame);
    const visits = this.visits.get(keyOf(frame)) ?? new Map<number, number>();
    this.visits.set(keyOf(frame), visits.set(at, this.moves));
    this.carryOut(at, frame);
  }

  /** Takes its own shuttle for lost, wherever that is. */
  giveUp(at: number): void {
    const { turn } = this.serverAt(at);
    changeReads(turn, { ownShuttle: undefined });
  }

  private serverAt(at: number): Server {
    return this.servers[at] as Server;
  }

  private carryOut(at: number, frame?: Shuttle): void {
    const { turn, wire, asked } = this.serverAt(at);
    for (const launched of turn.launched.splice(0)) if (launched.kind === 'shuttle') setOff(turn, launched);
    for (const output of turn.outputs.splice(0)) {
      if (output.kind === 'send' && output.frame.kind === 'shuttle') wire.push(output.frame);
      if (output.kind !== 'answer') continue;
      this.answers++;
      if (frame === undefined || !this.hasBeenRound(at, frame, asked.get(output.request) as number)) {
        this.early.push(output.request);
      }
      asked.delete(output.request);
    }
  }

  private hasBeenRound(at: number, frame: Shuttle, sinceMove: number): boolean {
    const visits = this.visits.get(keyOf(frame));
    return this.servers.every((_, other) => other === at || (visits?.get(other) ?? 0) > sinceMove);
  }
}
