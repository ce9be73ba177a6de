/** The state of a write at its entry server. The rules are in files/. */
import type { Chunk, Manifest, Outcome, Precondition } from './file.js';
import type { HeadRefusalCode } from './frame.js';
import type { OperationId, RequestId, ShardId, UploadId } from './ids.js';
import type { SortedMap } from './sorted-map.js';

/** A write at its entry server. */
export interface WriteOperation {
  readonly operation: OperationId;
  /** Undefined: the client was answered or is gone; the write is brought to its end all the same. */
  readonly request: RequestId | undefined;
  readonly path: string;
  readonly shard: ShardId;
  readonly kind: 'put' | 'delete';
  readonly precondition: Precondition;
  readonly contentType: string;
  readonly modifiedMs: number;
  /** Empty for a delete. */
  readonly upload: UploadId;
  /** Its bytes go with its proposal. */
  readonly isParcel: boolean;
  readonly phase: 'uploading' | 'proposed';
  /** Chunks not confirmed by a marker (or, for one window, by the commit). */
  readonly window: SortedMap<number, Chunk>;
  readonly received: number;
  readonly receivedBytes: number;
  /** Chunks up to here are at every chain member of this epoch. */
  readonly confirmed: number;
  /** Chunks up to here have a marker behind them. */
  readonly marked: number;
  /** The body's end; undefined: more is to come. */
  readonly manifest: Manifest | undefined;
  /** Proposals sent; grows for ever. */
  readonly attempt: number;
  /** What the head said of the latest attempt, if that is all it said. */
  readonly refusal: HeadRefusalCode | undefined;
  /** Last sign of the client; last word to the ring. */
  readonly clientAtMs: number;
  readonly ringAtMs: number;
  /** Committed, but on a chain too short to say so. */
  readonly withheld: Outcome | undefined;
}
