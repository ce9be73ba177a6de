// What is to be doubted after the machine went down, or when the log is damaged; and until when.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { base, chunk, entry, IDENTITY, type StoreLife } from '../../../core/conformance/store-life.test-kit.js';
import type { Durability } from '../../../core/view/view.js';
import { openDiskStore } from '../disk-store.js';
import { BOOT, DiskBench, found, recordsIn, type WrittenRecord } from './disk.test-kit.js';
import { segmentName } from './manifest.js';
import { HEAD_BYTES, offsetOf } from './record.js';

const NEXT_BOOT = 'the next boot';

let bench: DiskBench;
beforeEach(() => {
  bench = new DiskBench();
});
afterEach(() => bench.clear());

async function written(durability: Durability): Promise<StoreLife> {
  const life = await bench.begin(await bench.open({ durability }));
  life.ask({ kind: 'write-identity', identity: IDENTITY });
  life.store(0, chunk('u1', 0));
  life.persist(0, entry(1));
  life.persist(7, entry(1), entry(2), entry(3));
  await life.hears('7: 1.3');
  return life;
}

/** Another process opens what is in the folder, under another boot, and does something. */
async function visit(folder: string, boot: string, durability: Durability, deeds: (life: StoreLife) => Promise<void>) {
  const store = await openDiskStore({ folder, durability, boot, limits: { reserveFileBytes: 0 } });
  const life = await bench.begin(store);
  await deeds(life);
  await store.close();
}

const nothing = (): Promise<void> => Promise.resolve();

describe('a log that was not closed', () => {
  it('is whole under os while the machine lives, and suspect when it went down', async () => {
    await written('os');
    const folder = bench.copy();
    expect(await found(folder)).toBe('a store 0[1] 7[1 2 3] u1#0-1');
    expect(await found(folder, NEXT_BOOT)).toBe('a store 0[1 suspect] 7[1 2 3 suspect] u1#0-1 suspect up to 3');
  });

  it('is whole under fsync, whatever happened to the machine', async () => {
    await written('fsync');
    expect(await found(bench.copy(), NEXT_BOOT)).toBe('a store 0[1] 7[1 2 3] u1#0-1');
  });

  it('is suspect under memory, even if only its process died', async () => {
    await written('memory');
    expect(await found(bench.copy())).toBe('a store 0[1 suspect] 7[1 2 3 suspect] u1#0-1 suspect up to 3');
  });

  it.each(['memory', 'os', 'fsync'] as const)('is whole under %s when it was closed', async (durability) => {
    await written(durability);
    await bench.close();
    expect(await found(bench.copy(), NEXT_BOOT)).toBe('a store 0[1] 7[1 2 3] u1#0-1');
  });

  it('is not taken for a closed one because an earlier process has closed it', async () => {
    await written('os');
    await bench.close();
    const life = await bench.begin(await bench.open({ durability: 'os' }));
    expect(life.found).not.toContain('suspect');
    expect(await found(bench.copy(), NEXT_BOOT)).toContain('7[1 2 3 suspect]');
  });
});

describe('a suspect shard', () => {
  it('stays so over lives and clean closes, until it is written to', async () => {
    await written('os');
    const folder = bench.copy();
    await visit(folder, NEXT_BOOT, 'os', (life) => {
      expect(life.found).toContain('0[1 suspect] 7[1 2 3 suspect]');
      return nothing();
    });
    await visit(folder, NEXT_BOOT, 'os', async (life) => {
      expect(life.found).toContain('0[1 suspect] 7[1 2 3 suspect]');
      life.persist(0, entry(2));
      await life.hears('0: 1.2');
    });
    await visit(folder, NEXT_BOOT, 'os', async (life) => {
      expect(life.found).toContain('0[1 2] 7[1 2 3 suspect]');
      life.ask({ kind: 'forget-shard', shard: 7 });
      life.persist(0, entry(3));
      await life.hears('0: 1.3');
    });
    expect(await found(folder, NEXT_BOOT)).toBe('a store 0[1 2 3] u1#0-1 suspect up to 3');
  });
});

