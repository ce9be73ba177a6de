/**
 * Chunks read from the disk, so many at once: each verified, none served that is not what was written (hazard 7).
 */
import { read } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { UploadId } from '../../../core/ids.js';
import type { RealChunk } from '../checked.js';
import type { ChunkCache } from './chunk-cache.js';
import { decodeHead, HEAD_BYTES, offsetOf, saltOf, segmentOf } from './record.js';
import type { SegmentFiles } from './segment-files.js';
import type { Piece } from './upload-index.js';

export interface ChunkRequest {
  readonly upload: UploadId;
  readonly index: number;
  /** The group that has to be written before. */
  readonly after: number;
  /** Undefined: not there, or rotten. */
  readonly answer: (chunk: RealChunk | undefined) => void;
}

export class ChunkReads {
  /** In the order of asking. */
  private readonly queue: ChunkRequest[] = [];
  private underWay = 0;
  private written = 0;

  constructor(
    private readonly store: string,
    private readonly files: SegmentFiles,
    private readonly cache: ChunkCache,
    private readonly readsMax: number,
    private readonly find: (upload: UploadId, index: number) => Piece | undefined,
  ) {}

  ask(request: ChunkRequest): void {
    this.queue.push(request);
  }

  /** Begins what may be begun. @param written the last group that is written */
  go(written = this.written): void {
    this.written = written;
    while (this.underWay < this.readsMax) {
      const [request] = this.queue;
      if (request === undefined || request.after > written) return;
      this.queue.shift();
      this.begin(request);
    }
  }

  forget(): void {
    this.queue.length = 0;
  }

  private begin({ upload, index, answer }: ChunkRequest): void {
    const piece = this.find(upload, index);
    const cached = piece === undefined ? undefined : this.cache.get(piece.place);
    if (piece === undefined || cached !== undefined) {
      answer(cached);
      return;
    }
    this.underWay++;
    readPiece(this.files, piece, (bytes) => {
      this.underWay--;
      const chunk = bytes === undefined ? undefined : this.chunkIn(bytes, piece, upload, index);
      if (chunk !== undefined) this.cache.put(piece.place, chunk);
      answer(chunk);
      this.go();
    });
  }

  private chunkIn(bytes: Buffer, { place }: Piece, upload: UploadId, index: number): RealChunk | undefined {
    const head = decodeHead(bytes, 0, saltOf(this.store, segmentOf(place)));
    if (head === undefined || head.kind !== 'chunk' || head.first !== index) return undefined;
    const bodyFrom = HEAD_BYTES + head.textBytes;
    if (bytes.toString('utf8', HEAD_BYTES, bodyFrom) !== upload) return undefined;
    const payload = bytes.subarray(bodyFrom);
    if (payload.length !== head.bodyBytes || crc32(payload) !== head.bodyChecksum) return undefined;
    return { upload, index, length: payload.length, checksum: head.bodyChecksum, payload };
  }
}

/** A record's bytes; undefined if they cannot be read. */
export function readPiece(files: SegmentFiles, { place, bytes }: Piece, done: (bytes?: Buffer) => void): void {
  const segment = segmentOf(place);
  let descriptor: number;
  try {
    descriptor = files.borrow(segment);
  } catch {
    setImmediate(done);
    return;
  }
  const buffer = Buffer.allocUnsafeSlow(bytes);
  const step = (filled: number): void => {
    read(descriptor, buffer, filled, bytes - filled, offsetOf(place) + filled, (error, more) => {
      if (error === null && more > 0 && filled + more < bytes) return step(filled + more);
      files.giveBack(segment);
      done(error === null && filled + more === bytes ? buffer : undefined);
    });
  };
  step(0);
}
