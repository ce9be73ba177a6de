// A full disk takes no chunks and still has room for the log; when something is dropped there is room again.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunk, entry, type StoreLife } from '../../../core/conformance/store-life.test-kit.js';
import { openDiskStore } from '../disk-store.js';
import { openMemoryStore } from '../memory-store.js';
import type { Store } from '../store.js';
import { until } from '../store-harness.test-kit.js';
import { DiskBench } from './disk.test-kit.js';
import { type DiskLimits, limitsFor } from './limits.js';
import { Space } from './space.js';

const KIBI = 1024;
const CHUNK_BYTES = 16 * KIBI;

let bench: DiskBench;
beforeEach(() => {
  bench = new DiskBench();
});
afterEach(() => bench.clear());

/** Stores uploads of some chunks each, an entry behind each, until the store is full. @returns how many it took */
async function fill(life: StoreLife, from = 1): Promise<number> {
  for (let i = from; i < from + 10_000; i++) {
    for (let index = 0; index < 4; index++) life.store(0, chunk(`u${i}`, index, CHUNK_BYTES));
    life.persist(0, entry(i));
    await life.hears(`0: 1.${i}`);
    if (life.words.includes('full')) return i - 1;
  }
  throw new Error('it never was full');
}

async function staysUsable(life: StoreLife): Promise<void> {
  const took = await fill(life);
  expect(took).toBeGreaterThan(10);
  // No chunk, but entries, many of them: deletes go on.
  life.store(0, chunk('late', 0, CHUNK_BYTES));
  await life.hears('late#0 unwritten');
  for (let i = took + 2; i < took + 52; i++) {
    life.persist(0, entry(i));
    await life.hears(`0: 1.${i}`);
  }
  for (let i = 1; i <= took; i++) expect((await life.read(`u${i}`, 3))?.length).toBe(CHUNK_BYTES);
  // One in three goes: only by moving the others is there room again.
  expect(life.words).not.toContain('room');
  for (let i = 1; i <= took; i += 3) life.ask({ kind: 'drop-upload', upload: `u${i}` });
  await life.hears('room');
  life.store(0, chunk('late', 1, CHUNK_BYTES));
  expect((await life.read('late', 1))?.length).toBe(CHUNK_BYTES);
  for (let i = 2; i <= took; i += 3) expect((await life.read(`u${i}`, 3))?.length).toBe(CHUNK_BYTES);
  expect(life.words.filter((word) => word === 'full')).toHaveLength(1);
  expect(life.words).not.toContain('broken');
  const refused = life.words.filter((word) => word.endsWith('unwritten'));
  expect(refused.length).toBeLessThan(10);
}

describe('a store with a capacity', () => {
  it('is full at it, stays usable, and has room again', async () => {
    const capacityBytes = 4_096 * KIBI;
    const store = await bench.open({ capacityBytes, limits: { segmentBytes: 128 * KIBI, groupBytesMax: 64 * KIBI } });
    await staysUsable(await bench.begin(store));
    expect(store.figures.diskBytes).toBeLessThan(capacityBytes);
  });

  it('tells a new life that it is full', async () => {
    const store = await bench.open({ capacityBytes: 2_048 * KIBI, limits: { segmentBytes: 128 * KIBI } });
    await fill(await bench.begin(store));
    const next = await bench.begin(store);
    await next.hears('full');
  });

  it('in memory does the same', async () => {
    const store = openMemoryStore({ capacityBytes: 2_048 * KIBI });
    await staysUsable(await bench.begin(store));
  });
});

describe('what is free', () => {
  it('is not told by an answer that was asked for before there was no room', async () => {
    const limits = limitsFor(1, { reserveFileBytes: 0 });
    const offered: number[] = [];
    const space: Space = new Space({
      ...{ folder: bench.folder, capacityBytes: undefined, limits, diskBytes: () => 0, changed: () => undefined },
      stillFull: () => offered.push(space.free),
    });
    const asked = space.ask();
    space.ranOut();
    await asked;
    expect(offered).toEqual([0]);
    await space.ask();
    expect(offered[1]).toBeGreaterThan(0);
  });
});

