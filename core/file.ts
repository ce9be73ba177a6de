/**
 * What a file is to the protocol: chunks by reference, a manifest of constant size, changes, outcomes.
 * The core never sees a byte: `payload` is the driver's own handle, carried along and never looked into.
 */
import type { EntryId, OperationId, UploadId } from './ids.js';

/** One immutable piece of one upload. */
export interface Chunk {
  readonly upload: UploadId;
  /** From 0. */
  readonly index: number;
  /** Bytes. Every chunk but the last is as long as the settings say. */
  readonly length: number;
  /** Of the bytes; made once where they enter the ring, verified where they come to rest. */
  readonly checksum: number;
  /** The driver's handle on the bytes. */
  readonly payload: unknown;
}

/** Everything about a version's bytes, in constant size. */
export interface Manifest {
  readonly upload: UploadId;
  /** Bytes. */
  readonly length: number;
  readonly chunkBytes: number;
  readonly sha256: string;
  readonly contentType: string;
  /** Milliseconds since 1970, as the client gave it. */
  readonly modifiedMs: number;
}

/** A committed file. */
export interface FileRecord {
  readonly version: EntryId;
  readonly manifest: Manifest;
}

/** What the file must be like for a write to happen: a version (see versionText), `none`: absent, `any`: present. */
export type Precondition = string | undefined;

/** What a write wants. */
export type Change = { readonly kind: 'put'; readonly manifest: Manifest } | { readonly kind: 'delete' };

/** What the head decided about a write; the same for ever, whoever asks. */
export type Outcome =
  | { readonly result: 'stored'; readonly version: EntryId; readonly upload: UploadId }
  | { readonly result: 'deleted'; readonly found: boolean }
  | { readonly result: 'precondition-failed' };

/** A write on its way to the head. */
export interface Proposal {
  readonly operation: OperationId;
  readonly path: string;
  readonly change: Change;
  readonly precondition: Precondition;
  /** Tells two uses of one operation id apart: equal for a repetition, different for other arguments. */
  readonly fingerprint: string;
}

/** One decision of the head, in its shard's log. A failed precondition is an entry too (brief §3.4.2). */
export interface LogEntry {
  readonly id: EntryId;
  readonly proposal: Proposal;
  readonly outcome: Outcome;
}

export function chunkCount(manifest: Manifest): number {
  return Math.ceil(manifest.length / manifest.chunkBytes);
}

/** The upload whose bytes this entry makes a file of; undefined for a delete and for what failed. */
export function storedUpload(entry: LogEntry): UploadId | undefined {
  return entry.outcome.result === 'stored' ? entry.outcome.upload : undefined;
}
