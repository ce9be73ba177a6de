/** The open files of a folder's segments: a bounded number of them, and none is closed while it is in use. */
import { join } from 'node:path';
import type { FileSystem } from './file-system.js';
import { segmentName } from './manifest.js';

interface Open {
  readonly descriptor: number;
  users: number;
  /** Who waits until it is closed; undefined: nobody wants it closed. */
  whenClosed: (() => void)[] | undefined;
}

export class SegmentFiles {
  /** The one used last stands last. */
  private readonly open = new Map<number, Open>();
  /** Being closed. */
  private readonly closing = new Set<Promise<void>>();

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
      one = { descriptor, users: 0, whenClosed: undefined };
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
    if (one.users === 0 && one.whenClosed !== undefined) this.close(segment, one);
  }

  /** It is closed as soon as nobody uses it. @returns when it is */
  doom(segment: number): Promise<void> {
    const one = this.open.get(segment);
    if (one === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      one.whenClosed ??= [];
      one.whenClosed.push(resolve);
      if (one.users === 0) this.close(segment, one);
    });
  }

  /** @returns when none is open any more */
  async closeAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((segment) => this.doom(segment)));
    await Promise.all(this.closing);
  }

  private makeRoom(): void {
    for (const [segment, one] of this.open) {
      if (this.open.size < this.openMax) return;
      if (one.users === 0) this.close(segment, one);
    }
  }

  private close(segment: number, one: Open): void {
    this.open.delete(segment);
    // Nothing more is expected of it, also where that fails: what counts was synced.
    const closed = this.system.close(one.descriptor).catch(() => undefined);
    const done = closed.then(() => {
      this.closing.delete(done);
      for (const tell of one.whenClosed ?? []) tell();
    });
    this.closing.add(done);
  }
}
