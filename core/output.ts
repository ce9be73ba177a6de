/**
 * Everything a server asks of the world: a closed union. A batch is carried out in its order.
 */
import type { CallId, CoordinatorRequest, SessionNumber, SessionState } from './coordinator-port.js';
import type { Chunk, FileRecord, LogEntry, Manifest, Outcome } from './file.js';
import type { Frame, ListItem } from './frame.js';
import type {
  EntryId,
  Epoch,
  Incarnation,
  LinkId,
  MemberId,
  OperationId,
  RequestId,
  ShardId,
  UploadId,
} from './ids.js';
import type { RefusalCode } from './refusals.js';
import type { Base, Carry, StoreIdentity } from './store-port.js';
import type { Member } from './view/view.js';

/** The last word to a client. */
export type Answer =
  | { readonly result: 'done'; readonly operation: OperationId; readonly outcome: Outcome }
  | { readonly result: 'found'; readonly file: FileRecord }
  | { readonly result: 'absent' }
  /** All bytes asked for were delivered. */
  | { readonly result: 'delivered' }
  | { readonly result: 'listed'; readonly items: readonly ListItem[]; readonly more: boolean }
  /** Nothing happened, and why. */
  | { readonly result: 'refused'; readonly code: RefusalCode }
  /** It may have happened or happen yet: repeat it with the same operation id to learn. */
  | { readonly result: 'unknown'; readonly code: RefusalCode; readonly operation: OperationId };

/** What happened, for logs, metrics, checkers and the console: the same words in both worlds. */
export type Fact =
  | { readonly fact: 'view-installed'; readonly epoch: Epoch; readonly members: number }
  | {
      readonly fact: 'view-proposed';
      readonly epoch: Epoch;
      readonly removed: readonly MemberId[];
      readonly added: readonly MemberId[];
    }
  /** The session with the coordinator. */
  | { readonly fact: 'session'; readonly state: SessionState }
  /** This life has its number and its entry at the coordinator. */
  | { readonly fact: 'registered'; readonly incarnation: Incarnation }
  /** Why it cannot register, or may not join. */
  | { readonly fact: 'kept-out'; readonly why: string }
  /** The register was empty, and holds this server's founding view now. */
  | { readonly fact: 'cluster-founded'; readonly clusterId: string }
  /** What was found on the disk; `cut`: entries that were not sound, and all behind them. */
  | { readonly fact: 'recovered'; readonly shards: number; readonly entries: number; readonly cut: number }
  /** A seat in the ring was found: the links to both neighbours are up. */
  | { readonly fact: 'seated'; readonly before: MemberId; readonly after: MemberId }
  | {
      readonly fact: 'lesson-begun';
      readonly shard: ShardId;
      readonly learner: MemberId;
      readonly how: 'log' | 'snapshot';
    }
  /** A learner has the tail's tables with all their chunks, durably. */
  | { readonly fact: 'learned'; readonly shard: ShardId; readonly upTo: EntryId; readonly dropped: number }
  /** Rule J: from here on the tail commits only what the learner has persisted. */
  | { readonly fact: 'hold-begun'; readonly shard: ShardId; readonly learner: MemberId }
  | { readonly fact: 'learner-ready'; readonly shard: ShardId; readonly learner: MemberId }
  | { readonly fact: 'learner-stalled'; readonly shard: ShardId; readonly learner: MemberId }
  | { readonly fact: 'promoted'; readonly shard: ShardId }
  | { readonly fact: 'shard-lost'; readonly shard: ShardId; readonly lost: readonly MemberId[] }
  | { readonly fact: 'shard-revived'; readonly shard: ShardId; readonly last: EntryId }
  | { readonly fact: 'shard-forgotten'; readonly shard: ShardId }
  /** The disk cannot give it any more: it is rotten, or not there. */
  | { readonly fact: 'chunk-rotten'; readonly upload: UploadId; readonly index: number }
  /** The disk did not take it: it is full, or fails. */
  | { readonly fact: 'chunk-unwritten'; readonly upload: UploadId; readonly index: number }
  | { readonly fact: 'store-space'; readonly full: boolean }
  | { readonly fact: 'life-ends'; readonly why: string }
  | { readonly fact: 'removed'; readonly epoch: Epoch }
  | { readonly fact: 'link-broken'; readonly side: 'in' | 'out'; readonly peer: MemberId; readonly why: string }
  | { readonly fact: 'link-restored'; readonly side: 'in' | 'out'; readonly peer: MemberId }
  | { readonly fact: 'link-refused'; readonly link: LinkId; readonly why: string }
  | { readonly fact: 'frames-dropped'; readonly why: 'new-view' | 'old-epoch' | 'no-link'; readonly count: number }
  | {
      readonly fact: 'upload-started';
      readonly upload: UploadId;
      readonly path: string;
      readonly operation: OperationId;
    }
  | { readonly fact: 'upload-abandoned'; readonly upload: UploadId; readonly path: string }
  | { readonly fact: 'chunk-staged'; readonly upload: UploadId; readonly index: number }
  | { readonly fact: 'chunks-resent'; readonly upload: UploadId; readonly count: number }
  | { readonly fact: 'chunks-fetched'; readonly upload: UploadId; readonly count: number }
  | { readonly fact: 'ordered'; readonly shard: ShardId; readonly entry: LogEntry }
  | { readonly fact: 'appended'; readonly shard: ShardId; readonly entry: LogEntry }
  | { readonly fact: 'persisted'; readonly shard: ShardId; readonly upTo: EntryId }
  | { readonly fact: 'committed'; readonly shard: ShardId; readonly upTo: EntryId; readonly entries: number }
  | { readonly fact: 'refused'; readonly operation: OperationId; readonly code: string }
  | { readonly fact: 'want-stamped'; readonly path: string; readonly origin: MemberId }
  | { readonly fact: 'want-joined'; readonly path: string; readonly origin: MemberId }
  /** Readers of this server use another's shuttle. */
  | { readonly fact: 'shuttle-shared'; readonly origin: MemberId }
  | { readonly fact: 'boarded'; readonly upload: UploadId; readonly index: number; readonly idle: boolean }
  | { readonly fact: 'caught'; readonly upload: UploadId; readonly index: number }
  | { readonly fact: 'another-turn'; readonly upload: UploadId; readonly index: number; readonly heat: number }
  | { readonly fact: 'parked'; readonly upload: UploadId; readonly index: number }
  | {
      readonly fact: 'upload-dropped';
      readonly upload: UploadId;
      readonly why: 'replaced' | 'abandoned' | 'owner-gone';
    };

