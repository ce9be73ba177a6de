/**
 * What is on one disk: tables and log of each shard, chunks of uploads, an identity; all by reference, so that imaginary
 * terabytes stay cheap. Knows what is there, not what of it would outlive the machine: that is losses.ts.
 */
import type { Chunk, LogEntry } from '../../../core/file.js';
import type { ShardId, UploadId } from '../../../core/ids.js';
import { rangesOf } from '../../../core/ranges.js';
import {
  type Base,
  NOTHING_RECOVERED,
  type Recovered,
  type RecoveredShard,
  type RecoveredUpload,
  type StoreIdentity,
  trustedRecords,
} from '../../../core/store-port.js';

export interface ShardRecords {
  readonly base: Base | undefined;
  /** Behind the base, in the order of writing. */
  readonly entries: LogEntry[];
}

export interface StoredUpload {
  readonly shard: ShardId;
  readonly chunks: (Chunk | undefined)[];
}

export class Contents {
  identity: StoreIdentity | undefined;
  readonly shards = new Map<ShardId, ShardRecords>();
  readonly uploads = new Map<UploadId, StoredUpload>();
  /** The last life of which something may be gone without a trace. */
  suspectUpTo = 0;
  /** Shards at whose end something acknowledged may be missing. */
  readonly suspect = new Set<ShardId>();
  /** Their checksums are wrong. */
  readonly rottenChunks = new Set<Chunk>();
  readonly badEntries = new Set<LogEntry>();
  /** Records of entries that were written after a chunk of theirs was refused. */
  readonly hollowEntries = new Set<LogEntry>();

  addChunk(shard: ShardId, chunk: Chunk): void {
    const upload = this.uploads.get(chunk.upload);
    if (upload !== undefined) {
      upload.chunks[chunk.index] = chunk;
      return;
    }
    const chunks: (Chunk | undefined)[] = [];
    chunks[chunk.index] = chunk;
    this.uploads.set(chunk.upload, { shard, chunks });
  }

  /** @returns undefined if it is not there, or rotten. */
  soundChunk(upload: UploadId, index: number): Chunk | undefined {
    const chunk = this.uploads.get(upload)?.chunks[index];
    return chunk !== undefined && this.rottenChunks.size > 0 && this.rottenChunks.has(chunk) ? undefined : chunk;
  }

  eraseChunk({ upload, index }: Chunk): void {
    const chunks = this.uploads.get(upload)?.chunks;
    if (chunks === undefined) return;
    chunks[index] = undefined;
    if (chunks.every((chunk) => chunk === undefined)) this.uploads.delete(upload);
  }

  addEntries(shard: ShardId, entries: readonly LogEntry[]): void {
    const records = this.shards.get(shard);
    if (records === undefined) this.shards.set(shard, { base: undefined, entries: [...entries] });
    else for (const entry of entries) records.entries.push(entry);
  }

  /** Its checksum is wrong; and its content too, so that whoever uses it is caught. */
  addBadEntry(shard: ShardId, entry: LogEntry): void {
    this.addEntries(shard, [this.spoilt(entry)]);
  }

  /** The record of an entry without all its chunks. It may be written again, and that is another record. */
  hollow(entry: LogEntry): LogEntry {
    const record: LogEntry = { ...entry };
    this.hollowEntries.add(record);
    return record;
  }

  spoilEntry(entries: LogEntry[], place: number): void {
    entries[place] = this.spoilt(entries[place] as LogEntry);
  }

  /** Chunks and entries are shared, tables of them are not. */
  copy(): Contents {
    const copy = new Contents();
    copy.identity = this.identity;
    copy.suspectUpTo = this.suspectUpTo;
    for (const [shard, { base, entries }] of this.shards) copy.shards.set(shard, { base, entries: [...entries] });
    for (const [upload, { shard, chunks }] of this.uploads) copy.uploads.set(upload, { shard, chunks: [...chunks] });
    for (const shard of this.suspect) copy.suspect.add(shard);
    for (const chunk of this.rottenChunks) copy.rottenChunks.add(chunk);
    for (const entry of this.badEntries) copy.badEntries.add(entry);
    for (const entry of this.hollowEntries) copy.hollowEntries.add(entry);
    return copy;
  }

  recovered(): Recovered {
    if (this.identity === undefined && this.shards.size === 0 && this.uploads.size === 0) return NOTHING_RECOVERED;
    const shards = [...this.shards].filter(([, { base, entries }]) => base !== undefined || entries.length > 0);
    return {
      identity: this.identity,
      suspectUpTo: this.suspectUpTo,
      shards: shards.map(([shard, records]) => this.recoveredShard(shard, records)).sort((a, b) => a.shard - b.shard),
      uploads: [...this.uploads].map(([upload, stored]) => recoveredUpload(upload, stored)),
    };
  }

  /** What is not trusted of what a life is told of goes for good. @returns whether there was something */
  cut({ shards }: Recovered): boolean {
    let isCut = false;
    for (const one of shards) {
      const trusted = trustedRecords(one);
      if (trusted.length === one.entries.length) continue;
      isCut = true;
      if (one.entries.some(({ sound }) => !sound)) this.suspect.add(one.shard);
      const { entries } = this.shards.get(one.shard) as ShardRecords;
      entries.splice(0, entries.length, ...trusted.map(({ entry }) => entry));
    }
    return isCut;
  }

  private recoveredShard(shard: ShardId, { base, entries }: ShardRecords): RecoveredShard {
    return {
      shard,
      base,
      baseSound: true,
      entries: entries.map((entry) => ({
        entry,
        sound: !this.badEntries.has(entry),
        hollow: this.hollowEntries.has(entry),
      })),
      suspect: this.suspect.has(shard),
    };
  }

  private spoilt(entry: LogEntry): LogEntry {
    const { outcome } = entry;
    const found = outcome.result === 'deleted' ? !outcome.found : false;
    const bad: LogEntry = { ...entry, outcome: { result: 'deleted', found } };
    this.badEntries.add(bad);
    return bad;
  }
}

function recoveredUpload(upload: UploadId, { shard, chunks }: StoredUpload): RecoveredUpload {
  const indexes: number[] = [];
  for (let i = 0; i < chunks.length; i++) if (chunks[i] !== undefined) indexes.push(i);
  return { upload, shard, chunks: rangesOf(indexes) };
}
