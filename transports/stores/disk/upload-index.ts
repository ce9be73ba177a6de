/**
 * Where the chunks of uploads stand. Records may be given in any order: what was asked for last holds, told by the LSN.
 * A drop is remembered as long as a record it speaks of is on the disk, lest that one rise again.
 */
import type { ShardId, UploadId } from '../../../core/ids.js';
import { rangesOf } from '../../../core/ranges.js';
import type { RecoveredUpload } from '../../../core/store-port.js';
import type { Place } from './record.js';
import type { Usage } from './usage.js';

/** A record on the disk that is needed. */
export interface Piece {
  readonly lsn: number;
  readonly place: Place;
  readonly bytes: number;
}

interface Upload {
  shard: ShardId;
  /** Three numbers a chunk: place, bytes and LSN of its record; holes where there is none. */
  readonly slots: number[];
  /** Chunks that are there. */
  count: number;
  /** Records of its chunks on the disk, needed or not. */
  records: number;
  drop: Piece | undefined;
}

const SLOT = 3;

export class UploadIndex {
  private readonly uploads = new Map<UploadId, Upload>();

  private isSettled = false;

  constructor(private readonly usage: Usage) {}

  /**
   * A chunk's record was found or written. Found twice, it was being moved when the power went: the first one holds, for
   * it was whole then. @param bodySound false: its bytes are not there
   */
  chunk(upload: UploadId, index: number, shard: ShardId, piece: Piece, bodySound = true): void {
    const one = this.upload(upload, shard);
    one.records++;
    if (!bodySound || piece.lsn < (one.drop?.lsn ?? 0)) return;
    const at = SLOT * index;
    const lsn = one.slots[at + 2];
    if (lsn !== undefined) {
      const isCopy = piece.lsn === lsn && piece.place > (one.slots[at] as number);
      if (piece.lsn < lsn || (isCopy && !this.isSettled)) return;
      this.usage.frees(one.slots[at] as number, one.slots[at + 1] as number);
    } else {
      one.count++;
    }
    one.shard = shard;
    one.slots[at] = piece.place;
    one.slots[at + 1] = piece.bytes;
    one.slots[at + 2] = piece.lsn;
    this.usage.needs(piece.place, piece.bytes);
  }

  drop(upload: UploadId, piece: Piece): void {
    const one = this.upload(upload, 0);
    if (piece.lsn < (one.drop?.lsn ?? 0)) return;
    if (one.drop !== undefined) this.usage.frees(one.drop.place, one.drop.bytes);
    one.drop = piece;
    this.usage.needs(piece.place, piece.bytes);
    const { slots } = one;
    for (let at = 0; at < slots.length; at += SLOT) {
      if ((slots[at + 2] ?? piece.lsn) < piece.lsn) this.forgetSlot(one, at);
    }
    if (one.count === 0) slots.length = 0;
    if (this.isSettled) this.tidy(upload, one);
  }

  /** All records were given: drops that speak of nothing may go. */
  settle(): void {
    this.isSettled = true;
    for (const [upload, one] of this.uploads) this.tidy(upload, one);
  }

  /** So many records of its chunks are no longer on the disk. */
  erased(upload: UploadId, records: number): void {
    const one = this.uploads.get(upload);
    if (one === undefined) return;
    one.records -= records;
    this.tidy(upload, one);
  }

  has(upload: UploadId): boolean {
    return (this.uploads.get(upload)?.count ?? 0) > 0;
  }

  find(upload: UploadId, index: number): Piece | undefined {
    const slots = this.uploads.get(upload)?.slots;
    const place = slots?.[SLOT * index];
    if (slots === undefined || place === undefined) return undefined;
    return { place, bytes: slots[SLOT * index + 1] as number, lsn: slots[SLOT * index + 2] as number };
  }

  findDrop(upload: UploadId): Piece | undefined {
    return this.uploads.get(upload)?.drop;
  }

  /** Its bytes are not what they were: it counts as not there. */
  lose(upload: UploadId, index: number): void {
    const one = this.uploads.get(upload);
    if (one !== undefined && one.slots[SLOT * index] !== undefined) this.forgetSlot(one, SLOT * index);
  }

  recovered(): RecoveredUpload[] {
    const all: RecoveredUpload[] = [];
    for (const [upload, { shard, slots, count }] of this.uploads) {
      if (count === 0) continue;
      const indexes: number[] = [];
      for (let at = 0; at < slots.length; at += SLOT) if (slots[at] !== undefined) indexes.push(at / SLOT);
      all.push({ upload, shard, chunks: rangesOf(indexes) });
    }
    return all;
  }

  private upload(id: UploadId, shard: ShardId): Upload {
    let one = this.uploads.get(id);
    if (one === undefined) {
      one = { shard, slots: [], count: 0, records: 0, drop: undefined };
      this.uploads.set(id, one);
    }
    return one;
  }

  private forgetSlot(one: Upload, at: number): void {
    const { slots } = one;
    this.usage.frees(slots[at] as number, slots[at + 1] as number);
    for (let i = at; i < at + SLOT; i++) delete slots[i];
    one.count--;
  }

  private tidy(id: UploadId, one: Upload): void {
    if (one.records > 0) return;
    if (one.drop !== undefined) this.usage.frees(one.drop.place, one.drop.bytes);
    this.uploads.delete(id);
  }
}
