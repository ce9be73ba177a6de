/**
 * What was done to a disk and may still be undone by a crash, in order. The hot path of a simulated disk: a change costs
 * one place in a ring buffer, and no more when it is safe.
 */
import type { Chunk, LogEntry } from '../../../core/file.js';
import type { ShardId, UploadId } from '../../../core/ids.js';
import type { Base, StoreIdentity } from '../../../core/store-port.js';
import type { ShardRecords, StoredUpload } from './contents.js';

/** `before`: what was there until then; it is needed only as long as the write may be undone. */
export type Write =
  | {
      readonly kind: 'persist';
      readonly position: number;
      readonly shard: ShardId;
      readonly entries: readonly LogEntry[];
    }
  | {
      readonly kind: 'base';
      readonly position: number;
      readonly shard: ShardId;
      readonly base: Base;
      readonly before: ShardRecords | undefined;
    }
  | {
      readonly kind: 'forget';
      readonly position: number;
      readonly shard: ShardId;
      readonly before: ShardRecords | undefined;
    }
  | { readonly kind: 'identity'; readonly position: number; readonly before: StoreIdentity | undefined }
  | {
      readonly kind: 'drop';
      readonly position: number;
      readonly upload: UploadId;
      readonly before: StoredUpload;
    };

/** A chunk stands for its being stored. */
export type Change = Chunk | Write;

export const isWrite = (change: Change): change is Write => 'kind' in change;

const SIZE_AT_FIRST = 64;

/** Positions grow for ever; those in [start, end) are there. */
export class Journal {
  start = 0;
  end = 0;
  /** A ring buffer, its size a power of two. */
  private items: (Change | undefined)[] = new Array<Change | undefined>(SIZE_AT_FIRST).fill(undefined);

  push(change: Change): void {
    if (this.end - this.start === this.items.length) this.grow();
    this.items[this.end++ & (this.items.length - 1)] = change;
  }

  /** What stands before this position is safe. */
  settle(to: number): void {
    const { items } = this;
    while (this.start < to) items[this.start++ & (items.length - 1)] = undefined;
  }

  /** Takes out everything from this position on. */
  takeFrom(position: number): readonly Change[] {
    const taken: Change[] = [];
    const mask = this.items.length - 1;
    for (let at = position; at < this.end; at++) {
      taken.push(this.items[at & mask] as Change);
      this.items[at & mask] = undefined;
    }
    this.end = position;
    return taken;
  }

  private grow(): void {
    const size = this.items.length;
    const items = new Array<Change | undefined>(2 * size).fill(undefined);
    for (let at = this.start; at < this.end; at++) items[at & (2 * size - 1)] = this.items[at & (size - 1)];
    this.items = items;
  }
}
