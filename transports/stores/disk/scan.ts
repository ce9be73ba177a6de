/**
 * Reads a segment from its start: every record that is whole, and every stretch in which there is none. Jumps over the
 * bytes of chunks, unless it is to verify them.
 */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Pace } from './pace.js';
import { decodeHead, HEAD_BYTES, nextMagic, type Place, placeOf, type RecordHead, recordBytes } from './record.js';

export interface ScannedRecord {
  readonly head: RecordHead;
  readonly place: Place;
  readonly bytes: number;
  /** As UTF-8, to be read now; not all are wanted as words. Undefined: its checksum is wrong. */
  readonly text: Buffer | undefined;
  /** False only if the bytes of a chunk were looked at and are not what they were. */
  readonly bodySound: boolean;
}

export interface ScanVisitor {
  record(record: ScannedRecord): void;
  /** Bytes [from, to) are no record. `isTorn`: they are the first part of one, and the segment ends there. */
  hole(from: Place, to: Place, isTorn: boolean): void;
}

export interface ScanOptions {
  readonly segment: number;
  readonly salt: number;
  /** So many bytes of it are there. */
  readonly bytes: number;
  readonly verifiesBodies: boolean;
  /** Undefined: somebody waits for it. */
  readonly pace?: Pace;
}

/** Read at once among small records, and where bodies are jumped over. */
const WINDOW_BYTES = 256 * 1024;
const JUMP_WINDOW_BYTES = 4 * 1024;
const JUMP_FROM_BYTES = 32 * 1024;

export async function scanSegment(file: FileHandle, options: ScanOptions, visitor: ScanVisitor): Promise<void> {
  const { segment, salt, bytes } = options;
  const window = new Window(file, bytes, options.pace);
  let offset = 0;
  let jumps = false;
  while (offset < bytes) {
    const missing = window.cover(offset, Math.min(HEAD_BYTES, bytes - offset), jumps);
    // Among small records, waiting for nothing would cost more than all the rest.
    if (missing !== undefined) await missing;
    const head = decodeHead(window.bytes, offset - window.start, salt);
    if (head === undefined || offset + recordBytes(head) > bytes) {
      const to = await nextHead(window, offset + 1, options);
      const isTorn = to === bytes && (head !== undefined || bytes - offset < HEAD_BYTES);
      visitor.hole(placeOf(segment, offset), placeOf(segment, to), isTorn);
      offset = to;
      continue;
    }
    const wholeBytes = recordBytes(head);
    const more = window.cover(offset, options.verifiesBodies ? wholeBytes : HEAD_BYTES + head.textBytes, jumps);
    if (more !== undefined) await more;
    const text = window.slice(offset + HEAD_BYTES, head.textBytes);
    const bodySound =
      !options.verifiesBodies ||
      crc32(window.slice(offset + HEAD_BYTES + head.textBytes, head.bodyBytes)) === head.bodyChecksum;
    visitor.record({
      head,
      place: placeOf(segment, offset),
      bytes: wholeBytes,
      bodySound: head.bodyBytes === 0 || bodySound,
      text: crc32(text) === head.textChecksum ? text : undefined,
    });
    jumps = head.bodyBytes >= JUMP_FROM_BYTES;
    offset += wholeBytes;
  }
}

/** Where the next record stands that is whole; the end of the segment, if none does. */
async function nextHead(window: Window, from: number, { bytes, salt }: ScanOptions): Promise<number> {
  let offset = from;
  while (offset + HEAD_BYTES <= bytes) {
    await window.cover(offset, HEAD_BYTES, false);
    const at = nextMagic(window.bytes, offset - window.start);
    // The magic may begin in the last bytes of the window.
    if (at < 0) offset = Math.max(offset + 1, window.end - 3);
    else {
      offset = window.start + at;
      await window.cover(offset, Math.min(HEAD_BYTES, bytes - offset), false);
      const head = decodeHead(window.bytes, offset - window.start, salt);
      if (head !== undefined && offset + recordBytes(head) <= bytes) return offset;
      offset++;
    }
  }
  return bytes;
}

/** The part of a file that is at hand. */
class Window {
  bytes = Buffer.alloc(0);
  start = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly fileBytes: number,
    private readonly pace: Pace | undefined,
  ) {}

  get end(): number {
    return this.start + this.bytes.length;
  }

  slice(offset: number, length: number): Buffer {
    return this.bytes.subarray(offset - this.start, offset - this.start + length);
  }

  /** @returns undefined: it is at hand already */
  cover(offset: number, length: number, jumps: boolean): Promise<void> | undefined {
    if (offset >= this.start && offset + length <= this.end) return undefined;
    return this.read(offset, length, jumps);
  }

  private async read(offset: number, length: number, jumps: boolean): Promise<void> {
    await this.pace?.rest();
    const wanted = Math.max(length, jumps ? JUMP_WINDOW_BYTES : WINDOW_BYTES);
    const bytes = Buffer.allocUnsafe(Math.min(wanted, this.fileBytes - offset));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.file.read(bytes, done, bytes.length - done, offset + done);
      if (bytesRead === 0) throw new Error('the file was shortened while it was read');
      done += bytesRead;
    }
    this.bytes = bytes;
    this.start = offset;
    this.pace?.begin();
  }
}
