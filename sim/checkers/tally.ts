/**
 * Counts what happened in a run: the figures of the report, and what the checker not-vacuous asks for. Judges nothing.
 */
import type { Fact } from '../../core/output.js';
import type { View } from '../../core/view/view.js';
import type { OperationRecord } from '../clients/operation.js';
import type { Figures } from '../run-result.js';
import type { World } from '../world-api.js';
import type { Watcher } from './checker.js';
import type { LinkLedger } from './link-ledger.js';
import { RingHistory } from './ring-history.js';

/** Faults that should make the ring close up. */
const WOUNDING: ReadonlySet<string> = new Set([
  'crash',
  'power-loss',
  'reboot',
  'pause',
  'freeze',
  'split',
  'isolate',
  'silence',
  'hold',
  'remove',
]);

export class Tally implements Watcher {
  done = 0;
  refused = 0;
  unknown = 0;
  readonly facts = new Map<Fact['fact'], number>();
  readonly faults = new Map<string, number>();
  /** Length of the longest file that a get read from, bytes. */
  largestRead = 0;
  #bytesStored = 0;
  #bytesRead = 0;
  #woundedUs: number | undefined;
  #healing: { readonly view: View; readonly sinceUs: number; readonly missing: Set<string> } | undefined;
  #longestHealUs: number | undefined;
  /** Bytes on each pair when the first get was called. */
  #before: ReadonlyMap<object, number> | undefined;

  constructor(
    private readonly world: World,
    private readonly ledger: LinkLedger,
    private readonly ring = new RingHistory(world.view),
  ) {}

  fact(server: string, _incarnation: number, fact: Fact): void {
    this.facts.set(fact.fact, (this.facts.get(fact.fact) ?? 0) + 1);
    if (fact.fact === 'view-installed') this.#installed(server, fact.epoch);
  }

  viewWritten(view: View): void {
    const sinceUs = this.#healing?.sinceUs ?? this.#woundedUs;
    this.#woundedUs = undefined;
    if (sinceUs !== undefined) this.#healing = { view, sinceUs, missing: new Set(view.ring.map(({ id }) => id)) };
  }

  operationCalled({ order }: OperationRecord): void {
    if (order.action.kind !== 'get' || this.#before !== undefined) return;
    this.#before = new Map(this.ledger.pairs.map((pair) => [pair, pair.deliveredBytes]));
  }

  operationEnded({ answer, content, order }: OperationRecord): void {
    if (answer === undefined || answer.result === 'abandoned' || order.purpose === 'audit') return;
    if (answer.result === 'refused') this.refused += 1;
    else if (answer.result === 'unknown') this.unknown += 1;
    else this.done += 1;
    if (answer.result === 'done' && answer.outcome.result === 'stored') this.#bytesStored += content?.length ?? 0;
    if (answer.result !== 'delivered') return;
    this.#bytesRead += answer.bytes;
    this.largestRead = Math.max(this.largestRead, answer.manifest.length);
  }

  /** @param servers so many; of a fault that strikes none of them (a link, the coordinator), one. */
  struck(kind: string, servers = 1): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + servers);
    if (WOUNDING.has(kind)) this.#woundedUs = this.world.nowUs;
  }

  /** What each link carried since the first get was called. */
  carried(): readonly { readonly link: string; readonly bytes: number }[] {
    return this.ledger.pairs.map((pair) => ({
      link: `${pair.from} > ${pair.to}`,
      bytes: pair.deliveredBytes - (this.#before?.get(pair) ?? 0),
    }));
  }

  /** @param losses acknowledged writes lost where they may be. */
  figures(losses = 0): Figures {
    return {
      done: this.done,
      refused: this.refused,
      unknown: this.unknown,
      bytesStored: this.#bytesStored,
      bytesRead: this.#bytesRead,
      bytesOnLinks: this.ledger.pairs.reduce((sum, pair) => sum + pair.deliveredBytes, 0),
      epochs: this.world.view.epoch,
      longestHealUs: this.#longestHealUs,
      promoted: this.ring.promoted,
      shardsLost: this.ring.shardsLost,
      shardsRevived: this.ring.shardsRevived,
      restarts: this.ring.restarts,
      losses,
      faults: inOrder(this.faults),
      facts: inOrder(this.facts),
    };
  }

  #installed(server: string, epoch: number): void {
    const healing = this.#healing;
    if (healing === undefined || epoch < healing.view.epoch) return;
    healing.missing.delete(server);
    for (const id of healing.missing) {
      if (this.world.servers.get(id)?.process !== 'down') return;
    }
    this.#healing = undefined;
    const healUs = this.world.nowUs - healing.sinceUs;
    this.#longestHealUs = Math.max(this.#longestHealUs ?? 0, healUs);
  }
}

/** By name, so that two runs print alike. */
function inOrder(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
