/**
 * The port of the store: what a server finds on its disk when it starts. The store verifies checksums and says what is
 * sound; what to make of it is decided in chain/recovery.ts.
 */
import type { FileRecord, LogEntry, Outcome } from './file.js';
import {
  compareEntryIds,
  type EntryId,
  type Epoch,
  type Incarnation,
  type OperationId,
  type ShardId,
  type UploadId,
} from './ids.js';
import type { Ranges } from './ranges.js';
import type { SortedMap } from './sorted-map.js';

/** Whose disk it is. Of epoch 0: of nobody yet, a server was about to found this cluster and may not have come to it. */
export interface StoreIdentity {
  readonly clusterId: string;
  /** Names the store: made once, when it was empty. */
  readonly store: string;
  /**
   * The last life that was a member with this store, and the last epoch it installed. Durable before that life says what it
   * has of lost shards, or that it has caught up: whoever is lost as a life that its disk does not know has another disk.
   */
  readonly incarnation: Incarnation;
  readonly epoch: Epoch;
  /** The first life that was a member with it and has left here what it had: an older one's files were never here, or are gone. */
  readonly since: Incarnation;
}

export interface RememberedOutcome {
  readonly outcome: Outcome;
  readonly fingerprint: string;
}

/** One shard's tables as of one entry: written as a whole, it replaces everything of the shard before it. */
export interface Base {
  readonly at: EntryId;
  readonly files: SortedMap<string, FileRecord>;
  readonly outcomes: SortedMap<OperationId, RememberedOutcome>;
  /** Operation ids up to this one may have been forgotten. */
  readonly floor: OperationId;
}

export interface RecoveredEntry {
  readonly entry: LogEntry;
  /** Its record is whole and its checksum right. */
  readonly sound: boolean;
  /** It was written after the store had refused a chunk of it: nobody was told that it is durable. */
  readonly hollow: boolean;
}

export interface RecoveredShard {
  readonly shard: ShardId;
  readonly base: Base | undefined;
  /** The base's record is whole and its checksum right. */
  readonly baseSound: boolean;
  /** Records behind the base, in the order of writing. */
  readonly entries: readonly RecoveredEntry[];
  /** Written before the machine's present boot, and not synced: acknowledged entries may be missing at the end. */
  readonly suspect: boolean;
}

/** What a store knows of a record of its log. */
export interface JudgedRecord {
  readonly id: EntryId;
  readonly sound: boolean;
  readonly hollow: boolean;
}

/**
 * The records of a log that count: those in line behind `base`, up to the first that is not sound, or before which one is
 * missing, and of these none of an entry that is hollow, or follows one. What was written behind that is not trusted (hazard
 * 7), and no store tells a later life of it: it would stand in the way of what is written then. What stands behind a hollow
 * record because it was written once more counts: it may be acknowledged.
 * @param entryOf is asked of all records where one is hollow, and of none elsewhere; undefined: it cannot be read
 */
export function trustedOf<R extends JudgedRecord>(
  base: number,
  records: readonly R[],
  entryOf: (record: R) => LogEntry | undefined,
): readonly R[] {
  const inLine = records.slice(0, countInLine(base, records));
  if (!inLine.some(({ hollow }) => hollow)) return inLine;
  const entries = inLine.map(entryOf);
  let end = Number.POSITIVE_INFINITY;
  for (;;) {
    const first = inLine.findIndex(({ id, hollow }, at) => {
      // The tables have their bytes for good.
      return hollow && id.sequence > base && id.sequence < end && !isMadeUpFor(inLine, entries, at, end);
    });
    if (first < 0) break;
    // What takes the place of a hollow one may not count itself.
    end = (inLine[first] as R).id.sequence;
  }
  return inLine.filter(({ id }) => id.sequence < end);
}

function countInLine(base: number, records: readonly JudgedRecord[]): number {
  let last = base;
  for (const [at, { id, sound }] of records.entries()) {
    if (!sound || id.sequence > last + 1) return at;
    // One that is there twice is in line.
    last = Math.max(last, id.sequence);
  }
  return records.length;
}

/** An entry counts if it was written once more behind its chunks, or if one that counts has taken its file's place. */
function isMadeUpFor(
  records: readonly JudgedRecord[],
  entries: readonly (LogEntry | undefined)[],
  at: number,
  end: number,
): boolean {
  const { id } = records[at] as JudgedRecord;
  for (let later = at + 1; later < records.length; later++) {
    const record = records[later] as JudgedRecord;
    const { sequence } = record.id;
    if (compareEntryIds(record.id, id) === 0 && !record.hollow) return true;
    // An earlier entry that was written once more takes nobody's place.
    if (sequence <= id.sequence || sequence >= end) continue;
    if (entries[later]?.proposal.path === entries[at]?.proposal.path && replaces(entries[later])) return true;
  }
  return false;
}

const replaces = (entry: LogEntry | undefined): boolean =>
  entry !== undefined && entry.outcome.result !== 'precondition-failed';

/**
 * The same of a shard as it was recovered. Where the base is rotten nothing counts, not even entries from the first one on: a
 * store voids all of it, and what a life wrote behind them would be missing in the next.
 */
export function trustedRecords({
  base,
  baseSound,
  entries,
}: Pick<RecoveredShard, 'base' | 'baseSound' | 'entries'>): readonly RecoveredEntry[] {
  if (!baseSound) return [];
  const records = entries.map((one) => ({ id: one.entry.id, sound: one.sound, hollow: one.hollow, one }));
  return trustedOf(base?.at.sequence ?? 0, records, ({ one }) => one.entry).map(({ one }) => one);
}

export interface RecoveredUpload {
  readonly upload: UploadId;
  readonly shard: ShardId;
  /** Chunks that are there. Their bytes are verified when they are read. */
  readonly chunks: Ranges;
}

/** Everything on the disk; identity undefined: the store is empty. */
export interface Recovered {
  readonly identity: StoreIdentity | undefined;
  /** What lives up to this one wrote may be gone without a trace: shards that are not named below are suspect, too. */
  readonly suspectUpTo: Incarnation;
  readonly shards: readonly RecoveredShard[];
  readonly uploads: readonly RecoveredUpload[];
}

export const NOTHING_RECOVERED: Recovered = { identity: undefined, suspectUpTo: 0, shards: [], uploads: [] };

/** What one life hands to the next within a process; the driver only carries it. */
export interface Carry {
  /** Times it lost its place in the ring, one shortly after the other, and when last, ms since 1970. */
  readonly removals: number;
  readonly removedAtMs: number;
}
