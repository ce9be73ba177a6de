/**
 * What a client of the ring can ask for, and what it hears: done, refused (nothing happened, and why) or unknown
 * (it may have happened: asking again with the same operation id tells). Never a guess.
 * Knows no protocol: see wire.ts for what carries it.
 */

/** Everything about a file but its bytes. */
export interface FileInfo {
  readonly path: string;
  /** The ETag without its quotes. */
  readonly version: string;
  /** Bytes. */
  readonly length: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly contentType: string;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** Nothing happened. */
export interface Refused {
  readonly result: 'refused';
  /** A code of core/refusals.ts, or one of CLIENT_CODES. */
  readonly code: string;
  /** A sentence for people. */
  readonly detail: string;
  /** The last server that was asked. */
  readonly server: string | undefined;
}

/** It may have happened, or happen yet. */
export interface OutcomeUnknown {
  readonly result: 'unknown';
  readonly code: string;
  readonly detail: string;
  readonly operation: string;
  readonly server: string | undefined;
}

export interface Absent {
  readonly result: 'absent';
}

export interface Stored {
  readonly path: string;
  readonly version: string;
  readonly length: number;
  readonly sha256: string;
  readonly operation: string;
}

export interface Found {
  readonly result: 'found';
  readonly file: FileInfo;
}

/** A file that is being read. Whoever takes one reads the body to its end, or returns its iterator. */
export interface Opened extends Found {
  /** The body is bytes [fromByte, toByte) of the file. */
  readonly fromByte: number;
  readonly toByte: number;
  /** Goes on at another server where one fails. @throws ReadBroken if it cannot be completed */
  readonly body: AsyncIterable<Buffer>;
}

export interface Page {
  readonly result: 'listed';
  readonly items: readonly FileInfo[];
  /** Ask for what comes after this path; undefined: that was all. */
  readonly next: string | undefined;
}

export type PutResult = ({ readonly result: 'done' } & Stored) | Refused | OutcomeUnknown;
export type DeleteResult =
  | { readonly result: 'done'; readonly operation: string; readonly found: boolean }
  | Refused
  | OutcomeUnknown;

/** What the file must be like for a write to happen: this version, absent, present, or anything. */
export type Condition =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'absent' | 'present' | 'anything' };

interface Asking {
  readonly signal?: AbortSignal | undefined;
}

export interface WriteOptions extends Asking {
  /** A UUIDv7; made here if none is given. The same one for the same write, whoever repeats it. */
  readonly operation?: string | undefined;
  readonly condition?: Condition | undefined;
}

export interface PutOptions extends WriteOptions {
  readonly contentType?: string | undefined;
  readonly modifiedMs?: number | undefined;
  /** Bytes handed over so far, of this attempt. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Bytes [from, to); `to` undefined: up to the end. */
export interface ByteRange {
  readonly from: number;
  readonly to: number | undefined;
}

export interface GetOptions extends Asking {
  readonly range?: ByteRange | undefined;
}

export interface ListOptions extends Asking {
  readonly prefix: string;
  /** Only paths behind this one. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface FileClient {
  put(path: string, source: Source, options?: PutOptions): Promise<PutResult>;
  get(path: string, options?: GetOptions): Promise<Opened | Absent | Refused>;
  stat(path: string, options?: Asking): Promise<Found | Absent | Refused>;
  delete(path: string, options?: WriteOptions): Promise<DeleteResult>;
  list(options: ListOptions): Promise<Page | Refused>;
  /** Ends the connections that are kept for later. */
  close(): void;
}

/** Where the bytes of a put come from. */
export interface Source {
  /** Bytes; undefined: not known before the end. */
  readonly length: number | undefined;
  /** From the first byte; undefined: it can be read once only, and has been. */
  open(): AsyncIterable<Buffer> | undefined;
  close(): void;
}

/** What only a client can have to say, beside the codes of core/refusals.ts. */
export const CLIENT_CODES = {
  'no-server': 'no server could be reached',
  'no-answer': 'the connection was lost before the answer came',
  'precondition-failed': 'the file is not in the state that was asked for',
  'source-changed': 'the file to be sent changed while it was being read: send it again when it rests',
  'source-unreadable': 'the bytes to be sent cannot be read',
  'not-the-same-bytes': 'what arrived is not what was sent (SHA-256 differs)',
  'not-a-ring': 'the address answers, but not as a server of this kind',
  'target-unwritable': 'the bytes cannot be written here',
  interrupted: 'interrupted',
} as const;
export type ClientCode = keyof typeof CLIENT_CODES;

/** The bytes of a file could not be brought to their end. */
export class ReadBroken extends Error {
  override readonly name = 'ReadBroken';
  constructor(readonly refused: Refused) {
    super(refused.detail);
  }
}
