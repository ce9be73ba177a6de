/**
 * The port of the store: what a server finds on its disk when it starts. The store verifies checksums and says what is
 * sound; what to make of it is decided in chain/recovery.ts.
 */
import type { FileRecord, LogEntry, Outcome } from './file.js';
import type { EntryId, Epoch, Incarnation, OperationId, ShardId, UploadId } from './ids.js';
import type { Ranges } from './ranges.js';
import type { SortedMap } from './sorted-map.js';

/** Whose disk it is. Of epoch 0: of nobody yet, a server was about to found this cluster and may not have come to it. */
export interface StoreIdentity {
  readonly clusterId: string;
  /** Names the store: made once, when it was empty. */
  readonly store: string;
  /** The last life that was a member with this store, and the last epoch it installed. */
  readonly incarnation: Incarnation;
  readonly epoch: Epoch;
  /** The first life that was a member with it: an older one's files were never here, or are gone. */
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

/**
 * How many records of a log count: those in line behind `base`, up to the first that is not sound, or before which one is
 * missing. What was written behind that is not trusted (hazard 7), and no store tells a later life of it: it would stand in
 * the way of what is written then.
 */
export function trustedCount(
  base: number,
  records: readonly { readonly id: EntryId; readonly sound: boolean }[],
): number {
  let last = base;
  for (const [count, { id, sound }] of records.entries()) {
    if (!sound || id.sequence > last + 1) return count;
    // One that is there twice is in line.
    last = Math.max(last, id.sequence);
  }
  return records.length;
}

/**
 * The same of a shard as it was recovered. Where the base is rotten nothing counts, not even entries from the first one on: a
 * store voids all of it, and what a life wrote behind them would be missing in the next.
 */
export function trustedRecords({ base, baseSound, entries }: Pick<RecoveredShard, 'base' | 'baseSound' | 'entries'>) {
  if (!baseSound) return [];
  const records = entries.map(({ entry: { id }, sound }) => ({ id, sound }));
  return entries.slice(0, trustedCount(base?.at.sequence ?? 0, records));
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