/** Breaks the bytes of the first record that is meant: its head, or its text. */
async function spoil(
  folder: string,
  what: 'head' | 'text',
  isMeant: (record: WrittenRecord) => boolean,
): Promise<void> {
  const record = (await recordsIn(folder)).find(isMeant) as WrittenRecord;
  const path = join(folder, segmentName(1));
  const bytes = readFileSync(path);
  bytes.fill(
    0xff,
    offsetOf(record.place) + (what === 'head' ? 0 : HEAD_BYTES),
    offsetOf(record.place) + HEAD_BYTES + 8,
  );
  writeFileSync(path, bytes);
}

const isEntry =
  (shard: number, sequence: number) =>
  ({ head }: WrittenRecord): boolean =>
    head.kind === 'entry' && head.shard === shard && head.second === sequence;

describe('a damaged log', () => {
  it('tells of an entry that cannot be read; what is behind it never comes back, not even behind new ones', async () => {
    await written('fsync');
    const folder = bench.copy();
    await spoil(folder, 'text', isEntry(7, 2));
    await visit(folder, BOOT, 'fsync', (life) => {
      expect(life.found).toBe('a store 0[1] 7[1 2! 3 suspect] u1#0-1');
      return nothing();
    });
    await visit(folder, BOOT, 'fsync', async (life) => {
      expect(life.found).toBe('a store 0[1] 7[1 suspect] u1#0-1');
      life.persist(7, entry(2, 9));
      await life.hears('7: 9.2');
    });
    expect(await found(folder)).toBe('a store 0[1] 7[1 2] u1#0-1');
  });

  it('keeps what was written behind a damage over a base of what is before it', async () => {
    await written('fsync');
    const folder = bench.copy();
    await spoil(folder, 'text', isEntry(7, 2));
    await visit(folder, BOOT, 'fsync', async (life) => {
      life.writeBase(7, base(1));
      life.persist(7, entry(2, 9), entry(3, 9));
      await life.hears('7: 9.3');
    });
    expect(await found(folder)).toBe('a store 0[1] 7[base1 2 3] u1#0-1');
  });

  it('tells of a base that cannot be read', async () => {
    const life = await written('fsync');
    life.writeBase(7, base(2));
    await life.hears('7: 1.2');
    const folder = bench.copy();
    await spoil(folder, 'text', ({ head }) => head.kind === 'base');
    await visit(folder, BOOT, 'fsync', (next) => {
      expect(next.found).toBe('a store 0[1] 7[base! 3 suspect] u1#0-1');
      return nothing();
    });
    expect(await found(folder)).toBe('a store 0[1] 7[suspect] u1#0-1');
  });

  it('makes everything suspect when nobody can tell what is missing; once, not at every start', async () => {
    await written('fsync');
    const folder = bench.copy();
    await spoil(folder, 'head', isEntry(7, 2));
    await visit(folder, BOOT, 'fsync', async (life) => {
      expect(life.found).toBe('a store 0[1 suspect] 7[1 3 suspect] u1#0-1');
      expect(life.recovered.suspectUpTo).toBe(3);
      life.persist(0, entry(2));
      await life.hears('0: 1.2');
    });
    await visit(folder, BOOT, 'fsync', (life) => {
      expect(life.found).toBe('a store 0[1 2] 7[1 suspect] u1#0-1');
      return nothing();
    });
  });

  it('misses the end of a segment, although no bytes are wrong and the next one is there', async () => {
    const life = await bench.begin(await bench.open({ durability: 'os', limits: { segmentBytes: 1_000 } }));
    life.ask({ kind: 'write-identity', identity: IDENTITY });
    for (let shard = 1; shard <= 20; shard++) {
      life.persist(shard, entry(1));
      await life.hears(`${shard}: 1.1`);
    }
    const folder = bench.copy();
    const path = join(folder, 'manifest');
    const { segments, ...others } = JSON.parse(readFileSync(path, 'utf8').split('\n')[0] as string);
    const content = JSON.stringify({ ...others, segments: segments.map(([number]: number[]) => [number]) });
    writeFileSync(path, `${content}\n${crc32(content)}\n`);
    expect(await found(folder)).not.toContain('suspect');
    const last = (await recordsIn(folder)).pop() as WrittenRecord;
    truncateSync(join(folder, segmentName(1)), offsetOf(last.place));
    expect(await found(folder)).toContain('suspect up to 3');
  });

  it('takes nothing for its own, at its end, of what is written behind that', async () => {
    await written('fsync');
    const folder = bench.copy();
    await spoil(folder, 'head', isEntry(7, 2));
    // The head of the last record is whole, and tells of more bytes than there are.
    const path = join(folder, segmentName(1));
    truncateSync(path, readFileSync(path).length - 100);
    await visit(folder, BOOT, 'fsync', async (life) => {
      expect(life.found).toBe('a store 0[1 suspect] 7[1 suspect] u1#0-1');
      life.persist(0, entry(2));
      life.persist(7, entry(2, 9));
      await life.hears('7: 9.2');
    });
    expect(await found(folder)).toContain('0[1 2] 7[1 2]');
  });

  it('falls back to an older identity only with everything suspect, and to none never', async () => {
    const life = await written('fsync');
    life.ask({ kind: 'write-identity', identity: { ...IDENTITY, incarnation: 9 } });
    life.persist(0, entry(2));
    await life.hears('0: 1.2');
    const folder = bench.copy();
    const isIdentity = (nine: boolean) => (record: WrittenRecord) =>
      record.head.kind === 'identity' && record.text.includes('"incarnation":9') === nine;
    await spoil(folder, 'text', isIdentity(true));
    expect(await found(folder)).toContain('0[1 2 suspect] 7[1 2 3 suspect] u1#0-1 suspect up to 3');
    await spoil(folder, 'text', isIdentity(false));
    await expect(found(folder)).rejects.toThrow('whose it is cannot be read any more');
  });
});

