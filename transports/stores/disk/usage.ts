/** How many bytes of each segment are still needed. A leaf. */
import { type Place, segmentOf } from './record.js';

export interface SegmentUsage {
  /** Bytes of records in it. */
  total: number;
  /** Bytes of records that something still needs. */
  live: number;
}

export class Usage {
  readonly segments = new Map<number, SegmentUsage>();
  /** All there ever were. */
  freedBytes = 0;
  /** Bytes of all records. */
  totalBytes = 0;

  get liveBytes(): number {
    let sum = 0;
    for (const { live } of this.segments.values()) sum += live;
    return sum;
  }

  of(segment: number): SegmentUsage {
    let usage = this.segments.get(segment);
    if (usage === undefined) {
      usage = { total: 0, live: 0 };
      this.segments.set(segment, usage);
    }
    return usage;
  }

  /** A record was written there. */
  wrote(place: Place, bytes: number): void {
    this.of(segmentOf(place)).total += bytes;
    this.totalBytes += bytes;
  }

  needs(place: Place, bytes: number): void {
    this.of(segmentOf(place)).live += bytes;
  }

  frees(place: Place, bytes: number): void {
    this.of(segmentOf(place)).live -= bytes;
    this.freedBytes += bytes;
  }

  /** A segment is gone. */
  erased(segment: number): void {
    this.totalBytes -= this.of(segment).total;
    this.segments.delete(segment);
  }
}
