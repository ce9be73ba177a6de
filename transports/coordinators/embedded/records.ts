/**
 * Records of a state file: lines of JSON that people can read, each behind its length and checksums.
 *
 *   LLLLLLLL CCCCCCCC HHHHHHHH {...}\n      hexadecimal: bytes of the rest of the line, their CRC-32, the CRC-32 of
 *                                           the two fields before
 *
 * Tells a record whose writing was cut short, at the very end of the file, from a damaged one: what was confirmed is
 * never taken for what was not.
 */
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 27;
const CHECKED_BYTES = 17;
const HEADER = /^[0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8} $/;

const hex = (value: number): string => value.toString(16).padStart(8, '0');

export function record(value: object): Buffer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  const checked = `${hex(body.length)} ${hex(crc32(body))}`;
  return Buffer.concat([Buffer.from(`${checked} ${hex(crc32(checked))} `), body]);
}

export class Damaged extends Error {
  override readonly name = 'Damaged';
  constructor(
    readonly atByte: number,
    why: string,
  ) {
    super(why);
  }
}

export interface Records {
  readonly values: readonly { readonly atByte: number; readonly value: unknown }[];
  /** Behind the last whole record. */
  readonly endByte: number;
}

/** @throws Damaged, if anything but the end of the last record is missing. */
export function readRecords(bytes: Buffer): Records {
  // A loss of power may leave zeros where the last record was to come; no record ends in them.
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  const values: { atByte: number; value: unknown }[] = [];
  let at = 0;
  while (length - at >= HEADER_BYTES) {
    const body = bodyLength(bytes, at);
    const start = at + HEADER_BYTES;
    if (start + body > length) break;
    values.push({ atByte: at, value: parse(bytes.subarray(start, start + body), bytes, at) });
    at = start + body;
  }
  return { values, endByte: at };
}

function bodyLength(bytes: Buffer, at: number): number {
  const header = bytes.toString('latin1', at, at + HEADER_BYTES);
  const isWhole =
    HEADER.test(header) && header.slice(CHECKED_BYTES + 1, -1) === hex(crc32(header.slice(0, CHECKED_BYTES)));
  if (!isWhole) throw new Damaged(at, 'the head of a record is not what was written');
  return Number.parseInt(header.slice(0, 8), 16);
}

function parse(body: Buffer, bytes: Buffer, at: number): unknown {
  if (hex(crc32(body)) !== bytes.toString('latin1', at + 9, at + CHECKED_BYTES)) {
    throw new Damaged(at, 'a record is not what was written');
  }
  return JSON.parse(body.toString('utf8'));
}
