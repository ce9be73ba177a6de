/**
 * One server's log of one shard in one life, as far as it is known: a base that stands for all before it (a snapshot it
 * was taught, a log it recovered), and the entries that it told of since. Judges nothing.
 */
import type { LogEntry } from '../../core/file.js';
import { compareEntryIds, type EntryId, type Epoch, NO_ENTRY } from '../../core/ids.js';
import type { ShardState } from '../../core/state.js';

export class ToldLog {
  /** By sequence; none up to the base. */
  readonly #entries = new Map<number, LogEntry>();
  /** What stands up to here is known by the committed log only. */
  base: EntryId = NO_ENTRY;
  persisted: EntryId = NO_ENTRY;
  /** Sequence up to which this log is known to be committed. */
  committedTo = 0;
  /** With which it began. */
  #lesson: { readonly epoch: Epoch; readonly before: ToldLog | undefined } | undefined;

  /** What a server holds already when it first tells of a shard. @param before entries from this sequence on it will tell. */
  static of(shard: ShardState | undefined, before = Number.POSITIVE_INFINITY): ToldLog {
    const told = new ToldLog();
    if (shard === undefined) return told;
    told.base = shard.committed;
    told.persisted = shard.log.get(shard.durable)?.id ?? shard.committed;
    told.committedTo = shard.committed.sequence;
    for (const [sequence, entry] of shard.log.entries()) if (sequence < before) told.add(entry);
    return told;
  }

  /**
   * What it holds after a lesson: a snapshot replaced everything, or its own log was found to be a prefix.
   * @param epoch of the lesson @param before what it held until then
   */
  static taught(shard: ShardState | undefined, upTo: EntryId, epoch: Epoch, before: ToldLog | undefined): ToldLog {
    const told = ToldLog.of(shard);
    told.#lesson = { epoch, before };
    if (told.at(upTo.sequence) === undefined && compareEntryIds(told.base, upTo) < 0) {
      told.base = upTo;
      told.committedTo = upTo.sequence;
    }
    told.persistedTo(upTo);
    return told;
  }

  /**
   * What its server sent to others as a member in this epoch, who may hear of it much later. Whoever is a member learns
   * nothing: a lesson of this epoch or a later one has not changed that.
   */
  asOf(epoch: Epoch): ToldLog {
    let log: ToldLog = this;
    while (log.#lesson?.before !== undefined && log.#lesson.epoch >= epoch) log = log.#lesson.before;
    return log;
  }

  add(entry: LogEntry): void {
    if (entry.id.sequence > this.base.sequence) this.#entries.set(entry.id.sequence, entry);
  }

  at(sequence: number): LogEntry | undefined {
    return this.#entries.get(sequence);
  }

  persistedTo(upTo: EntryId): void {
    if (compareEntryIds(upTo, this.persisted) > 0) this.persisted = upTo;
  }
}
