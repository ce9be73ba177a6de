/**
 * Chunks that a store was given and did not take, until it has them or nobody wants them: which entries are hollow that are
 * written meanwhile. Every store keeps such a book, for as long as it may have entries of which it was not told to make
 * them good (hazard 7).
 */
import { type LogEntry, storedUpload } from './file.js';
import type { UploadId } from './ids.js';

export class RefusedChunks {
  private readonly uploads = new Map<UploadId, Set<number>>();

  refuse(upload: UploadId, index: number): void {
    const refused = this.uploads.get(upload);
    if (refused === undefined) this.uploads.set(upload, new Set([index]));
    else refused.add(index);
  }

  take(upload: UploadId, index: number): void {
    const refused = this.uploads.get(upload);
    if (refused?.delete(index) === true && refused.size === 0) this.uploads.delete(upload);
  }

  drop(upload: UploadId): void {
    this.uploads.delete(upload);
  }

  clear(): void {
    this.uploads.clear();
  }

  /** Bytes that this entry names are not here. */
  isHollow(entry: LogEntry): boolean {
    if (this.uploads.size === 0) return false;
    const upload = storedUpload(entry);
    return upload !== undefined && this.uploads.has(upload);
  }
}
