/**
 * Everything a server asks of the world: a closed union. A batch is carried out in its order.
 */
import type { Chunk, FileRecord, LogEntry, Manifest, Outcome } from './file.js';
import type { Frame, ListItem } from './frame.js';
import type { EntryId, Epoch, LinkId, MemberId, OperationId, RequestId, ShardId, UploadId } from './ids.js';
import type { RefusalCode } from './refusals.js';
import type { Report } from './view/report.js';
import type { Member, View } from './view/view.js';

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
  | { readonly fact: 'view-proposed'; readonly epoch: Epoch; readonly removed: readonly MemberId[] }
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
  /** Read the register now and tell of every later change. */
  | { readonly kind: 'watch-view' }
  | { readonly kind: 'read-view' }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'read-reports' }
  /** Compare-and-set; the register's value afterwards comes back as view-read. */
  | { readonly kind: 'propose-view'; readonly expectedEpoch: Epoch; readonly view: View }
  /** Write a chunk; no answer. A later persist of its upload covers it. */
  | { readonly kind: 'store-chunk'; readonly chunk: Chunk }
  /** Write log entries in order, after the chunks stored before; answered by persisted. */
  | { readonly kind: 'persist'; readonly shard: ShardId; readonly entries: readonly LogEntry[] }
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
  /** Come back with a wake input at this time; replaces the wish before. */
  | { readonly kind: 'wake-at'; readonly at: number; readonly why: string }
  | { readonly kind: 'tell'; readonly fact: Fact };
