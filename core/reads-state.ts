/**
 * The state of reading at its entry server: readers, wants, readings, lists. Types and the empty value only; the rules
 * are in files/.
 */
import type { Chunk, FileRecord } from './file.js';
import type { Epoch, MemberId, RequestId, ShardId, UploadId } from './ids.js';
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
  /** How it learns what the path holds: from what is at hand, if its ride confirms that; or by a want. */
  readonly by: 'ride' | 'want';
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
  /** What this server took for the latest version when it asked. */
  readonly known: FileRecord | undefined;
  readonly sentAtMs: number;
}

/** Another server's want that readers of this one have joined. */
export interface JoinedWant {
  readonly origin: MemberId;
  readonly id: number;
  readonly path: string;
  readonly readers: readonly RequestId[];
  /** The version that the want names as known, if it is known here. */
  readonly known: FileRecord | undefined;
  readonly joinedAtMs: number;
}

/** A shuttle of this server, under way. */
export interface OwnShuttle {
  readonly number: number;
  /** When it left here last. */
  readonly sentAtMs: number;
}

/** Another server's shuttle that will come by again. */
export interface ComingShuttle {
  readonly origin: MemberId;
  readonly passedAtMs: number;
}

/** A small file that was read here lately: its bytes need not come again while it is the same version. */
export interface KeptFile {
  readonly file: FileRecord;
  readonly chunk: Chunk;
  /** In which it was confirmed last. */
  readonly epoch: Epoch;
  /** Place in the order of use. */
  readonly used: number;
}

/** Readers of this server that a shuttle takes round the ring, and nothing else with them. */
export interface Ride {
  readonly readers: readonly RequestId[];
  readonly boardedAtMs: number;
  /** Its shuttle may be lost, so they have boarded another, too. */
  readonly isOverdue: boolean;
}

/** A moment in what this server hears of a shard: in an epoch, after so many commits. */
export interface ReadMoment {
  readonly epoch: Epoch;
  readonly commits: number;
}

/** A version being read by clients of this server. */
export interface Reading {
  readonly upload: UploadId;
  readonly shard: ShardId;
  readonly file: FileRecord;
  readonly readers: readonly RequestId[];
  /** When it was heard that this version is committed. */
  readonly asOf: ReadMoment;
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
  /** Paths whose want is to take the next shuttle. */
  readonly required: SortedMap<string, true>;
  readonly wants: SortedMap<string, OwnWant>;
  /** `<origin>/<copy>` → */
  readonly joined: SortedMap<string, JoinedWant>;
  /** Readers of what is at hand, which have no shuttle yet. */
  readonly unconfirmed: SortedMap<RequestId, true>;
  /** `<origin>/<number>` of a shuttle → */
  readonly rides: SortedMap<string, Ride>;
  readonly ownShuttle: OwnShuttle | undefined;
  readonly coming: ComingShuttle | undefined;
  readonly readings: SortedMap<UploadId, Reading>;
  readonly listers: SortedMap<number, Lister>;
  readonly nextId: number;
  /** Riders that passed while a want of ours was under way: they may be of the version it will name. */
  readonly glimpsed: Queue<Chunk>;
  /** Holder → highest number of its boardings that has passed here in this epoch. */
  readonly seen: SortedMap<MemberId, number>;
  /** A shuttle came here over a link that broke in this epoch: a commit may have been lost there. */
  readonly isGapped: boolean;
  /** Shard → commits that have passed here in this epoch, of shards that are kept elsewhere. */
  readonly commits: SortedMap<ShardId, number>;
  /** Path → */
  readonly kept: SortedMap<string, KeptFile>;
  /** Order of use → path. */
  readonly keptByUse: SortedMap<number, string>;
}

export const NO_READS: ReadsState = {
  readers: SortedMap.empty(),
  queued: SortedMap.empty(),
  required: SortedMap.empty(),
  wants: SortedMap.empty(),
  joined: SortedMap.empty(),
  unconfirmed: SortedMap.empty(),
  rides: SortedMap.empty(),
  ownShuttle: undefined,
  coming: undefined,
  readings: SortedMap.empty(),
  listers: SortedMap.empty(),
  nextId: 1,
  glimpsed: Queue.empty(),
  seen: SortedMap.empty(),
  isGapped: false,
  commits: SortedMap.empty(),
  kept: SortedMap.empty(),
  keptByUse: SortedMap.empty(),
};
