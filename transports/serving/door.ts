/**
 * The door for clients of one server, whatever protocol they speak: operations go in, words come back.
 * Bytes are Buffers here; the core sees references only.
 */
import type { Manifest } from '../../core/file.js';
import type { EntryId } from '../../core/ids.js';
import type { ClientOperation } from '../../core/input.js';
import type { Answer } from '../../core/output.js';

export interface OpenedFile {
  readonly version: EntryId;
  readonly manifest: Manifest;
  /** The answer's bytes are [fromByte, toByte) of the file. */
  readonly fromByte: number;
  readonly toByte: number;
}

/** The last word. `lost`: this life of the server ended without one, so the outcome of a write is not known. */
export type LastWord = Answer | { readonly result: 'lost' };

/** What a client hears. Called synchronously by the driver: it must not throw, and may answer at once. */
export interface Hearer {
  /** Of a put: so many more chunks may be sent. */
  accept(chunks: number): void;
  /** Of a get: the head of the answer; so many bytes follow. */
  file(opened: OpenedFile): void;
  /** The next bytes of a get: a view, valid as long as it is referenced, never to be written to. */
  data(bytes: Buffer): void;
  answer(answer: LastWord): void;
}

/** One operation of one client. After its answer every call is without effect. */
export interface Conversation {
  /** The next piece of a put's body: every one but the last exactly chunkBytes long. The buffer is given away. */
  send(bytes: Buffer): void;
  /** The body of the put is complete. */
  finish(sha256: string): void;
  /** The client of a get takes so many more chunks. 0: it still takes what it was given, if slowly. */
  ready(chunks: number): void;
  /** The client went away: no more words are wanted. */
  leave(): void;
}

export interface Door {
  /** Bytes of a chunk in this ring; 0 before the server knows its view. */
  readonly chunkBytes: number;
  /**
   * Begins an operation. `hear` makes its hearer, which may hear its first words before `ask` returns; nothing may be
   * said in `hear` itself, for nothing was asked yet.
   */
  ask(operation: ClientOperation, hear: (conversation: Conversation) => Hearer): Conversation;
}
