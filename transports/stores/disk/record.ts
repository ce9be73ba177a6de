/**
 * One record of the log as bytes: a head of fixed length, a text, and for chunks the bytes. Knows how a record is told
 * from any other bytes, not what it means. Each segment has a salt of its own, so that the bytes of a file that happens
 * to be a copy of a log are never taken for records.
 */
import { crc32 } from 'node:zlib';

/** Where a record begins: segment and offset in one number, ordered as the log is. */
export type Place = number;

const SEGMENT_UNIT = 2 ** 32;
export const placeOf = (segment: number, offset: number): Place => segment * SEGMENT_UNIT + offset;
export const segmentOf = (place: Place): number => Math.floor(place / SEGMENT_UNIT);
export const offsetOf = (place: Place): number => place % SEGMENT_UNIT;

const KINDS = ['opened', 'closed', 'chunk', 'entry', 'base', 'identity', 'forget', 'drop', 'cut'] as const;
export type RecordKind = (typeof KINDS)[number];
/** Beside the kind, in one word. */
const LAST = 0x100;
const HOLLOW = 0x200;

export interface RecordHead {
  readonly kind: RecordKind;
  /** A base is written in parts, from 0; `isLast`: there is none behind it. */
  readonly part: number;
  readonly isLast: boolean;
  /** Log sequence number: the place in the order of all requests. Kept when the record is moved. */
  readonly lsn: number;
  readonly shard: number;
  /** A chunk's index; an entry's or a base's epoch. */
  readonly first: number;
  /** An entry's or a base's sequence. */
  readonly second: number;
  readonly textBytes: number;
  readonly bodyBytes: number;
  readonly textChecksum: number;
  readonly bodyChecksum: number;
  /** Of an entry: a chunk of it had been refused. */
  readonly isHollow: boolean;
  /** Everything before this place was synced when the record was written. */
  readonly syncedTo: Place;
}

/** A record that is still to be written. */
export interface Draft {
  readonly kind: RecordKind;
  readonly part: number;
  readonly isLast: boolean;
  readonly lsn: number;
  readonly shard: number;
  readonly first: number;
  readonly second: number;
  /** The upload of a chunk or a drop; JSON for all others. Empty where it is given as it stood. */
  readonly text: string;
  /** The text of an entry or a base that is moved: nobody has to put it into words for that. */
  readonly stood: StoodText | undefined;
  readonly body: Buffer | undefined;
  readonly bodyChecksum: number;
  /** Of an entry: a chunk of it was refused. */
  readonly isHollow: boolean;
  /** Of a record that is moved: where it stood. */
  readonly from: Place | undefined;
}

/** As UTF-8. */
export interface StoodText {
  readonly bytes: Buffer;
  readonly checksum: number;
}

/** Longest text of a record; a head that says more is none. */
export const TEXT_BYTES_MAX = 64 * 1024 * 1024;
/** Bytes of a record's head. */
export const HEAD_BYTES = 56;

const MAGIC = Buffer.from('ppR1');
const MAGIC_NUMBER = MAGIC.readUInt32LE();
const CHECKED_BYTES = HEAD_BYTES - 4;

export const recordBytes = (head: Pick<RecordHead, 'textBytes' | 'bodyBytes'>): number =>
  HEAD_BYTES + head.textBytes + head.bodyBytes;

/** What tells the records of this segment of this store from all other bytes. */
export const saltOf = (store: string, segment: number): number => crc32(`${store}/${segment}`);

/** A head in the making. */
const scratch = Buffer.alloc(HEAD_BYTES);
const scratchChecked = scratch.subarray(0, CHECKED_BYTES);

export const textBytesOf = ({ text, stood }: Draft): number =>
  stood === undefined ? Buffer.byteLength(text) : stood.bytes.length;

/** Writes a record's head and text. @returns where they end */
export function encodeInto(bytes: Buffer, at: number, draft: Draft, salt: number, syncedTo: Place): number {
  const { text, stood, body } = draft;
  const textBytes =
    stood === undefined ? writeText(bytes, at + HEAD_BYTES, text) : stood.bytes.copy(bytes, at + HEAD_BYTES);
  scratch.writeUInt32LE(MAGIC_NUMBER, 0);
  const flags = (draft.isLast ? LAST : 0) + (draft.isHollow ? HOLLOW : 0);
  scratch.writeUInt32LE(KINDS.indexOf(draft.kind) + flags, 4);
  scratch.writeUInt32LE(textBytes, 8);
  scratch.writeUInt32LE(body === undefined ? 0 : body.length, 12);
  scratch.writeUIntLE(draft.lsn, 16, 6);
  scratch.writeUInt16LE(draft.part, 22);
  scratch.writeUInt32LE(draft.shard, 24);
  scratch.writeUInt32LE(draft.first >>> 0, 28);
  scratch.writeUInt32LE(draft.second >>> 0, 32);
  scratch.writeUInt32LE(stood === undefined ? crc32(text) : stood.checksum, 36);
  scratch.writeUInt32LE(draft.bodyChecksum, 40);
  scratch.writeUInt32LE(segmentOf(syncedTo), 44);
  scratch.writeUInt32LE(offsetOf(syncedTo), 48);
  scratch.writeUInt32LE(crc32(scratchChecked, salt), CHECKED_BYTES);
  scratch.copy(bytes, at);
  return at + HEAD_BYTES + textBytes;
}

const writeText = (bytes: Buffer, at: number, text: string): number => (text === '' ? 0 : bytes.write(text, at));

/** @returns undefined if no head of this segment stands there. */
export function decodeHead(bytes: Buffer, at: number, salt: number): RecordHead | undefined {
  if (at + HEAD_BYTES > bytes.length || bytes.readUInt32LE(at) !== MAGIC_NUMBER) return undefined;
  if (bytes.readUInt32LE(at + CHECKED_BYTES) !== crc32(bytes.subarray(at, at + CHECKED_BYTES), salt)) return undefined;
  const word = bytes.readUInt32LE(at + 4);
  const kind = KINDS[word & 0xff];
  const textBytes = bytes.readUInt32LE(at + 8);
  if (kind === undefined || textBytes > TEXT_BYTES_MAX) return undefined;
  return {
    kind,
    isLast: (word & LAST) !== 0,
    isHollow: (word & HOLLOW) !== 0,
    lsn: bytes.readUIntLE(at + 16, 6),
    part: bytes.readUInt16LE(at + 22),
    shard: bytes.readUInt32LE(at + 24),
    first: bytes.readUInt32LE(at + 28),
    second: bytes.readUInt32LE(at + 32),
    textBytes,
    bodyBytes: bytes.readUInt32LE(at + 12),
    textChecksum: bytes.readUInt32LE(at + 36),
    bodyChecksum: bytes.readUInt32LE(at + 40),
    syncedTo: placeOf(bytes.readUInt32LE(at + 44), bytes.readUInt32LE(at + 48)),
  };
}

/** Where the next head may stand; -1: nowhere in these bytes. */
export const nextMagic = (bytes: Buffer, from: number): number => bytes.indexOf(MAGIC, from);