/** Somebody else takes whatever is free, to the last page. @returns the file */
function takeAll(folder: string): string {
  const greedy = join(folder, 'greedy');
  const file = openSync(greedy, 'w');
  // What is free is not asked before: the store's other threads are still at work, and take some of it.
  const page = Buffer.alloc(4 * KIBI, 1);
  try {
    for (;;) writeSync(file, page);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return greedy;
}

const mountedAt = mkdtempSync(join(tmpdir(), 'ppnfs-small-'));
const mounting = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'ppnfs-test', mountedAt]);
const canMount = mounting.status === 0;
/** In vain, if a store that is closed has something open there. */
const unmount = (folder: string): Promise<void> => until(() => spawnSync('umount', [folder]).status === 0);
if (canMount) await unmount(mountedAt);
else console.warn(`no disk that is really full can be tested: mount says ${String(mounting.stderr ?? mounting.error)}`);
rmSync(mountedAt, { recursive: true });

describe.skipIf(!canMount)('a disk that is really full', () => {
  let folder: string;
  let store: Store;
  const open = async (limits: Partial<DiskLimits> = {}): Promise<StoreLife> => {
    store = await openDiskStore({
      folder: join(folder, 'store'),
      durability: 'fsync',
      limits: { fullMs: 100, spaceMs: 50, ...limits },
    });
    return bench.begin(store);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ppnfs-small-'));
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'ppnfs-test', folder]).status).toBe(0);
  });
  afterEach(async () => {
    await store.close();
    await unmount(folder);
    rmSync(folder, { recursive: true });
  });

  it('stays usable, and has room again', async () => {
    await staysUsable(await open());
  });

  it('has its log go on although somebody else takes the last byte', async () => {
    const life = await open();
    life.persist(0, entry(1));
    await life.hears('0: 1.1');
    await until(() => existsSync(join(folder, 'store', 'reserve')));
    const greedy = takeAll(folder);
    // As much as fits into what was kept for it.
    life.store(0, chunk('late', 0, 3 * CHUNK_BYTES));
    for (let i = 2; i < 102; i++) {
      life.persist(0, entry(i));
      await life.hears(`0: 1.${i}`);
    }
    await life.hears('full');
    life.store(0, chunk('late', 2, CHUNK_BYTES));
    await life.hears('late#2 unwritten');
    rmSync(greedy);
    await life.hears('room');
    await until(() => existsSync(join(folder, 'store', 'reserve')));
    life.store(0, chunk('late', 1, CHUNK_BYTES));
    expect((await life.read('late', 1))?.length).toBe(CHUNK_BYTES);
    expect(life.words).not.toContain('broken');
    await store.close();
    const next = await open();
    expect(next.found).toContain(' 101] ');
  });

  it('leaves what is kept for the log to the log, however much there is to be moved', async () => {
    // Segments grow longer than they should where no room is for the next.
    const life = await open({ movedBytes: 32 * KIBI, segmentBytes: 1024 * KIBI, reserveFileBytes: 256 * KIBI });
    const took = await fill(life);
    const greedy = takeAll(folder);
    for (let i = 1; i <= took; i += 2) life.ask({ kind: 'drop-upload', upload: `u${i}` });
    for (let i = took + 2; i < took + 302; i++) {
      life.persist(0, entry(i));
      await life.hears(`0: 1.${i}`);
    }
    rmSync(greedy);
    await life.hears('room');
    for (let i = 2; i <= took; i += 2) expect((await life.read(`u${i}`, 3))?.length).toBe(CHUNK_BYTES);
    expect(life.words).not.toContain('broken');
  });

  it('says so when it has no room to begin', async () => {
    const greedy = takeAll(folder);
    await expect(open()).rejects.toThrow(/ENOSPC|cannot be written/);
    rmSync(greedy);
    expect((await open()).found).toBe('');
  });
});
