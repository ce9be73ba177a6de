/**
 * Everything that can happen to a server: a closed union, each with the time at which it happens.
 * `now` is in whole milliseconds since 1970 by the server's own clock and never runs backwards.
 */

import type { CallId, CoordinatorReply, Key, SessionNumber, SessionState } from './coordinator-port.js';
import type { Chunk, Precondition } from './file.js';
import type { Frame } from './frame.js';
import type { EntryId, LinkId, MemberId, OperationId, RequestId, ShardId, UploadId } from './ids.js';
import type { Carry, Recovered } from './store-port.js';

/**
 * linearizable: what is there now, whoever is asked. eventual: what the asked server knows itself to be committed, perhaps
 * no longer the latest, where it keeps the path; elsewhere it is as good as linearizable.
 */
export type Consistency = 'linearizable' | 'eventual';

/** What a client asks for. Paths are checked here, at the door. */
export type ClientOperation =
  | {
      readonly kind: 'put';
      readonly path: string;
      /** Made by the server if the client sent none. */
      readonly operation: OperationId | undefined;
      readonly precondition: Precondition;
      readonly contentType: string;
      readonly modifiedMs: number;
    }
  | {
      readonly kind: 'delete';
      readonly path: string;
      readonly operation: OperationId | undefined;
      readonly precondition: Precondition;
    }
  | {
      readonly kind: 'get';
      readonly path: string;
      /** Bytes [from, to) of the file; to undefined: up to its end. */
      readonly from: number;
      readonly to: number | undefined;
      /** Default linearizable. */
      readonly consistency?: Consistency;
    }
  | { readonly kind: 'stat'; readonly path: string; readonly consistency?: Consistency }
  | { readonly kind: 'list'; readonly prefix: string; readonly after: string; readonly limit: number };

export type Happening =
  /** A life begins: what its disk holds, and what the life before handed over (see Output `restart`). */
  | { readonly kind: 'start'; readonly recovered: Recovered; readonly carry: Carry | undefined }
  /** The wake-up that was asked for. */
  | { readonly kind: 'wake' }
  /** A dial of ours was answered, or somebody dialled us (`peer` undefined: not introduced yet). */
  | { readonly kind: 'link-up'; readonly link: LinkId; readonly peer: MemberId | undefined }
  | { readonly kind: 'dial-failed'; readonly peer: MemberId }
  | { readonly kind: 'link-down'; readonly link: LinkId }
  /** So many data frames have left over this link. */
  | { readonly kind: 'link-drained'; readonly link: LinkId; readonly frames: number }
  | { readonly kind: 'frame'; readonly link: LinkId; readonly frame: Frame }
  /** A session changed its state. `owner`: the coordinator's name for it, as in Stored. */
  | {
      readonly kind: 'session';
      readonly session: SessionNumber;
      readonly state: SessionState;
      readonly owner: string;
    }
  | {
      readonly kind: 'coordinator-reply';
      readonly session: SessionNumber;
      readonly call: CallId;
      readonly reply: CoordinatorReply;
    }
  /** The one change that a watch tells of. */
  | { readonly kind: 'watch-fired'; readonly session: SessionNumber; readonly key: Key }
  /** All entries up to this one, and all their chunks, are as durable as the settings say. */
  | { readonly kind: 'persisted'; readonly shard: ShardId; readonly upTo: EntryId }
  /** An identity that this life has written is as durable as the settings say. */
  | { readonly kind: 'identity-persisted' }
  /** The log cannot be written any more: nothing later will be durable in this life. */
  | { readonly kind: 'store-broken'; readonly why: string }
  /** A chunk could not be written. */
  | { readonly kind: 'chunk-unwritten'; readonly upload: UploadId; readonly index: number }
  /** Whether the disk is too full for chunks. There is always room kept for the log. */
  | { readonly kind: 'store-space'; readonly full: boolean }
  /** The operator wants this server to leave the ring in good order. */
  | { readonly kind: 'leave' }
  /** The answer to read-chunk; undefined: not there, or rotten. */
  | {
      readonly kind: 'chunk-read';
      readonly upload: UploadId;
      readonly index: number;
      readonly chunk: Chunk | undefined;
    }
  | { readonly kind: 'client-request'; readonly request: RequestId; readonly operation: ClientOperation }
  /** The next piece of a put's body: index, length and checksum; its upload is filled in here. */
  | { readonly kind: 'client-chunk'; readonly request: RequestId; readonly chunk: Chunk }
  /** The body is complete. */
  | { readonly kind: 'client-end'; readonly request: RequestId; readonly length: number; readonly sha256: string }
  /** The client went away. */
  | { readonly kind: 'client-gone'; readonly request: RequestId }
  /** The client of a get takes so many more chunks. */
  | { readonly kind: 'client-ready'; readonly request: RequestId; readonly chunks: number };

export type Input = Happening & { readonly now: number };