describe('a record that stays hollow', () => {
  it('takes nothing with it that was written once more behind it, wherever the log ends while it is cut', async () => {
    const life = await bench.begin(await bench.open());
    const spoilt = (upload: string) => ({ ...chunk(upload, 0), checksum: 1 });
    life.store(0, spoilt('u1'), spoilt('u2'));
    life.persist(0, entry(1, 1, '/a'), entry(2, 1, '/b'), entry(3, 1, '/c'));
    life.store(0, chunk('u1', 0));
    life.persist(0, entry(1, 1, '/a'));
    await life.hears('0: 1.3', '0: 1.1');
    const folder = bench.copy();
    expect(await found(folder)).toBe('0[1~ 2~ 3 1] u1#0-1');
    const { length } = await recordsIn(folder);
    await visit(folder, BOOT, 'fsync', nothing);
    expect(await found(folder)).toBe('0[1~ 1] u1#0-1');
    for (const { place, bytes } of (await recordsIn(folder)).slice(length).reverse()) {
      truncateSync(join(folder, segmentName(1)), offsetOf(place) + bytes);
      expect(await found(folder)).toMatch(/^0\[1~ (2~ 3 1 )?1\] u1#0-1$/);
    }
  });
});

describe('a loss of power under fsync', () => {
  it('may leave something behind what it took: neither was acknowledged, and neither is kept', async () => {
    const life = await written('fsync');
    life.persist(7, entry(4));
    await life.hears('7: 1.4');
    life.persist(0, entry(2));
    life.persist(7, entry(5));
    await life.hears('7: 1.5');
    const folder = bench.copy();
    await spoil(folder, 'head', isEntry(0, 2));
    expect(await found(folder)).toContain('0[1 suspect] 7[1 2 3 4 5 suspect]');
    expect(await found(folder, NEXT_BOOT)).toBe('a store 0[1] 7[1 2 3 4] u1#0-1');
    expect(await found(folder)).toBe('a store 0[1] 7[1 2 3 4] u1#0-1');
  });

  it('takes nothing that was acknowledged: damage there is damage', async () => {
    const life = await written('fsync');
    for (const sequence of [4, 5, 6]) {
      life.persist(7, entry(sequence));
      await life.hears(`7: 1.${sequence}`);
    }
    const folder = bench.copy();
    await spoil(folder, 'head', isEntry(7, 4));
    expect(await found(folder, NEXT_BOOT)).toContain('7[1 2 3 5 6 suspect]');
  });

  it('may leave a chunk without its bytes: it is not there', async () => {
    const life = await written('fsync');
    life.store(0, chunk('u2', 0, 5_000));
    await life.read('u2', 0);
    const folder = bench.copy();
    const path = join(folder, segmentName(1));
    const { length } = readFileSync(path);
    truncateSync(path, length - 100);
    truncateSync(path, length);
    expect(await found(folder, NEXT_BOOT)).toBe('a store 0[1] 7[1 2 3] u1#0-1');
  });
});
