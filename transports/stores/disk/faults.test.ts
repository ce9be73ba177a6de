// A disk that fails, or is slow: what its server hears of it, and what the next life finds.
import { fdatasync, writev, writevSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { base, chunk, entry, IDENTITY } from '../../../core/conformance/store-life.test-kit.js';
import type { Durability } from '../../../core/view/view.js';
import type { Store } from '../store.js';
import { until } from '../store-harness.test-kit.js';
import { DiskBench, found, recordsIn } from './disk.test-kit.js';
import { type FileSystem, REAL_FILES } from './file-system.js';
import { offsetOf } from './record.js';

let bench: DiskBench;
let store: Store;
/** What the next calls of each kind fail with. */
let failing: { write?: string; sync?: string };
/** Bytes that a failing write leaves behind all the same. */
let leftBytes: number;
/** A write of so many bytes does not fail. */
let roomBytes: number;

beforeEach(() => {
  bench = new DiskBench();
  failing = {};
  leftBytes = 0;
  roomBytes = 0;
});
afterEach(() => bench.clear());

const failure = (code: string): Error => Object.assign(new Error(`${code}: it fails`), { code });

const FAULTY: FileSystem = {
  ...REAL_FILES,
  writevSync: (descriptor, buffers, position) => {
    if (failing.write === undefined || Buffer.concat(buffers).length <= roomBytes) {
      return writevSync(descriptor, buffers, position);
    }
    if (leftBytes > 0) writevSync(descriptor, [Buffer.concat(buffers).subarray(0, leftBytes)], position);
    throw failure(failing.write);
  },
  fdatasync: (descriptor, done) => {
    if (failing.sync === undefined) fdatasync(descriptor, done);
    else setImmediate(done, failure(failing.sync));
  },
};

async function first(durability: Durability) {
  store = await bench.open({ durability, system: FAULTY });
  const life = await bench.begin(store);
  life.ask({ kind: 'write-identity', identity: IDENTITY });
  life.store(0, chunk('u1', 0));
  life.persist(0, entry(1));
  await life.hears('0: 1.1');
  return life;
}

describe('a log that cannot be written', () => {
  it.each(['os', 'fsync'] as const)(
    'is broken under %s: told once, and the next life writes again',
    async (durability) => {
      const life = await first(durability);
      failing.write = 'EIO';
      leftBytes = 150;
      life.store(0, chunk('u2', 0));
      life.persist(0, entry(2));
      await life.hears('broken');
      delete failing.write;
      life.store(0, chunk('u3', 0));
      life.persist(0, entry(3));
      life.writeBase(0, base(3));
      life.ask({ kind: 'forget-shard', shard: 0 });
      await life.hears('u3#0 unwritten');
      expect((await life.read('u1', 0))?.length).toBe(100);
      expect(life.words).toEqual(['0: 1.1', 'broken', 'u3#0 unwritten']);
      const next = await bench.begin(store);
      expect(next.found).toBe('a store 0[1] u1#0-1');
      next.persist(0, entry(2));
      await next.hears('0: 1.2');
      expect(await found(bench.copy())).toBe('a store 0[1 2] u1#0-1');
    },
  );

  it('says why', async () => {
    const life = await first('os');
    failing.write = 'EIO';
    life.persist(0, entry(2));
    await life.hears('broken');
    const [broken] = life.heard.filter(({ kind }) => kind === 'store-broken');
    expect(broken).toMatchObject({ why: expect.stringContaining('EIO: it fails') });
  });

  it('is told to whoever begins a life', async () => {
    await first('fsync');
    failing.write = 'EIO';
    await expect(store.begin(() => undefined)).rejects.toThrow('cannot be written');
    delete failing.write;
    expect((await bench.begin(store)).found).toBe('a store 0[1] u1#0-1');
  });
});

describe('a list of segments that cannot be written', () => {
  it('is told to whoever begins a life, also when it fails last', async () => {
    let hasBegun = false;
    let fail: (() => void) | undefined;
    const system: FileSystem = {
      ...FAULTY,
      make: (path, flags) => {
        if (!hasBegun || flags !== 'a') return REAL_FILES.make(path, flags);
        return new Promise((_, reject) => {
          fail = () => reject(failure('EIO'));
        });
      },
      fdatasync: (descriptor, done) =>
        fdatasync(descriptor, (error) => {
          done(error);
          fail?.();
        }),
    };
    store = await bench.open({ system, limits: { segmentBytes: 500 } });
    const life = await bench.begin(store);
    life.persist(0, entry(1));
    await life.hears('0: 1.1');
    hasBegun = true;
    await expect(store.begin(() => undefined)).rejects.toThrow('cannot be written');
  });
});

describe('a sync that fails', () => {
  it('makes nothing durable, and what was not synced is not read back as if it were', async () => {
    const life = await first('fsync');
    failing.sync = 'EIO';
    life.store(0, chunk('u2', 0));
    life.persist(0, entry(2));
    await life.hears('broken');
    delete failing.sync;
    const next = await bench.begin(store);
    expect(next.found).toBe('a store 0[1] u1#0-1');
    expect(life.words).toEqual(['0: 1.1', 'broken']);
  });

  it('leaves what another process reads and no sync makes safe: it is written again, and then told', async () => {
    const life = await first('fsync');
    failing.sync = 'EIO';
    life.store(0, chunk('u2', 0));
    life.persist(0, entry(2));
    await life.hears('broken');
    await store.close();
    delete failing.sync;
    const again: [from: number, to: number][] = [];
    const system: FileSystem = {
      ...REAL_FILES,
      writev: (descriptor, buffers, position, done) => {
        again.push([position, position + Buffer.concat(buffers).length]);
        writev(descriptor, buffers, position, done);
      },
    };
    const records = await recordsIn(bench.folder);
    const from = records.find(({ text }) => text === 'u2')?.place as number;
    const { place = 0, bytes = 0 } = records[records.length - 1] ?? {};
    expect((await bench.begin(await bench.open({ system }))).found).toBe('a store 0[1 2] u1#0-1 u2#0-1');
    expect(again).toEqual([[expect.any(Number), offsetOf(place) + bytes]]);
    expect(again[0]?.[0]).toBeLessThanOrEqual(offsetOf(from));
  });
});

describe('a disk without room', () => {
  it.each(['os', 'fsync'] as const)(
    'takes under %s no chunks but entries, and says both in order',
    async (durability) => {
      const life = await first(durability);
      failing.write = 'ENOSPC';
      roomBytes = 2_000;
      life.store(0, chunk('u2', 0, 5_000), chunk('u2', 1, 5_000));
      life.persist(0, entry(2));
      life.store(0, chunk('u3', 0, 5_000));
      await life.hears('0: 1.2', 'u3#0 unwritten');
      expect(life.words).toEqual(['0: 1.1', 'full', 'u2#0 unwritten', 'u2#1 unwritten', 'u3#0 unwritten', '0: 1.2']);
      expect(await found(bench.copy())).toBe('a store 0[1 2~] u1#0-1');
    },
  );

  it('is broken when not even an entry finds room', async () => {
    const life = await first('fsync');
    failing.write = 'ENOSPC';
    life.persist(0, entry(2));
    await life.hears('broken');
    expect(life.words).toEqual(['0: 1.1', 'broken']);
  });
});

describe('a disk that is slow', () => {
  it('makes hollow what was asked for while it was still finding no room for the chunk', async () => {
    let refuse: (() => void) | undefined;
    const system: FileSystem = {
      ...FAULTY,
      writev: (descriptor, buffers, position, done) => {
        if (failing.write === undefined) writev(descriptor, buffers, position, done);
        else refuse = () => done(failure('ENOSPC'), 0);
      },
    };
    store = await bench.open({ durability: 'os', system, limits: { slowWriteMs: -1 } });
    const life = await bench.begin(store);
    life.persist(0, entry(1));
    await life.hears('0: 1.1');
    failing.write = 'ENOSPC';
    life.store(0, chunk('u2', 0));
    await until(() => refuse !== undefined);
    life.persist(0, entry(2));
    delete failing.write;
    refuse?.();
    await life.hears('0: 1.2');
    expect(life.words).toEqual(['0: 1.1', 'full', 'u2#0 unwritten', '0: 1.2']);
    expect(await found(bench.copy())).toBe('0[1 2~]');
  });

  it('holds nobody up for long: writes go on elsewhere, in their order and a bounded number, until it is quick', async () => {
    const held: (() => void)[] = [];
    let slowMs = 0;
    const system: FileSystem = {
      ...FAULTY,
      writevSync: (descriptor, buffers, position) => {
        const end = performance.now() + slowMs;
        while (performance.now() < end);
        return writevSync(descriptor, buffers, position);
      },
      writev: (descriptor, buffers, position, done) => {
        held.push(() => writev(descriptor, buffers, position, done));
      },
    };
    const limits = { slowWriteMs: 50, calmMs: 300, cacheBytes: 0, waitingBytesMax: 20_000 };
    store = await bench.open({ durability: 'os', system, limits });
    const life = await bench.begin(store);
    slowMs = 60;
    life.persist(0, entry(1));
    await life.hears('0: 1.1');
    slowMs = 0;
    life.store(0, chunk('u2', 0));
    life.persist(0, entry(2));
    await until(() => held.length === 1);
    // It is still at that, and everything else goes on.
    life.store(0, chunk('u3', 0, 30_000));
    life.store(0, chunk('u4', 0));
    life.persist(0, entry(3));
    const reading = life.read('u3', 0);
    await life.hears('u4#0 unwritten');
    expect(life.words).toEqual(['0: 1.1', 'u4#0 unwritten']);
    while (held.length > 0) {
      held.shift()?.();
      const heard = life.words.length;
      await until(() => life.words.length > heard);
    }
    expect((await reading)?.length).toBe(30_000);
    expect(life.words).toEqual(['0: 1.1', 'u4#0 unwritten', '0: 1.2', '0: 1.3']);
    // It was quick for a while.
    await wait(400);
    life.persist(0, entry(4));
    await life.hears('0: 1.4');
    expect(held).toEqual([]);
    expect(await found(bench.copy())).toBe('0[1 2 3 4~] u2#0-1 u3#0-1');
  });
});
