// A disk answers in order and in its own time, outlives its process, and loses the writes that were not complete.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Chunk, LogEntry } from '../../core/file.js';
import { versionText } from '../../core/ids.js';
import { Kernel } from '../kernel.js';
import { randomStream } from '../random.js';
import { Disk } from './disk.js';

const chunk = (upload: string, index: number): Chunk => ({ upload, index, length: 9, checksum: 1, payload: undefined });
const entry = (sequence: number): LogEntry => {
  const change = { kind: 'delete' } as const;
  const proposal = { operation: `${sequence}`, path: '/a', change, precondition: undefined, fingerprint: '' };
  return { id: { epoch: 1, sequence }, proposal, outcome: { result: 'deleted', found: false } };
};

let kernel: Kernel;
let disk: Disk;
let heard: string[];
const runAll = (): void => {
  while (kernel.runNext());
};

beforeEach(() => {
  kernel = new Kernel();
  heard = [];
  const spans = { persist: { minUs: 100, maxUs: 900 }, read: { minUs: 10, maxUs: 500 } };
  disk = new Disk(
    kernel,
    spans,
    { persist: randomStream(1, 'p'), read: randomStream(1, 'r') },
    {
      persisted: (shard, upTo) => heard.push(`${shard}: ${versionText(upTo)}`),
      chunkRead: (upload, index, found) =>
        heard.push(`${upload}#${index} ${found === undefined ? 'missing' : 'found'}`),
    },
  );
});

describe('a disk', () => {
  it('persists in order, each batch up to its last entry, not at once', () => {
    for (let i = 0; i < 20; i++) disk.persist(i % 2, [entry(2 * i), entry(2 * i + 1)]);
    expect(heard).toEqual([]);
    runAll();
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `${i % 2}: 1.${2 * i + 1}`));
    expect(kernel.nowUs).toBeLessThanOrEqual(900);
    expect(disk.log(1).map(({ id }) => id.sequence)).toEqual(
      Array.from({ length: 20 }, (_, i) => 4 * (i >> 1) + 2 + (i & 1)),
    );
  });

  it('reads what is there when the read is done', () => {
    disk.store(chunk('u', 2));
    disk.store(chunk('u', 0));
    disk.store(chunk('v', 0));
    disk.read('u', 2);
    disk.read('u', 1);
    disk.read('w', 0);
    runAll();
    disk.read('v', 0);
    disk.drop('v');
    runAll();
    expect(heard).toEqual(['u#2 found', 'u#1 missing', 'w#0 missing', 'v#0 missing']);
  });

  it('never completes what its process waited for when it died; the rest is there for the next one', () => {
    disk.store(chunk('u', 0));
    disk.persist(0, [entry(1)]);
    runAll();
    disk.persist(0, [entry(2)]);
    disk.read('u', 0);
    disk.crash();
    runAll();
    expect(heard).toEqual(['0: 1.1']);
    expect(disk.log(0)).toHaveLength(1);
    disk.read('u', 0);
    disk.persist(0, [entry(2)]);
    runAll();
    expect(heard.sort()).toEqual(['0: 1.1', '0: 1.2', 'u#0 found']);
  });

  it('refuses to persist nothing', () => {
    expect(() => disk.persist(0, [])).toThrow('there is something to persist');
  });
});
