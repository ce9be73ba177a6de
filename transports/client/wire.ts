/**
 * The port of a protocol between a client and one server: one try of each request, no retries, no choice of servers.
 */
import type { Absent, ByteRange, Condition, FileInfo, Page, Stored } from './client.js';

/** What came of one try. */
export type Try<Value> =
  | { readonly kind: 'answer'; readonly value: Value }
  /** This server's word: this try did nothing. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  /** This server's word: it may have been done, or be done yet. */
  | { readonly kind: 'unknown'; readonly code: string; readonly detail: string }
  /** No word at all. `reached`: a connection stood. */
  | { readonly kind: 'failed'; readonly why: string; readonly reached: boolean };

export interface PutRequest {
  readonly path: string;
  readonly operation: string;
  readonly condition: Condition;
  readonly contentType: string;
  readonly modifiedMs: number | undefined;
  readonly length: number | undefined;
  /** Called once, when a connection stands. What it throws ends the try and is thrown on. */
  readonly open: () => AsyncIterable<Buffer>;
  /** Of the whole body, once it was read to its end. */
  readonly sha256: () => string;
}

export interface DeleteRequest {
  readonly path: string;
  readonly operation: string;
  readonly condition: Condition;
}

export interface ReadRequest {
  readonly path: string;
  readonly range: ByteRange;
  /** Only of this version: anything else is refused as `version-gone`. */
  readonly version: string | undefined;
}

export interface WireFile {
  readonly file: FileInfo;
  readonly fromByte: number;
  readonly toByte: number;
  /** May end early or throw where the connection breaks. */
  readonly body: AsyncIterable<Buffer>;
}

export interface ListRequest {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number | undefined;
}

/** Every call takes a server of its own scheme. An aborted signal ends it with the signal's reason thrown. */
export interface Wire {
  put(server: string, request: PutRequest, signal: AbortSignal): Promise<Try<Stored>>;
  get(server: string, request: ReadRequest, signal: AbortSignal): Promise<Try<WireFile | Absent>>;
  stat(server: string, path: string, signal: AbortSignal): Promise<Try<FileInfo | Absent>>;
  delete(server: string, request: DeleteRequest, signal: AbortSignal): Promise<Try<{ readonly found: boolean }>>;
  list(server: string, request: ListRequest, signal: AbortSignal): Promise<Try<Omit<Page, 'result'>>>;
  close(): void;
}

export const isAbsent = (value: object): value is Absent => 'result' in value && value.result === 'absent';
