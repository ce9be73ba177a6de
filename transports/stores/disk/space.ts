/**
 * Whether there is room for chunks. Room for the log is kept apart, so that deletes go on when nothing else does: chunks
 * are refused while less than that is free, and a file of real bytes gives way when even the log finds no room.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskLimits } from './limits.js';

const RESERVE = 'reserve';
export const isReserveFile = (name: string): boolean => name === RESERVE;

const PIECE_BYTES = 256 * 1024;

export interface SpaceParts {
  readonly folder: string;
  /** Bytes the store may take; undefined: the whole disk. */
  readonly capacityBytes: number | undefined;
  readonly limits: DiskLimits;
  /** Bytes it takes. */
  readonly diskBytes: () => number;
  readonly changed: (full: boolean) => void;
  /** It is still full, but perhaps less so: somebody else may have given something back. */
  readonly stillFull: () => void;
}

export class Space {
  isFull = false;
  /** Of the disk, when it was last asked. */
  private freeBytes = Number.POSITIVE_INFINITY;
  private diskBytesThen = 0;
  private fullUntilMs = 0;
  /** How often there was no room for a write. */
  private shortages = 0;
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<void> | undefined;
  private hasReserve: boolean;

  constructor(private readonly parts: SpaceParts) {
    this.hasReserve = existsSync(join(parts.folder, RESERVE));
  }

  async begin(): Promise<void> {
    await this.ask();
    this.timer = setInterval(() => void this.ask(), this.parts.limits.spaceMs);
    this.timer.unref();
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.asking;
  }

  /** Something was written or removed. */
  look(): void {
    const { limits } = this.parts;
    const free = this.free;
    if (!this.isFull && free < limits.reserveBytes) this.turn(true);
    else if (this.isFull && free >= limits.reserveBytes + limits.roomBytes && Date.now() >= this.fullUntilMs) {
      this.turn(false);
    }
  }

  /** Bytes, as far as is known. */
  get free(): number {
    const { capacityBytes = Number.POSITIVE_INFINITY, diskBytes } = this.parts;
    const taken = diskBytes();
    return Math.min(this.freeBytes - Math.max(0, taken - this.diskBytesThen), capacityBytes - taken);
  }

  /** The system had no room for a write. */
  ranOut(): void {
    this.fullUntilMs = Date.now() + this.parts.limits.fullMs;
    this.shortages++;
    // Until the system is asked again: what is given back now is for the log.
    this.freeBytes = 0;
    this.diskBytesThen = this.parts.diskBytes();
    if (!this.isFull) this.turn(true);
  }

  /** For what has no other place. @returns whether there is more room now */
  giveReserve(): boolean {
    if (!this.hasReserve) return false;
    this.hasReserve = false;
    rmSync(join(this.parts.folder, RESERVE), { force: true });
    return true;
  }

  /** Asks the system. */
  ask(): Promise<void> {
    this.asking ??= this.askOnce().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async askOnce(): Promise<void> {
    const { folder, diskBytes } = this.parts;
    const { shortages } = this;
    // What is written while it answers may be in its answer or not.
    const before = diskBytes();
    try {
      const { bavail, bsize } = await statfs(folder);
      // Asked before there was no room, it says what was free then, and the reserve would go to what is not the log.
      if (shortages === this.shortages) {
        this.freeBytes = bavail * bsize;
        this.diskBytesThen = before;
      }
    } catch {
      // What it said last holds; a write will tell.
    }
    this.look();
    if (this.isFull) this.parts.stillFull();
    if (!this.isFull && !this.hasReserve && this.parts.limits.reserveFileBytes > 0) await this.makeReserve();
  }

  private turn(full: boolean): void {
    this.isFull = full;
    this.parts.changed(full);
  }

  /** Bytes that no file system can save. */
  private async makeReserve(): Promise<void> {
    const path = join(this.parts.folder, RESERVE);
    try {
      const file = await open(path, 'w');
      try {
        const piece = randomBytes(PIECE_BYTES);
        for (let at = 0; at < this.parts.limits.reserveFileBytes; at += PIECE_BYTES)
          await file.write(piece, 0, PIECE_BYTES, at);
      } finally {
        await file.close();
      }
      this.hasReserve = true;
    } catch {
      rmSync(path, { force: true });
    }
  }
}
