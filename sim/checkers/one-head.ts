/**
 * Invariant: in one epoch one server, the head of the shard's chain in that epoch's view, orders; and an identity is
 * given once.
 */
import type { Incarnation, MemberId, ShardId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import { headOf, isMember } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { entryText } from './log-book.js';
import type { ViewBook } from './view-book.js';

interface Reign {
  readonly server: MemberId;
  readonly incarnation: Incarnation;
  lastSequence: number;
}

export class OneHead implements Checker {
  readonly name = 'one-head';
  readonly #found: Findings;
  /** Epoch → shard → who orders. */
  readonly #reigns = new Map<number, Map<ShardId, Reign>>();

  constructor(
    private readonly views: ViewBook,
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  fact(server: MemberId, incarnation: Incarnation, fact: Fact): void {
    if (fact.fact !== 'ordered') return;
    const { shard, entry } = fact;
    const { epoch, sequence } = entry.id;
    const what = () => `${server} ordered ${entryText(entry)} in shard ${shard}`;
    const view = this.views.view(epoch);
    if (view === undefined) {
      this.#found.add(`${what()} in an epoch that the register never held`);
      return;
    }
    if (headOf(view, shard) !== server) {
      this.#found.add(`${what()}, but the head in epoch ${epoch} is ${headOf(view, shard) ?? 'nobody'}`);
    } else if (!isMember(view, server, incarnation)) {
      this.#found.add(`${what()} in life ${incarnation}, but the head in epoch ${epoch} lives another one`);
    }
    let reigns = this.#reigns.get(epoch);
    if (reigns === undefined) {
      reigns = new Map();
      this.#reigns.set(epoch, reigns);
    }
    const reign = reigns.get(shard);
    if (reign === undefined) {
      reigns.set(shard, { server, incarnation, lastSequence: sequence });
      return;
    }
    if (reign.server !== server || reign.incarnation !== incarnation) {
      this.#found.add(`${what()}, but ${reign.server} (life ${reign.incarnation}) orders in epoch ${epoch}`);
    }
    if (sequence <= reign.lastSequence) this.#found.add(`${what()} after it had given sequence ${reign.lastSequence}`);
    reign.lastSequence = Math.max(reign.lastSequence, sequence);
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }
}
