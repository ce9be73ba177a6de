/**
 * What a crash takes from a disk: changes are undone from the last one backwards. The writes that are lost are a suffix
 * of all writes, for they go into one log. Chunks go into it, too: under `fsync` recovery cuts it where the first of them is
 * missing, so that no write outlives a chunk before it; else what is behind that is kept, and chunks are lost one by one.
 */
import type { LogEntry } from '../../../core/file.js';
import type { ShardId } from '../../../core/ids.js';
import type { RandomStream } from '../../world-api.js';
import type { Contents, ShardRecords } from './contents.js';
import { type Change, isWrite, type Write } from './journal.js';

/** What is left of changes that were not safe. */
export interface Survival {
  /** So many writes, and of the one behind them, if it is a persist, so many entries. */
  readonly writes: number;
  readonly entries: number;
  /** The record behind those entries is there in part. */
  readonly isTorn: boolean;
  /** Whether this chunk is lost, behind the last write that is not. */
  readonly losesChunk: () => boolean;
  /** So may those before it. */
  readonly losesAnyChunk: boolean;
  /** The newest base of each shard is there, but not in its place. */
  readonly losesRename: boolean;
}

const never = (): boolean => false;

/** No write survives; chunks do. */
export const NO_WRITE: Survival = {
  ...{ writes: 0, entries: 0, isTorn: false, losesChunk: never, losesAnyChunk: false, losesRename: false },
};

const entriesOf = (write: Write | undefined): number => (write?.kind === 'persist' ? write.entries.length : 0);

/** Some of the writes under way were done when the process died, though nobody was told; chunks are all there. */
export function drawWritten(changes: readonly Change[], random: RandomStream): Survival {
  const writes = changes.filter(isWrite);
  if (writes.length === 0) return NO_WRITE;
  const kept = random.int(0, writes.length);
  const length = entriesOf(writes[kept]);
  return { ...NO_WRITE, writes: kept, entries: length > 0 ? random.int(0, length - 1) : 0 };
}

export interface PowerTroubles {
  readonly isTorn: boolean;
  readonly losesAll: boolean;
  readonly losesRename: boolean;
}

/** Some of what was not synced is there after a loss of power. @param isCut recovery cuts where something is missing */
export function drawSynced(
  changes: readonly Change[],
  troubles: PowerTroubles,
  isCut: boolean,
  random: RandomStream,
): Survival {
  const { isTorn, losesAll, losesRename } = troubles;
  const chunks = { losesChunk: () => losesAll || random.int(0, 1) === 0, losesAnyChunk: !isCut };
  if (losesAll) return { writes: 0, entries: 0, isTorn, ...chunks, losesRename };
  const writes = changes.filter(isWrite);
  const places = writes.flatMap(({ kind }, place) => (kind === 'persist' ? [place] : []));
  const tears = isTorn && places.length > 0;
  const kept = tears ? (places[random.int(0, places.length - 1)] as number) : random.int(0, writes.length);
  const length = entriesOf(writes[kept]);
  const entries = length > 0 ? random.int(0, length - 1) : 0;
  return { writes: kept, entries, isTorn: tears, ...chunks, losesRename };
}

/** Undoes what does not survive. @returns what does, in order. */
export function undo(contents: Contents, changes: readonly Change[], survival: Survival): readonly Change[] {
  const survivors: Change[] = [];
  const renamed = new Set<ShardId>();
  let writes = 0;
  for (const change of changes) if (isWrite(change)) writes++;
  const isOutlived = (): boolean => writes < survival.writes + (survival.entries > 0 ? 1 : 0);
  for (let i = changes.length - 1; i >= 0; i--) {
    const change = changes[i] as Change;
    if (!isWrite(change)) {
      const isSafe = !survival.losesAnyChunk && isOutlived();
      if (!isSafe && survival.losesChunk()) contents.eraseChunk(change);
      else survivors.push(change);
    } else if (--writes < survival.writes) {
      if (survival.losesRename && change.kind === 'base') loseRename(contents, change, renamed);
      survivors.push(change);
    } else {
      takeBack(contents, change);
      const part = writes === survival.writes ? partOf(contents, change, survival) : undefined;
      if (part !== undefined) survivors.push(part);
    }
  }
  return survivors.reverse();
}

/** Takes back a write; all behind it are taken back already. */
function takeBack(contents: Contents, write: Write): void {
  switch (write.kind) {
    case 'persist': {
      const entries = contents.shards.get(write.shard)?.entries;
      if (entries !== undefined) entries.length -= write.entries.length;
      return;
    }
    case 'base':
    case 'forget':
      putBack(contents, write.shard, write.before);
      return;
    case 'identity':
      contents.identity = write.before;
      return;
    case 'drop': {
      const { shard, chunks } = write.before;
      const later = contents.uploads.get(write.upload)?.chunks ?? [];
      const merged = Array.from({ length: Math.max(chunks.length, later.length) }, (_, i) => later[i] ?? chunks[i]);
      contents.uploads.set(write.upload, { shard, chunks: merged });
      return;
    }
  }
}

function putBack(contents: Contents, shard: ShardId, before: ShardRecords | undefined): void {
  if (before === undefined) contents.shards.delete(shard);
  else contents.shards.set(shard, { base: before.base, entries: [...before.entries] });
}

/** The entries of the last persist that were written, and perhaps one that is torn. */
function partOf(contents: Contents, write: Write, { entries, isTorn }: Survival): Write | undefined {
  if (write.kind !== 'persist') return undefined;
  const whole = write.entries.slice(0, entries);
  if (whole.length > 0) contents.addEntries(write.shard, whole);
  if (isTorn) contents.addBadEntry(write.shard, write.entries[entries] as LogEntry);
  const kept = isTorn ? write.entries.slice(0, entries + 1) : whole;
  return kept.length > 0 ? { ...write, entries: kept } : undefined;
}

/** The base before it is the one in place, with all records since that one. */
function loseRename(contents: Contents, { shard, base, before }: Write & { kind: 'base' }, seen: Set<ShardId>): void {
  const records = contents.shards.get(shard);
  if (seen.has(shard) || records === undefined || records.base !== base) return;
  seen.add(shard);
  contents.shards.set(shard, { base: before?.base, entries: [...(before?.entries ?? []), ...records.entries] });
}
