// A disk store in a folder of its own, and what its bytes become when something happens to them.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundText, StoreLife } from '../../../core/conformance/store-life.test-kit.js';
import type { Recovered } from '../../../core/store-port.js';
import { type DiskStoreOptions, openDiskStore } from '../disk-store.js';
import type { Store } from '../store.js';
import { until } from '../store-harness.test-kit.js';
import { REAL_FILES } from './file-system.js';
import { isLockFile } from './lock.js';
import { readManifest, segmentName } from './manifest.js';
import { type Place, type RecordHead, saltOf } from './record.js';
import { recoveredOf } from './recovered.js';
import { examine, type Findings } from './recovery.js';
import { scanSegment } from './scan.js';
import { SegmentFiles } from './segment-files.js';
import { isReserveFile } from './space.js';

export const BOOT = 'this boot';

/** In memory where there is such a place: these tests open a store thousands of times. */
const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export class DiskBench {
  readonly folder = mkdtempSync(join(parent, 'ppnfs-disk-'));
  private readonly opened: Store[] = [];
  private readonly copies: string[] = [];

  async open(options: Partial<DiskStoreOptions> = {}): Promise<Store> {
    const limits = { reserveFileBytes: 0, ...options.limits };
    const store = await openDiskStore({ folder: this.folder, durability: 'fsync', boot: BOOT, ...options, limits });
    this.opened.push(store);
    return store;
  }

  begin(store: Store): Promise<StoreLife> {
    return StoreLife.begin({ ...NO_WORLD, begin: (post) => store.begin(post), until });
  }

  /** As the disk is now: what a process leaves that is killed at this moment. */
  copy(): string {
    const copy = mkdtempSync(join(parent, 'ppnfs-disk-'));
    this.copies.push(copy);
    const isCopied = (name: string): boolean => !isLockFile(name.slice(this.folder.length + 1));
    // Files are made and removed on other threads: not between one file of a copy and the next.
    for (let listed = this.listed(); ; listed = this.listed()) {
      try {
        cpSync(this.folder, copy, { recursive: true, filter: isCopied });
        if (this.listed() === listed) return copy;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      rmSync(copy, { recursive: true });
    }
  }

  private listed(): string {
    return readFileSync(join(this.folder, 'manifest'), 'utf8') + readdirSync(this.folder).join();
  }

  async close(): Promise<void> {
    for (const store of this.opened) await store.close();
  }

  async clear(): Promise<void> {
    await this.close();
    for (const folder of [this.folder, ...this.copies]) rmSync(folder, { recursive: true, force: true });
  }
}

const NO_WORLD = {
  crash: () => Promise.reject(new Error('not here')),
  pause: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

const isOurs = (name: string): boolean => isLockFile(name) || isReserveFile(name);

/** What a store would find in a folder, without writing to it more than recovery itself does. */
export async function look(folder: string, boot = BOOT): Promise<Findings & { readonly recovered: Recovered }> {
  const findings = await examine(REAL_FILES, folder, await readManifest(REAL_FILES, folder, isOurs), boot, false);
  const files = new SegmentFiles(REAL_FILES, folder, 4);
  try {
    return { ...findings, recovered: await recoveredOf(findings, files) };
  } finally {
    await files.closeAll();
  }
}

/** In words, and what is to be doubted. */
export async function found(folder: string, boot = BOOT): Promise<string> {
  const { recovered } = await look(folder, boot);
  return foundText(recovered) + (recovered.suspectUpTo > 0 ? ` suspect up to ${recovered.suspectUpTo}` : '');
}

export interface WrittenRecord {
  readonly head: RecordHead;
  readonly text: string;
  readonly place: Place;
  readonly bytes: number;
}

export async function recordsIn(folder: string, segment = 1): Promise<WrittenRecord[]> {
  const { store } = await readManifest(REAL_FILES, folder, isOurs);
  const file = await open(join(folder, segmentName(segment)), 'r');
  const records: WrittenRecord[] = [];
  try {
    const bytes = (await file.stat()).size;
    await scanSegment(
      file,
      { segment, salt: saltOf(store, segment), bytes, verifiesBodies: false },
      {
        record: ({ head, text, place, bytes: length }) =>
          records.push({ head, text: text?.toString() ?? '', place, bytes: length }),
        hole: () => undefined,
      },
    );
  } finally {
    await file.close();
  }
  return records;
}
