// The space of what is not needed comes back, and nothing else goes: not over moves, crashes or names used again.
import { closeSync, existsSync, fstatSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { base, chunk, entry, IDENTITY, type StoreLife } from '../../../core/conformance/store-life.test-kit.js';
import type { Chunk } from '../../../core/file.js';
import type { Store } from '../store.js';
import { until } from '../store-harness.test-kit.js';
import { DiskBench, found, look, recordsIn } from './disk.test-kit.js';
import { REAL_FILES } from './file-system.js';
import { segmentName } from './manifest.js';
import { Pace } from './pace.js';
import { HEAD_BYTES, offsetOf } from './record.js';

const LIMITS = { segmentBytes: 50_000, groupBytesMax: 10_000, movedBytes: 4_000, cacheBytes: 0 };
const CHUNK_BYTES = 2_000;

let bench: DiskBench;
let store: Store;
let life: StoreLife;
beforeEach(async () => {
  bench = new DiskBench();
  store = await bench.open({ limits: LIMITS });
  life = await bench.begin(store);
});
afterEach(() => bench.clear());

const segments = (folder = bench.folder): number => readdirSync(folder).filter((name) => name.endsWith('.log')).length;

const drop = (upload: string): void => life.ask({ kind: 'drop-upload', upload });

/** Stores an upload of so many chunks, durably. */
async function upload(name: string, chunks: number, sequence: number): Promise<void> {
  for (let index = 0; index < chunks; index++) life.store(1, chunk(name, index, CHUNK_BYTES));
  life.persist(1, entry(sequence));
  await life.hears(`1: 1.${sequence}`);
}

/** Small requests until the store takes no more than this. */
async function shrinksTo(bytes: number): Promise<void> {
  for (let i = 0; store.figures.diskBytes > bytes; i++) {
    if (i > 2_000) throw new Error(`it still takes ${store.figures.diskBytes} bytes`);
    life.ask({ kind: 'write-identity', identity: { ...IDENTITY, epoch: i } });
    await wait(1);
  }
}

async function isWhole(name: string, indexes: readonly number[]): Promise<void> {
  for (const index of indexes) {
    expect(await life.read(name, index)).toEqual(chunk(name, index, CHUNK_BYTES) satisfies Chunk);
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe('a segment that is removed', () => {
  const isRemoved = (descriptor: number): boolean => fstatSync(descriptor).nlink === 0;

  it('is closed beside everything else, one after the other: its last close may take long', async () => {
    const waitedFor: number[] = [];
    let [closing, mostAtOnce] = [0, 0];
    await bench.clear();
    bench = new DiskBench();
    store = await bench.open({
      limits: LIMITS,
      system: {
        closeSync: (descriptor) => {
          if (isRemoved(descriptor)) waitedFor.push(descriptor);
          REAL_FILES.closeSync(descriptor);
        },
        close: async (descriptor) => {
          if (isRemoved(descriptor)) mostAtOnce = Math.max(mostAtOnce, ++closing);
          if (closing > 0) await wait(50);
          await REAL_FILES.close(descriptor);
          closing = Math.max(0, closing - 1);
        },
      },
    });
    life = await bench.begin(store);
    for (let i = 1; i <= 30; i++) {
      await upload(`u${i}`, 10, i);
      drop(`u${i}`);
    }
    await shrinksTo(150_000);
    await bench.close();
    expect(waitedFor).toEqual([]);
    expect(mostAtOnce).toBe(1);
  });
});

describe('a log of which little is needed', () => {
  it('shrinks to about that, and everything that is needed stays readable all the while', async () => {
    life.ask({ kind: 'write-identity', identity: IDENTITY });
    life.writeBase(2, base(7, 50));
    await upload('kept', 20, 1);
    for (let i = 2; i <= 30; i++) {
      await upload(`u${i}`, 10, i);
      drop(`u${i}`);
      // Among what goes: they have to be moved.
      if (i === 10) life.store(3, { ...chunk('u99', 0), checksum: 1 });
      if (i === 10) life.persist(3, entry(99));
      await isWhole('kept', [i % 20]);
    }
    await shrinksTo(250_000);
    await isWhole('kept', upTo(20));
    expect(segments()).toBeLessThan(8);
    const words = /^a store 1\[1 2 .* 30\] 2\[base7\] 3\[99~\] kept#0-20$/;
    expect(await found(bench.copy())).toMatch(words);
    life.end();
    life = await bench.begin(store);
    expect(life.found).toMatch(words);
    await isWhole('kept', upTo(20));
  });

  it('keeps what was written later than a drop of the same name, and nothing from before it', async () => {
    await upload('twice', 30, 1);
    drop('twice');
    life.store(1, chunk('twice', 3, CHUNK_BYTES));
    await upload('filler', 60, 2);
    drop('filler');
    await upload('end', 1, 3);
    await shrinksTo(130_000);
    await isWhole('twice', [3]);
    expect((await look(bench.copy())).recovered.uploads.map(({ upload: name }) => name).sort()).toEqual([
      'end',
      'twice',
    ]);
    expect(await found(bench.copy())).toContain('twice#3-4');
  });

  it('forgets in the end even what was dropped', async () => {
    for (let i = 1; i <= 60; i++) {
      await upload(`u${i}`, 12, i);
      drop(`u${i}`);
    }
    life.writeBase(1, base(60, 1));
    await life.hears('1: 1.60');
    await shrinksTo(110_000);
    const { index } = await look(bench.copy());
    expect(index.usage.liveBytes).toBeLessThan(8_000);
  });

  it('moves entries, bases and what was forgotten without changing their order', async () => {
    life.persist(5, entry(1), entry(2), entry(3));
    life.writeBase(5, base(1, 2));
    life.persist(6, entry(1), entry(2));
    life.ask({ kind: 'forget-shard', shard: 6 });
    life.persist(6, entry(1, 4));
    await life.hears('6: 4.1');
    for (let round = 1; round <= 6; round++) {
      await upload(`u${round}`, 40, round);
      drop(`u${round}`);
      await shrinksTo(120_000);
    }
    life.persist(5, entry(4));
    await life.hears('5: 1.4');
    expect(await found(bench.copy())).toMatch(/1\[.*\] 5\[base1 2 3 4\] 6\[1\]/);
    expect(
      (await look(bench.copy())).recovered.shards.find(({ shard }) => shard === 6)?.entries[0]?.entry.id.epoch,
    ).toBe(4);
  });

  it('is as good as before at any moment of a move', async () => {
    await upload('kept', 25, 1);
    life.writeBase(1, base(1, 3));
    await upload('filler', 200, 2);
    drop('filler');
    let looks = 0;
    const shrinking = shrinksTo(150_000);
    let isOver = false;
    void shrinking.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const copy = bench.copy();
      expect(await found(copy)).toMatch(/1\[base1 2\] .*kept#0-25$/);
      looks++;
    }
    await shrinking;
    expect(looks).toBeGreaterThan(0);
  });

  it.each([
    ['rests', 1e9, false],
    ['hurries, where it wastes too much,', 10_000, true],
  ])('%s whenever it has looked through, moved or forgotten something', async (_, wastedBytesMax, hurries) => {
    const rests: boolean[] = [];
    const rest = vi.spyOn(Pace.prototype, 'rest').mockImplementation(async function (this: Pace) {
      rests.push(this.isHurried);
    });
    try {
      await store.close();
      store = await bench.open({ limits: { ...LIMITS, erasedRecords: 1, wastedBytesMax } });
      life = await bench.begin(store);
      // In segments of 25 chunks; one of them is kept, and moved.
      await upload('kept', 1, 1);
      for (let i = 2; i <= 7; i++) await upload(`u${i}`, 10, i);
      for (let i = 2; i <= 6; i++) drop(`u${i}`);
      await until(() => !existsSync(join(bench.folder, segmentName(1))));
      // Before it reads, behind the last record, behind what is moved, behind each upload that is forgotten.
      expect(rests.length).toBeGreaterThanOrEqual(5);
      expect(rests[0]).toBe(hurries);
    } finally {
      rest.mockRestore();
    }
  });

  it('moves some records at a time, so that nobody waits long for it', async () => {
    await store.close();
    const moved: number[] = [];
    const system = {
      writevSync: (descriptor: number, buffers: readonly Buffer[], position: number) => {
        moved.push(Buffer.concat(buffers).toString('latin1').split('"/moved').length - 1);
        return REAL_FILES.writevSync(descriptor, buffers, position);
      },
    };
    store = await bench.open({
      limits: { ...LIMITS, segmentBytes: 400_000, groupBytesMax: 1e6, movedBytes: 1e6 },
      system,
    });
    life = await bench.begin(store);
    for (let i = 1; i <= 400; i++) life.persist(2, entry(i, 1, '/moved'));
    await life.hears('2: 1.400');
    await upload('filler', 200, 1);
    drop('filler');
    moved.length = 0;
    await upload('more', 100, 2);
    drop('more');
    await shrinksTo(450_000);
    expect(moved.reduce((sum, records) => sum + records, 0)).toBe(400);
    expect(Math.max(...moved)).toBeLessThanOrEqual(128);
    expect(await found(bench.copy())).toMatch(/ 2\[1 2 .* 400\]/);
  });

  it('never moves an entry that rots meanwhile, and keeps its segment', async () => {
    await store.close();
    let rots: (() => void) | undefined;
    const system = {
      writevSync: (descriptor: number, buffers: readonly Buffer[], position: number) => {
        if (Buffer.concat(buffers).includes('"/moved')) rots?.();
        return REAL_FILES.writevSync(descriptor, buffers, position);
      },
    };
    // All writes are seen here: none goes to another thread because one was slow.
    store = await bench.open({
      limits: { ...LIMITS, segmentBytes: 400_000, movedBytes: 1e6, slowWriteMs: 1e9 },
      system,
    });
    life = await bench.begin(store);
    for (let i = 1; i <= 400; i++) life.persist(2, entry(i, 1, '/moved'));
    await life.hears('2: 1.400');
    await upload('filler', 200, 1);
    const last = (await recordsIn(bench.copy())).find(({ text }) => text.includes('"sequence":400}'));
    const rotten = offsetOf(last?.place as number) + HEAD_BYTES + 20;
    rots = () => {
      rots = undefined;
      const file = openSync(join(bench.folder, segmentName(1)), 'r+');
      writeSync(file, '#', rotten);
      closeSync(file);
    };
    // Emptying may begin at once.
    drop('filler');
    await upload('more', 100, 2);
    drop('more');
    for (let i = 0; rots !== undefined || i < 50; i++) {
      life.ask({ kind: 'write-identity', identity: { ...IDENTITY, epoch: i } });
      await wait(5);
    }
    expect(existsSync(join(bench.folder, segmentName(1)))).toBe(true);
    const copies = (await recordsIn(bench.copy(), 2)).filter(({ head }) => head.kind === 'entry' && head.shard === 2);
    expect(copies.map(({ head }) => head.second)).not.toContain(400);
    expect(copies.map(({ head }) => head.second)).toContain(399);
  });

  it('goes on while nobody asks for anything, and lets a life end while it waits', async () => {
    for (let i = 1; i <= 8; i++) await upload(`kept${i}`, 4, 2 * i).then(() => upload(`filler${i}`, 12, 2 * i + 1));
    for (let i = 1; i <= 8; i++) drop(`filler${i}`);
    life.persist(2, entry(1));
    await life.hears('2: 1.1');
    await store.close();
    // A chunk is more than may wait at once: each has to be written before the next.
    const limits = { ...LIMITS, groupBytesMax: 50_000, movedBytes: 1_000 };
    store = await bench.open({ limits });
    life = await bench.begin(store);
    await wait(20);
    let begun: StoreLife | undefined;
    void bench.begin(store).then((next) => {
      begun = next;
    });
    await until(() => begun !== undefined);
    life = begun as StoreLife;
    await until(() => segments() <= 3);
    for (let i = 1; i <= 8; i++) await isWhole(`kept${i}`, upTo(4));
  });

  it('empties later what it had no room to move', async () => {
    await store.close();
    let hasRoom = true;
    let failures = 0;
    const system = {
      writevSync: (descriptor: number, buffers: readonly Buffer[], position: number) => {
        // What is written of it by now is moved.
        const isMove = Buffer.concat(buffers).includes('kept#');
        if (hasRoom || !isMove) return REAL_FILES.writevSync(descriptor, buffers, position);
        failures++;
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
    };
    store = await bench.open({ limits: { ...LIMITS, fullMs: 0, spaceMs: 20, slowWriteMs: 1e9 }, system });
    life = await bench.begin(store);
    await upload('kept', 8, 1);
    for (let i = 2; i <= 9; i++) await upload(`filler${i}`, 10, i);
    hasRoom = false;
    for (let i = 2; i <= 9; i++) drop(`filler${i}`);
    await until(() => failures > 0);
    hasRoom = true;
    for (let i = 10; i <= 19; i++) {
      await upload(`u${i}`, 10, i);
      drop(`u${i}`);
    }
    await until(() => !existsSync(join(bench.folder, segmentName(1))));
    await isWhole('kept', upTo(8));
  });

  it('works for a store that was just opened, too', async () => {
    await upload('filler', 100, 1);
    await upload('kept', 3, 2);
    drop('filler');
    life.persist(2, entry(1));
    await life.hears('2: 1.1');
    await store.close();
    store = await bench.open({ limits: LIMITS });
    life = await bench.begin(store);
    await until(() => segments() <= 3);
    await isWhole('kept', upTo(3));
  });
});
