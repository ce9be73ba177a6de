/**
 * Invariant: a successor's log is a prefix of its predecessor's, entry by entry, and what is committed is the same
 * everywhere. Looks at each entry once, when a successor appends it: its predecessor must hold it in the same place, and
 * durably.
 */
import { compareEntryIds, type Incarnation, type MemberId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import { chainOf } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { entryText, type LogBook, sameEntry } from './log-book.js';
import type { ViewBook } from './view-book.js';

export class ChainPrefix implements Checker {
  readonly name = 'chain-prefix';
  readonly #found: Findings;

  constructor(
    private readonly views: ViewBook,
    private readonly logs: LogBook,
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  fact(server: MemberId, incarnation: Incarnation, fact: Fact): void {
    if (fact.fact !== 'appended') return;
    const view = this.views.view(this.views.epochOf(server, incarnation));
    if (view === undefined) return;
    const { members } = chainOf(view, fact.shard);
    const place = members.indexOf(server);
    const predecessor = place > 0 ? members[place - 1] : undefined;
    const position = predecessor === undefined ? undefined : view.positions.get(predecessor);
    if (predecessor === undefined || position === undefined) return;
    this.#compare(server, incarnation, predecessor, view.ring[position]?.incarnation ?? 0, fact);
  }

  finish(_world: World): readonly Violation[] {
    for (const contradiction of this.logs.contradictions) this.#found.add(contradiction);
    return this.#found.all();
  }

  #compare(
    server: MemberId,
    incarnation: Incarnation,
    predecessor: MemberId,
    predecessorIncarnation: Incarnation,
    { shard, entry }: Extract<Fact, { fact: 'appended' }>,
  ): void {
    const own = this.logs.log(server, incarnation, shard);
    const theirs = this.logs.log(predecessor, predecessorIncarnation, shard);
    const what = () => `${server} appended ${entryText(entry)} in shard ${shard}`;
    const twin = theirs?.at(entry.id);
    if (theirs === undefined || twin === undefined) {
      this.#found.add(`${what()}, which ${predecessor} does not hold`);
      return;
    }
    if (!sameEntry(entry, twin)) {
      this.#found.add(`${what()}, where ${predecessor} holds ${entryText(twin)}`);
      return;
    }
    const before = own?.entries[(own.placeOf(entry.id) ?? 0) - 1];
    const theirBefore = theirs.entries[(theirs.placeOf(entry.id) ?? 0) - 1];
    const follows = before === undefined ? theirBefore === undefined : theirBefore && sameEntry(before, theirBefore);
    if (!follows) {
      const texts = [before, theirBefore].map((entry) => (entry === undefined ? 'nothing' : entryText(entry)));
      this.#found.add(`${what()} after ${texts[0]}, but at ${predecessor} it comes after ${texts[1]}`);
    }
    if (compareEntryIds(theirs.persisted, entry.id) < 0) {
      this.#found.add(`${what()} before it was durable at ${predecessor}`);
    }
  }
}