export type Output =
  | { readonly kind: 'send'; readonly link: LinkId; readonly frame: Frame }
  | { readonly kind: 'dial'; readonly member: Member }
  | { readonly kind: 'close'; readonly link: LinkId }
  /** Connect to the coordinator anew; a session before this one is closed and forgotten. */
  | { readonly kind: 'open-session'; readonly session: SessionNumber }
  /** Over for good: what it owns goes at once, if the coordinator can be told. */
  | { readonly kind: 'close-session'; readonly session: SessionNumber }
  /** Answered by coordinator-reply, in the order of asking. */
  | {
      readonly kind: 'call-coordinator';
      readonly session: SessionNumber;
      readonly call: CallId;
      readonly request: CoordinatorRequest;
    }
  /** Write a chunk; answered only if it cannot be (chunk-unwritten). A later persist of its upload covers it. */
  | { readonly kind: 'store-chunk'; readonly shard: ShardId; readonly chunk: Chunk }
  /**
   * Write log entries in order, after the chunks stored before. Answered by persisted: every asking once, in the order of
   * asking for its shard (see durability.ts).
   */
  | { readonly kind: 'persist'; readonly shard: ShardId; readonly entries: readonly LogEntry[] }
  /**
   * Write a shard's tables, in line with its persists. Entries up to them that were written before may go, later ones
   * stay. Answered by persisted, in that same order.
   */
  | { readonly kind: 'write-base'; readonly shard: ShardId; readonly base: Base }
  /** In line with the persists. Answered by identity-persisted, every asking once. */
  | { readonly kind: 'write-identity'; readonly identity: StoreIdentity }
  /** Everything of this shard may go, but for its chunks: each upload is dropped by itself. */
  | { readonly kind: 'forget-shard'; readonly shard: ShardId }
  | { readonly kind: 'read-chunk'; readonly upload: UploadId; readonly index: number }
  | { readonly kind: 'drop-upload'; readonly upload: UploadId }
  /** The client of a put may send so many more chunks. */
  | { readonly kind: 'client-accept'; readonly request: RequestId; readonly chunks: number }
  /** The head of a get's answer; the bytes follow. */
  | {
      readonly kind: 'client-file';
      readonly request: RequestId;
      readonly version: EntryId;
      readonly manifest: Manifest;
      readonly fromByte: number;
      readonly toByte: number;
    }
  /** Bytes [from, to) of this chunk are the next of the answer. */
  | {
      readonly kind: 'client-data';
      readonly request: RequestId;
      readonly chunk: Chunk;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'answer'; readonly request: RequestId; readonly answer: Answer }
  /** This life is over: recover from the store and begin the next one, so much later, with this in its start. */
  | { readonly kind: 'restart'; readonly afterMs: number; readonly carry: Carry; readonly why: string }
  /** This life is over, and no other is wanted: it has left, or may not take part. */
  | { readonly kind: 'stop'; readonly why: string }
  /** Come back with a wake input at this time; replaces the wish before. */
  | { readonly kind: 'wake-at'; readonly at: number; readonly why: string }
  | { readonly kind: 'tell'; readonly fact: Fact };
