/**
 * Where the bytes of a put come from: memory, a file, or a stream that can be read only once.
 * Knows nothing of servers.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Source } from './client.js';

const READ_BYTES = 256 * 1024;

/** So much of a stream is kept, to send it again: whole streams up to this size are as good as files. */
export const STREAM_KEPT_BYTES_MAX = 16 * 1024 * 1024;

export function bytesSource(bytes: Buffer): Source {
  return {
    length: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += READ_BYTES) yield bytes.subarray(at, at + READ_BYTES);
    },
    close() {},
  };
}

/** @param length as the file's size was looked up: what it holds beyond is not read */
export function fileSource(file: string, length: number): Source {
  return {
    length,
    async *open() {
      // One byte more is asked for, so that a file that grew is noticed.
      if (length > 0) yield* createReadStream(file, { highWaterMark: READ_BYTES, end: length });
    },
    close() {},
  };
}

/** Reads ahead as far as it may keep; a stream that ends by then can be sent again, and its length is known. */
export async function streamSource(stream: Readable, keptBytesMax = STREAM_KEPT_BYTES_MAX): Promise<Source> {
  const rest = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let isEnded = false;
  while (!isEnded && keptBytes < keptBytesMax) {
    const { value, done } = await rest.next();
    if (done === true) isEnded = true;
    else {
      kept.push(Buffer.from(value));
      keptBytes += value.length;
    }
  }
  if (isEnded) return bytesSource(Buffer.concat(kept));
  let isTouched = false;
  async function* read(): AsyncGenerator<Buffer> {
    yield* kept;
    isTouched = true;
    for (;;) {
      const { value, done } = await rest.next();
      if (done === true) return;
      yield value;
    }
  }
  return { length: undefined, open: () => (isTouched ? undefined : read()), close: () => stream.destroy() };
}
