/** The checksum of a chunk's bytes: made at the door, verified where they come to rest. */
import { crc32 } from 'node:zlib';
import type { Chunk } from '../../core/file.js';

/** A chunk whose bytes are here. */
export type RealChunk = Chunk & { readonly payload: Buffer };

/** @returns undefined if these are not the bytes that the checksum was made of. */
export function checked(chunk: Chunk): RealChunk | undefined {
  const { payload, length, checksum } = chunk;
  if (!Buffer.isBuffer(payload) || payload.length !== length || crc32(payload) !== checksum) return undefined;
  return chunk as RealChunk;
}
