/**
 * Invariant: every queue and table of a server keeps to its named limit. The transit buffer is looked at after every
 * step, the rest after every so many steps and at the end.
 */
import type { Incarnation, MemberId } from '../../core/ids.js';
import type { Input } from '../../core/input.js';
import { OVERSENT, UNANNOUNCED } from '../../core/membership/links.js';
import type { Fact } from '../../core/output.js';
import { STRANGER, WRONG_SHARD } from '../../core/plausibility.js';
import type { NodeState } from '../../core/state.js';
import type { Violation } from '../run-result.js';
import type { ServerHandle, World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';

/** Steps between two looks at all the tables of the server that steps. */
const SAMPLE_STEPS = 256;

type Bound = readonly [name: string, size: (state: NodeState) => number, limit: (state: NodeState) => number];

const BOUNDS: readonly Bound[] = [
  ['frames on the wire (wireFramesMax)', (s) => s.stream.onWire, (s) => s.limits.wireFramesMax],
  ['links (linksMax)', (s) => s.links.table.size, (s) => s.limits.linksMax],
  ['dials under way (probesMax, and the predecessor)', (s) => s.links.dialling.size, (s) => s.limits.probesMax + 1],
  [
    'client operations (operationsMax)',
    (s) => s.requests.size + s.reads.readers.size + s.reads.listers.size,
    (s) => s.limits.operationsMax,
  ],
  [
    'boardings, waiting or sent (boardingsMax each)',
    (s) => s.carousel.boardings.size,
    (s) => 2 * s.limits.boardingsMax,
  ],
  ['chunk reads (boardingReadsMax)', (s) => s.carousel.reading.size, (s) => s.limits.boardingReadsMax],
  ['small files kept for readers (keptFilesMax)', (s) => s.reads.kept.size, (s) => s.limits.keptFilesMax],
  ['rides on shuttles (operationsMax)', (s) => s.reads.rides.size, (s) => s.limits.operationsMax],
  ['shards of which commits are counted', (s) => s.reads.commits.size, (s) => s.view.chains.length],
  ['files with heat (hotFilesMax)', (s) => s.carousel.heat.size, (s) => s.limits.hotFilesMax],
  ['shards to be caught up for (learningMax)', shardsLearned, (s) => s.limits.learningMax],
  ['full disks (servers known)', (s) => s.fullDisks.size, (s) => knownServers(s)],
  ['things at the coordinator', (s) => largestTable(s.coordination), (s) => coordinationMax(s)],
  ['things about coming, planning and leaving', (s) => largestTable(s.membership), (s) => coordinationMax(s)],
];

/** More servers than the ring has may want to come in, and several calls be under way for each. */
const COORDINATION_SPARE = 64;

const knownServers = ({ view }: NodeState): number => view.ring.length + COORDINATION_SPARE;
const coordinationMax = (state: NodeState): number => 2 * knownServers(state) + state.view.chains.length;

function shardsLearned({ shards }: NodeState): number {
  let count = 0;
  for (const { learning } of shards.values()) if (learning !== undefined) count += 1;
  return count;
}

/** Of whatever tables and lists a part of the state has. */
function largestTable(part: object): number {
  let largest = 0;
  for (const value of Object.values(part) as unknown[]) {
    if (typeof value !== 'object' || value === null) continue;
    const { size, length } = value as { readonly size?: unknown; readonly length?: unknown };
    for (const count of [size, length]) if (typeof count === 'number') largest = Math.max(largest, count);
  }
  return largest;
}

const DISHONEST: readonly string[] = [OVERSENT, UNANNOUNCED, WRONG_SHARD, STRANGER];

export class Bounded implements Checker {
  readonly name = 'bounded';
  readonly #found: Findings;
  #steps = 0;

  constructor(nowUs: () => number) {
    this.#found = new Findings(this.name, nowUs);
  }

  /** Everybody here is honest: whoever sends more than it has credits for, or what cannot be, is broken. */
  fact(server: MemberId, _incarnation: Incarnation, fact: Fact): void {
    if (fact.fact === 'link-refused' && DISHONEST.includes(fact.why)) {
      this.#found.add(`${server} refuses a link: ${fact.why}`);
    }
  }

  stepped(server: ServerHandle, _input: Input): void {
    const { stream, view } = server.state;
    if (stream.transit.size > view.settings.transitSlots) {
      this.#exceeded(server, 'frames in transit (transitSlots)', stream.transit.size, view.settings.transitSlots);
    }
    if (stream.credits < 0) this.#found.add(`${server.id} spent a credit that it did not have`);
    this.#steps += 1;
    if (this.#steps % SAMPLE_STEPS === 0) this.#look(server);
  }

  finish(world: World): readonly Violation[] {
    for (const server of world.servers.values()) if (server.process !== 'down') this.#look(server);
    return this.#found.all();
  }

  #look(server: ServerHandle): void {
    const { state } = server;
    const { limits } = state;
    for (const [name, size, limit] of BOUNDS) {
      if (size(state) > limit(state)) this.#exceeded(server, name, size(state), limit(state));
    }
    for (const [shard, { log, outcomes, refused, history }] of state.shards.entries()) {
      const where = `of shard ${shard}`;
      if (log.size > limits.logEntriesMax) {
        this.#exceeded(server, `uncommitted entries ${where} (logEntriesMax)`, log.size, limits.logEntriesMax);
      }
      if (outcomes.size > limits.outcomesMax) {
        this.#exceeded(server, `outcomes ${where} (outcomesMax)`, outcomes.size, limits.outcomesMax);
      }
      if (history.size > limits.historyEntriesMax) {
        this.#exceeded(
          server,
          `entries for learners ${where} (historyEntriesMax)`,
          history.size,
          limits.historyEntriesMax,
        );
      }
      if (refused.size > limits.refusalsMax) {
        this.#exceeded(server, `refusals ${where} (refusalsMax)`, refused.size, limits.refusalsMax);
      }
    }
    const windowMax = 2 * limits.uploadWindowChunks;
    for (const { window, upload } of state.operations.values()) {
      if (window.size > windowMax) this.#exceeded(server, `chunks in the window of ${upload}`, window.size, windowMax);
    }
    let caughtChunks = 0;
    for (const { caught } of state.reads.readings.values()) caughtChunks += caught.size;
    const caughtMax = limits.catchAheadChunks + state.reads.readers.size * limits.readWindowChunks;
    if (caughtChunks > caughtMax) this.#exceeded(server, 'chunks caught (catchAheadChunks)', caughtChunks, caughtMax);
  }

  #exceeded({ id }: ServerHandle, what: string, size: number, limit: number): void {
    this.#found.add(`${id} keeps ${size} ${what}, at most ${limit} are allowed`);
  }
}
