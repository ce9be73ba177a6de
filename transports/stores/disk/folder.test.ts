// A failed open never makes a fresh store over an old one (hazard 9), and no folder is open in two processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunk, entry, IDENTITY } from '../../../core/conformance/store-life.test-kit.js';
import { openDiskStore } from '../disk-store.js';
import { DiskBench } from './disk.test-kit.js';
import { type FileSystem, REAL_FILES } from './file-system.js';
import { isLockFile, lockFolder } from './lock.js';
import { segmentName } from './manifest.js';

let bench: DiskBench;
beforeEach(() => {
  bench = new DiskBench();
});
afterEach(() => bench.clear());

const open = (folder: string) => openDiskStore({ folder, durability: 'fsync', limits: { reserveFileBytes: 0 } });

it('a folder that the system refuses in words of its own is refused, and not tried for ever', async () => {
  await expect(open('/proc/no-such-process/store')).rejects.toThrow(/ENOENT/);
});

/** Opening fails with these words, and what is there stays as it is. */
async function refuses(folder: string, ...words: readonly string[]): Promise<void> {
  const before = readdirSync(folder).sort();
  const error = await open(folder).then(
    async (store) => {
      try {
        await store.begin(() => undefined);
      } catch (thrown) {
        return thrown as Error;
      } finally {
        await store.close();
      }
      return undefined;
    },
    (thrown: Error) => thrown,
  );
  for (const word of [folder, ...words]) expect(error?.message).toContain(word);
  expect(readdirSync(folder).sort()).toEqual(before);
}

/** A store of several segments, closed. */
async function filled(): Promise<string> {
  const life = await bench.begin(await bench.open({ limits: { segmentBytes: 10_000 } }));
  life.ask({ kind: 'write-identity', identity: IDENTITY });
  for (let i = 1; i <= 40; i++) {
    life.store(0, chunk(`u${i}`, 0, 2_000));
    life.persist(0, entry(i));
    await life.hears(`0: 1.${i}`);
  }
  await bench.close();
  return bench.copy();
}

