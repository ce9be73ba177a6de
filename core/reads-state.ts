/**
 * The state of reading at its entry server: readers, wants, readings, lists. Types and the empty value only; the rules
 * are in files/.
 */
import type { Chunk, FileRecord } from './file.js';
import type { MemberId, RequestId, ShardId, UploadId } from './ids.js';
import { Queue } from './queue.js';
import { SortedMap } from './sorted-map.js';

/** A get or stat at its entry server. */
export interface Reader {
  readonly request: RequestId;
  readonly kind: 'get' | 'stat';
  readonly path: string;
  readonly from: number;
  readonly to: number | undefined;
  /** When streaming: next chunk to deliver and the one after the last. */
  readonly next: number;
  readonly end: number;
  readonly upload: UploadId | undefined;
  /** Chunks the client takes at present. */
  readonly credits: number;
  /** Last sign of progress. */
  readonly activeAtMs: number;
}

/** A want of this server, under way. */
export interface OwnWant {
  readonly id: number;
  readonly path: string;
  readonly readers: readonly RequestId[];
  readonly sentAtMs: number;
}

/** Another server's want that readers of this one have joined. */
export interface JoinedWant {
  readonly origin: MemberId;
  readonly id: number;
  readonly path: string;
  readonly readers: readonly RequestId[];
  readonly joinedAtMs: number;
}

/** A version being read by clients of this server. */
export interface Reading {
  readonly upload: UploadId;
  readonly shard: ShardId;
  readonly file: FileRecord;
  readonly readers: readonly RequestId[];
  readonly caught: SortedMap<number, Chunk>;
  /** Chunk index → when it was asked for. */
  readonly asked: SortedMap<number, number>;
}

export interface Lister {
  readonly request: RequestId;
  readonly id: number;
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
  readonly sentAtMs: number;
  readonly startedMs: number;
}

export interface ReadsState {
  readonly readers: SortedMap<RequestId, Reader>;
  /** Path → readers that wait for this server's next want. */
  readonly queued: SortedMap<string, readonly RequestId[]>;
  readonly wants: SortedMap<string, OwnWant>;
  /** `<origin>/<copy>` → */
  readonly joined: SortedMap<string, JoinedWant>;
  readonly readings: SortedMap<UploadId, Reading>;
  readonly listers: SortedMap<number, Lister>;
  readonly nextId: number;
  /** Riders that passed while a want of ours was under way: they may be of the version it will name. */
  readonly glimpsed: Queue<Chunk>;
  /** Holder → highest number of its boardings that has passed here in this epoch. */
  readonly seen: SortedMap<MemberId, number>;
}

export const NO_READS: ReadsState = {
  readers: SortedMap.empty(),
  queued: SortedMap.empty(),
  wants: SortedMap.empty(),
  joined: SortedMap.empty(),
  readings: SortedMap.empty(),
  listers: SortedMap.empty(),
  nextId: 1,
  glimpsed: Queue.empty(),
  seen: SortedMap.empty(),
};
