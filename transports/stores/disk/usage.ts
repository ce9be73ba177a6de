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

  get liveBytes(): number {
    let sum = 0;
    for (const { live } of this.segments.values()) sum += live;
    return sum;
  }

  get totalBytes(): number {
    let sum = 0;
    for (const { total } of this.segments.values()) sum += total;
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
  }

  needs(place: Place, bytes: number): void {
    this.of(segmentOf(place)).live += bytes;
  }

  frees(place: Place, bytes: number): void {
    this.of(segmentOf(place)).live -= bytes;
  }
}
