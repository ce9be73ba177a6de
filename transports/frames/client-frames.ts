/**
 * The TCP client protocol: what a client and a server say to each other after their prefaces, in frames of the ring's
 * format with types of their own. One operation at a time on a connection; epoch and flags are 0.
 *
 *   client: stat | list | delete             server: answer
 *   client: get                              server: opened, piece …, answer   (or an answer alone)
 *   client: put, piece …, end | give-up      server: accept …, answer          (which may come before the end)
 *
 * Of a put's bytes only so many may be under way as were accepted, and `unacceptedBytes` more: a small file goes out
 * with its put. Whoever is answered before its end says end or give-up all the same; then the next operation may come.
 */
import type { FileRecord, Outcome, Precondition } from '../../core/file.js';
import type { ListItem } from '../../core/frame.js';
import type { Consistency } from '../../core/input.js';
import {
  checked,
  count,
  type Fields,
  flag,
  list,
  Malformed,
  oneOf,
  optional,
  type RecordField,
  record,
  text,
  variant,
  whole,
} from './fields.js';
import { controlText, makeHead, OPTIONAL, type RawFrame } from './header.js';
import { FRAME_LIMITS } from './limits.js';
import { fileRecord, listItem, name, outcome } from './parts.js';
import { Violation } from './violation.js';

export const CLIENT_FRAME_LIMITS = {
  /** Bytes of a put that may be sent before they are accepted. */
  unacceptedBytes: 65_536,
  /** Bytes of one piece from a client. */
  pieceBytesMax: 1_048_576,
  /** Bytes of a request's control part. */
  requestBytesMax: 65_536,
  /** UTF-16 units of a path: more than the door lets in, so that it can say why it does not. */
  pathCharsMax: 8_192,
} as const;

export type ClientRequest =
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly operation: string | undefined;
      /** A version, `any` or `none`. */
      readonly precondition: Precondition;
      readonly contentType: string;
      /** Milliseconds since 1970; undefined: now. */
      readonly modifiedMs: number | undefined;
      /** Bytes of the whole, if they are known. */
      readonly length: number | undefined;
    }
  | {
      readonly kind: 'delete';
      readonly path: string;
      readonly operation: string | undefined;
      readonly precondition: Precondition;
    }
  | {
      readonly kind: 'get';
      readonly path: string;
      /** Bytes [from, to); to undefined: up to the end. */
      readonly from: number;
      readonly to: number | undefined;
      /** Only of this version: another is refused as version-gone. */
      readonly version: string | undefined;
      readonly consistency: Consistency;
    }
  | { readonly kind: 'stat'; readonly path: string; readonly consistency: Consistency }
  | { readonly kind: 'list'; readonly prefix: string; readonly after: string; readonly limit: number };

export type PutFrame =
  | { readonly kind: 'piece'; readonly bytes: Buffer }
  /** The body is complete. sha256: of the whole, in hexadecimal digits, to be checked before it is stored. */
  | { readonly kind: 'end'; readonly sha256: string | undefined }
  /** Nothing is to be stored. */
  | { readonly kind: 'give-up' };

/** The last word. `detail`: a sentence for people. */
export type ClientAnswer =
  | { readonly result: 'done'; readonly operation: string; readonly outcome: Outcome }
  | { readonly result: 'found'; readonly file: FileRecord }
  | { readonly result: 'absent' }
  | { readonly result: 'delivered' }
  | { readonly result: 'listed'; readonly items: readonly ListItem[]; readonly more: boolean }
  | { readonly result: 'refused'; readonly code: string; readonly detail: string }
  | {
      readonly result: 'unknown';
      readonly code: string;
      readonly detail: string;
      /** To repeat it with, where the server knows it. */
      readonly operation: string | undefined;
    };

export type ServerFrame =
  | { readonly kind: 'piece'; readonly bytes: Buffer }
  /** So many more bytes of the put may be sent; pieces of just this size are not copied. */
  | { readonly kind: 'accept'; readonly bytes: number; readonly pieceBytes: number }
  /** The head of a get's answer: pieces with bytes [fromByte, toByte) follow. */
  | { readonly kind: 'opened'; readonly file: FileRecord; readonly fromByte: number; readonly toByte: number }
  | { readonly kind: 'answer'; readonly answer: ClientAnswer };

export type ClientFrame = ClientRequest | PutFrame;
type AnyFrame = ClientFrame | ServerFrame;
type Kind = AnyFrame['kind'];
type BodyOf<K extends Kind> = Omit<Extract<AnyFrame, { readonly kind: K }>, 'kind' | 'bytes'> &
  (K extends 'accept' ? { readonly bytes: number } : object);