describe('a folder', () => {
  it('is made, with those above it, and used again', async () => {
    const folder = join(bench.folder, 'a', 'b', 'ü');
    const store = await open(folder);
    await store.begin(() => undefined);
    await store.close();
    expect((await bench.begin(await open(folder).then((again) => again))).found).toBe('');
  });

  it('of somebody else is left alone', async () => {
    writeFileSync(join(bench.folder, 'letter.txt'), 'dear');
    await refuses(bench.folder, '"letter.txt" and no store', 'give the server an empty folder of its own');
  });

  it('that cannot be written says so', async () => {
    const folder = join(bench.folder, 'a file');
    writeFileSync(folder, '');
    await expect(open(folder)).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  it('is a store although the first start was cut off anywhere', async () => {
    writeFileSync(join(bench.folder, segmentName(1)), '');
    writeFileSync(join(bench.folder, 'manifest.next'), '{"format');
    mkdirSync(join(bench.folder, 'lost+found'));
    expect((await bench.begin(await bench.open())).found).toBe('');
  });
});

describe('an old store', () => {
  it('without its manifest is not begun anew', async () => {
    const folder = await filled();
    rmSync(join(folder, 'manifest'));
    await refuses(folder, 'no manifest', 'move the folder away');
  });

  it('with a damaged manifest', async () => {
    const folder = await filled();
    const path = join(folder, 'manifest');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":7'));
    await refuses(folder, 'manifest', 'is damaged');
  });

  it('of a newer version', async () => {
    const folder = await filled();
    const path = join(folder, 'manifest');
    const content = (readFileSync(path, 'utf8').split('\n')[0] as string).replace('"version":1', '"version":2');
    writeFileSync(path, `${content}\n${crc32(content)}\n`);
    await refuses(folder, 'is a store of version 2, and this program knows version 1: use a newer one');
  });

  it.each([1, 2, 5])('that lacks segment %i', async (number) => {
    const folder = await filled();
    renameSync(join(folder, segmentName(number)), join(bench.folder, 'elsewhere'));
    await refuses(folder, `${segmentName(number)} in`, 'is missing', 'may have been in it');
  });

  it('loses a segment that was taken off its list only when the list is safe: a killed process may not have come to that', async () => {
    const folder = await filled();
    writeFileSync(join(folder, segmentName(99)), '');
    const done: string[] = [];
    const system: Partial<FileSystem> = {
      syncFolder: async (path) => {
        await REAL_FILES.syncFolder(path);
        if (path === folder) done.push('the list is safe');
      },
      unlink: async (path) => {
        await REAL_FILES.unlink(path);
        done.push(`${basename(path)} is gone`);
      },
    };
    const store = await openDiskStore({ folder, durability: 'fsync', limits: { reserveFileBytes: 0 }, system });
    await store.close();
    expect(done).toEqual(['the list is safe', `${segmentName(99)} is gone`]);
  });

  it('of which a segment is too short', async () => {
    const folder = await filled();
    truncateSync(join(folder, segmentName(2)), 9_000);
    await refuses(folder, `${segmentName(2)} in`, 'is shorter than');
  });

  it('with a manifest from before', async () => {
    const life = await bench.begin(await bench.open({ limits: { segmentBytes: 10_000 } }));
    const manifest = readFileSync(join(bench.folder, 'manifest'));
    await bench.close();
    expect(life.found).toBe('');
    const folder = await filled();
    writeFileSync(join(folder, 'manifest'), manifest);
    await refuses(folder, 'is newer than its manifest');
  });

  it('whose first bytes are another thing', async () => {
    const life = await bench.begin(await bench.open());
    life.store(0, chunk('u', 0, 9_000));
    life.persist(0, entry(1));
    await life.hears('0: 1.1');
    await bench.close();
    const folder = bench.copy();
    const path = join(folder, segmentName(1));
    writeFileSync(path, Buffer.alloc(readFileSync(path).length, 7));
    await refuses(folder, 'is damaged');
  });

  it('takes no log of another store for its own', async () => {
    const folder = await filled();
    const other = await openDiskStore({ folder: join(bench.folder, 'other'), durability: 'fsync' });
    const life = await bench.begin(other);
    life.store(0, chunk('alien', 0, 20_000));
    life.persist(9, entry(1));
    await life.hears('9: 1.1');
    await other.close();
    writeFileSync(join(folder, segmentName(2)), readFileSync(join(bench.folder, 'other', segmentName(1))));
    const store = await open(folder);
    const found = (await bench.begin(store)).found;
    await store.close();
    expect(found).not.toContain('alien');
    expect(found).toContain('suspect');
  });
});

describe('the lock of a folder', () => {
  it('keeps a second one out, and says who has it', async () => {
    await bench.open();
    await refuses(bench.folder, `another process (pid ${process.pid}) has`, 'stop it');
  });

  it('is kept by a store that is closed while a life of it begins, until that is over', async () => {
    const store = await bench.open();
    await bench.begin(store);
    let begun = 'not yet';
    void store
      .begin(() => undefined)
      .then(
        () => {
          begun = 'begun';
        },
        () => {
          begun = 'failed';
        },
      );
    await store.close();
    expect(begun).toBe('begun');
    expect(readdirSync(bench.folder).filter(isLockFile)).toEqual([]);
    await expect(store.begin(() => undefined)).rejects.toThrow('is closed');
  });

  it('is gone with a process that was killed', async () => {
    const code = `import { lockFolder } from ${JSON.stringify(new URL('./lock.js', import.meta.url).href)};
      await lockFolder(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', code, bench.folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    await expect(lockFolder(bench.folder)).rejects.toThrow(`another process (pid ${holder.pid}) has`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = await lockFolder(bench.folder);
    expect(readdirSync(bench.folder).filter(isLockFile)).toHaveLength(1);
    await lock.release();
    expect(readdirSync(bench.folder)).toEqual([]);
  });

  it('goes to one at most, however many come at once', async () => {
    for (let round = 0; round < 5; round++) {
      const comers = await Promise.allSettled(Array.from({ length: 6 }, () => lockFolder(bench.folder)));
      const winners = comers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(winners.length).toBeLessThanOrEqual(1);
      for (const lock of winners) await lock.release();
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'works where the path is longer than the name of a socket may be',
    async () => {
      const parent = mkdtempSync(join(tmpdir(), 'ppnfs-'));
      const folder = join(parent, 'long '.repeat(40), 'x');
      mkdirSync(folder, { recursive: true });
      const lock = await lockFolder(folder);
      await expect(lockFolder(folder)).rejects.toThrow('another process');
      await lock.release();
      expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
      rmSync(parent, { recursive: true });
    },
  );
});
