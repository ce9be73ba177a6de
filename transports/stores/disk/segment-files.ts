/** The open files of a folder's segments: a bounded number of them, and none is closed while it is in use. */
import { join } from 'node:path';
import type { FileSystem } from './file-system.js';
import { segmentName } from './manifest.js';

interface Open {
  readonly descriptor: number;
  users: number;
  isDoomed: boolean;
}

export class SegmentFiles {
  /** The one used last stands last. */
  private readonly open = new Map<number, Open>();

  constructor(
    private readonly system: FileSystem,
    private readonly folder: string,
    private readonly openMax: number,
  ) {}

  /** @returns its descriptor, to be given back. @throws what the system says when it cannot be opened */
  borrow(segment: number): number {
    let one = this.open.get(segment);
    if (one === undefined) {
      const descriptor = this.system.openSync(join(this.folder, segmentName(segment)));
      one = { descriptor, users: 0, isDoomed: false };
      this.makeRoom();
    } else {
      this.open.delete(segment);
    }
    this.open.set(segment, one);
    one.users++;
    return one.descriptor;
  }

  giveBack(segment: number): void {
    const one = this.open.get(segment);
    if (one === undefined) return;
    one.users--;
    if (one.users === 0 && one.isDoomed) void this.close(segment, one);
  }

  /** It is closed as soon as nobody uses it. @returns when it is closed; at once, if somebody still uses it */
  async doom(segment: number): Promise<void> {
    const one = this.open.get(segment);
    if (one === undefined) return;
    one.isDoomed = true;
    if (one.users === 0) await this.close(segment, one);
  }

  closeAll(): void {
    for (const segment of [...this.open.keys()]) void this.doom(segment);
  }

  private makeRoom(): void {
    for (const [segment, one] of this.open) {
      if (this.open.size < this.openMax) return;
      if (one.users === 0) void this.close(segment, one);
    }
  }

  private async close(segment: number, one: Open): Promise<void> {
    this.open.delete(segment);
    try {
      await this.system.close(one.descriptor);
    } catch {
      // Nothing more is expected of it: what counts was synced.
    }
  }
}