const { contentTypeCharsMax, itemsMax, nameCharsMax } = FRAME_LIMITS;
const path = text('path', CLIENT_FRAME_LIMITS.pathCharsMax);
const sentence = text('sentence', CLIENT_FRAME_LIMITS.pathCharsMax);
const consistency = oneOf('linearizable', 'eventual');
const version = checked(name, 'version', (value) => /^\d{1,16}\.\d{1,16}$/.test(value));
const precondition = checked(text('name', nameCharsMax), 'version, any or none', (value) =>
  /^(any|none|\d{1,16}\.\d{1,16})$/.test(value),
);
const write = { path, operation: optional(name), precondition: optional(precondition) };
const modifiedMs = whole('ms', -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

const answer = variant<'result', ClientAnswer>(
  'result',
  {
    done: record({ operation: name, outcome }),
    found: record({ file: fileRecord }),
    absent: record({}),
    delivered: record({}),
    listed: record({ items: list(listItem, itemsMax), more: flag }),
    refused: record({ code: name, detail: sentence }),
    unknown: record({ code: name, detail: sentence, operation: optional(name) }),
  },
  'answer',
);

interface ClientKind<T> {
  readonly type: number;
  readonly from: 'client' | 'server' | 'both';
  readonly body: RecordField<T>;
}
const kind = <T extends object>(type: number, from: ClientKind<T>['from'], fields: Fields<T>): ClientKind<T> => ({
  type,
  from,
  body: record(fields),
});

/** 128 to 255; the numbers and the order of the fields are for ever. */
export const clientKinds: { readonly [K in Kind]: ClientKind<BodyOf<K>> } = {
  put: kind(128, 'client', {
    ...write,
    contentType: text('content type', contentTypeCharsMax),
    modifiedMs: optional(modifiedMs),
    length: optional(count),
  }),
  delete: kind(129, 'client', write),
  get: kind(130, 'client', { path, from: count, to: optional(count), version: optional(version), consistency }),
  stat: kind(131, 'client', { path, consistency }),
  list: kind(132, 'client', { prefix: path, after: path, limit: count }),
  piece: kind(136, 'both', {}),
  end: kind(137, 'client', { sha256: optional(name) }),
  'give-up': kind(138, 'client', {}),
  accept: kind(144, 'server', { bytes: count, pieceBytes: whole('1…', 1, CLIENT_FRAME_LIMITS.pieceBytesMax) }),
  opened: kind(145, 'server', { file: fileRecord, fromByte: count, toByte: count }),
  answer: kind(146, 'server', { answer }),
};

const byType = new Map(Object.entries(clientKinds).map(([word, known]) => [known.type, { word: word as Kind, known }]));

/** @returns the head, behind which a piece's bytes go as they are */
export function clientHead(frame: AnyFrame): Buffer {
  const { type, body } = clientKinds[frame.kind] as ClientKind<object>;
  const payloadBytes = frame.kind === 'piece' ? frame.bytes.length : 0;
  return makeHead({ type, flags: 0, epoch: 0, control: JSON.stringify(body.encode(frame)), payloadBytes });
}

/** Undefined: a frame of a later version that may be skipped. */
export const readClientFrame = (raw: RawFrame): ClientFrame | Violation | undefined =>
  readFrame(raw, 'client') as ClientFrame | Violation | undefined;

export const readServerFrame = (raw: RawFrame): ServerFrame | Violation | undefined =>
  readFrame(raw, 'server') as ServerFrame | Violation | undefined;

function readFrame(raw: RawFrame, from: 'client' | 'server'): AnyFrame | Violation | undefined {
  const found = byType.get(raw.type);
  if (found === undefined || (found.known.from !== from && found.known.from !== 'both')) {
    const isOptional = (raw.flags & OPTIONAL) !== 0;
    return isOptional ? undefined : new Violation('unknown-type', `frame type ${raw.type} is nothing a ${from} says`);
  }
  const { word, known } = found;
  try {
    const read = (known as ClientKind<object>).body.decodeInto({ kind: word }, JSON.parse(controlText(raw)));
    if ((raw.payload !== undefined) !== (word === 'piece')) throw new Malformed('bytes where none belong, or none');
    return (word === 'piece' ? { kind: word, bytes: raw.payload } : read) as AnyFrame;
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError) {
      return new Violation('malformed', `${word}: ${error.message}`);
    }
    throw error;
  }
}
