/**
 * Small chunks lately written or read, by the place of their record: a bounded number of bytes, the least lately used go.
 * Large ones would only pass through, and become old while they do: V8 frees an old buffer by a full collection alone,
 * which then took a fifth of a server's time. Reading them again from the page cache costs one copy.
 */
import type { RealChunk } from '../checked.js';
import type { Place } from './record.js';

export class ChunkCache {
  private readonly chunks = new Map<Place, RealChunk>();
  private bytes = 0;

  constructor(
    private readonly bytesMax: number,
    private readonly chunkBytesMax: number,
  ) {}

  put(place: Place, chunk: RealChunk): void {
    if (chunk.length > Math.min(this.bytesMax, this.chunkBytesMax) || this.chunks.has(place)) return;
    this.chunks.set(place, owning(chunk));
    this.bytes += chunk.length;
    for (const [oldest, { length }] of this.chunks) {
      if (this.bytes <= this.bytesMax) return;
      this.chunks.delete(oldest);
      this.bytes -= length;
    }
  }

  get(place: Place): RealChunk | undefined {
    const chunk = this.chunks.get(place);
    if (chunk === undefined) return undefined;
    this.chunks.delete(place);
    this.chunks.set(place, chunk);
    return chunk;
  }
}

/** A small piece of a large buffer would keep all of that in memory. */
function owning(chunk: RealChunk): RealChunk {
  const { payload, length } = chunk;
  return payload.buffer.byteLength <= 2 * length ? chunk : { ...chunk, payload: Buffer.from(payload) };
}
