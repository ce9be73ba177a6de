/**
 * Invariant: a successor's log is a prefix of its predecessor's, entry by entry, and what is committed is the same
 * everywhere, and durable with every member. Looks at each entry once, when a successor appends it: its predecessor must
 * hold it in the same place, and durably, but where the syncs of a chain go on together. A learner's predecessor is the tail
 * that teaches it. What a server was taught as a whole, or recovered, is compared by what is committed in that place.
 * Each lives in its own epoch: who wakes in an old one is compared with what its predecessor held in that.
 */
import { compareEntryIds, type Incarnation, type MemberId, versionText } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import { chainOf, type Member, type View } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { entryText, type LogBook, sameEntry } from './log-book.js';
import type { ToldLog } from './told-log.js';
import type { ViewBook } from './view-book.js';

type Appended = Extract<Fact, { fact: 'appended' }>;
type Committed = Extract<Fact, { fact: 'committed' }>;

interface Predecessor {
  readonly id: MemberId;
  readonly log: ToldLog;
}

/** Whom this server has its entries from. */
function predecessorIn(view: View, shard: number, server: MemberId): MemberId | undefined {
  const { members, learners } = chainOf(view, shard);
  const place = members.indexOf(server);
  if (place > 0) return members[place - 1];
  return learners.includes(server) ? members[members.length - 1] : undefined;
}

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
    if (fact.fact !== 'appended' && fact.fact !== 'committed') return;
    const view = this.views.view(this.views.epochOf(server, incarnation));
    if (view === undefined) return;
    if (fact.fact === 'committed') {
      this.#isDurable(view, server, fact);
      return;
    }
    this.#follows(server, incarnation, fact);
    const id = predecessorIn(view, fact.shard, server);
    const position = id === undefined ? undefined : view.positions.get(id);
    if (id === undefined || position === undefined) return;
    const log = this.logs.log(id, view.ring[position]?.incarnation ?? 0, fact.shard)?.asOf(view.epoch);
    // A life that is over and never told of this shard: it cannot be asked.
    if (log === undefined) return;
    this.#compare(server, incarnation, { id, log }, fact);
    if (view.settings.durability !== 'fsync') this.#waited(server, { id, log }, fact);
  }

  finish(_world: World): readonly Violation[] {
    for (const contradiction of this.logs.contradictions) this.#found.add(contradiction);
    return this.#found.all();
  }

  /** No gaps: what stands before it is there. */
  #follows(server: MemberId, incarnation: Incarnation, { shard, entry }: Appended): void {
    const own = this.logs.log(server, incarnation, shard);
    const { sequence } = entry.id;
    if (own === undefined || sequence === 1 || sequence - 1 <= own.base.sequence) return;
    if (own.at(sequence - 1) !== undefined) return;
    this.#found.add(`${server} appended ${entryText(entry)} in shard ${shard}, and nothing stands before it`);
  }

  #compare(server: MemberId, incarnation: Incarnation, before: Predecessor, { shard, entry }: Appended): void {
    const { logs } = this;
    const { sequence } = entry.id;
    const what = () => `${server} appended ${entryText(entry)} in shard ${shard}`;
    const twin = logs.entryOf(before.log, shard, sequence);
    if (twin === undefined) {
      if (sequence > before.log.base.sequence) this.#found.add(`${what()}, which ${before.id} does not hold`);
      return;
    }
    if (!sameEntry(entry, twin)) {
      this.#found.add(`${what()}, where ${before.id} holds ${entryText(twin)}`);
      return;
    }
    const own = logs.log(server, incarnation, shard);
    const ours = own && logs.entryOf(own, shard, sequence - 1);
    const theirs = logs.entryOf(before.log, shard, sequence - 1);
    if (ours !== undefined && theirs !== undefined && !sameEntry(ours, theirs)) {
      this.#found.add(`${what()} after ${entryText(ours)}, but at ${before.id} it comes after ${entryText(theirs)}`);
    }
  }

  /** Where the syncs of a chain do not go on together: before it was passed on. */
  #waited(server: MemberId, before: Predecessor, { shard, entry }: Appended): void {
    if (compareEntryIds(before.log.persisted, entry.id) >= 0) return;
    this.#found.add(`${server} appended ${entryText(entry)} in shard ${shard} before it was durable at ${before.id}`);
  }

  /** What the tail commits. */
  #isDurable(view: View, server: MemberId, { shard, upTo }: Committed): void {
    const { members } = chainOf(view, shard);
    if (members[members.length - 1] !== server) return;
    for (const id of members) {
      const { incarnation } = view.ring[view.positions.get(id) as number] as Member;
      const log = this.logs.log(id, incarnation, shard)?.asOf(view.epoch);
      if (log === undefined || compareEntryIds(log.persisted, upTo) >= 0) continue;
      this.#found.add(`${server} committed shard ${shard} up to ${versionText(upTo)} before that was durable at ${id}`);
    }
  }
}
