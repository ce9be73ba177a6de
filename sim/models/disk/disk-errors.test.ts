// A disk that rots, reads nothing, breaks, is full or slow: what its server hears of it, and what the next life finds.
import { describe, expect, it } from 'vitest';
import { foundText } from '../../../core/conformance/store-life.test-kit.js';
import { base, chunk, DiskBench, entry, PERSIST_US } from './disk.test-kit.js';

describe('rot', () => {
  it('takes one sound chunk of the path that is named, until it is written again', () => {
    const bench = new DiskBench('fsync');
    const { disk } = bench;
    disk.store(0, chunk('u1', 0));
    disk.store(0, chunk('u2', 0));
    disk.persist(0, [entry(1, '/a'), entry(2, '/b')]);
    bench.after(PERSIST_US);
    expect(disk.trouble({ kind: 'bitrot', what: 'chunk', path: '/a' })).toBeDefined();
    expect(disk.trouble({ kind: 'bitrot', what: 'chunk', path: '/a' })).toBeUndefined();
    const reads = (): string[] => {
      bench.heard.length = 0;
      for (const upload of ['u1', 'u2']) disk.read(upload, 0);
      bench.after(50);
      return [...bench.heard];
    };
    expect(reads()).toEqual(['u1#0 missing', 'u2#0 found']);
    expect(bench.found()).toBe('0[1 2] u1#0-1 u2#0-1');
    disk.store(0, chunk('u1', 0));
    expect(reads()).toEqual(['u1#0 found', 'u2#0 found']);
  });

  it('takes any chunk when no path is named, and finds nothing on an empty disk', () => {
    const { disk } = new DiskBench('fsync');
    expect(disk.trouble({ kind: 'bitrot', what: 'chunk', path: undefined })).toBeUndefined();
    expect(disk.trouble({ kind: 'bitrot', what: 'log', path: undefined })).toBeUndefined();
    disk.store(0, chunk('u1', 4));
    expect(disk.trouble({ kind: 'bitrot', what: 'chunk', path: undefined })).toBeDefined();
  });

  it('spoils a record of the log: not sound, and another outcome', () => {
    const bench = new DiskBench('fsync');
    bench.disk.persist(0, [entry(1, '/a'), entry(2, '/b')]);
    bench.after(PERSIST_US);
    expect(bench.disk.trouble({ kind: 'bitrot', what: 'log', path: '/c' })).toBeUndefined();
    expect(bench.disk.trouble({ kind: 'bitrot', what: 'log', path: '/b' })).toBeDefined();
    const recovered = bench.disk.recover();
    expect(foundText(recovered)).toBe('0[1 2!]');
    expect(recovered.shards[0]?.entries[1]?.entry.outcome).not.toEqual(entry(2, '/b').outcome);
  });
});

describe('a disk with errors', () => {
  it('reads nothing while reads fail', () => {
    const bench = new DiskBench('fsync');
    bench.disk.store(0, chunk('u1', 0));
    const undo = bench.disk.trouble({ kind: 'eio', of: 'read' });
    bench.disk.read('u1', 0);
    bench.after(50);
    undo?.();
    undo?.();
    bench.disk.read('u1', 0);
    bench.after(50);
    expect(bench.heard).toEqual(['u1#0 missing', 'u1#0 found']);
  });

  it('breaks when a write fails: told once, nothing later in this life is durable, and the next one writes again', () => {
    const bench = new DiskBench('fsync');
    const { disk } = bench;
    disk.persist(0, [entry(1)]);
    bench.after(PERSIST_US);
    const undo = disk.trouble({ kind: 'eio', of: 'write' });
    disk.store(0, chunk('u2', 0));
    disk.persist(0, [entry(2)]);
    disk.writeBase(0, base(2));
    bench.after(PERSIST_US);
    undo?.();
    disk.persist(0, [entry(3)]);
    disk.forgetShard(0);
    bench.after(PERSIST_US);
    expect(bench.heard).toEqual(['0: 1.1', 'u2#0 unwritten', 'broken']);
    disk.endLife();
    expect(bench.found()).toBe('0[1]');
    disk.persist(0, [entry(2)]);
    bench.after(PERSIST_US);
    expect(bench.found()).toBe('0[1 2]');
  });

  it('takes no chunks while it is full, has room for the log, and says both', () => {
    const bench = new DiskBench('fsync');
    const undo = bench.disk.trouble({ kind: 'full' });
    bench.disk.store(0, chunk('u1', 0));
    bench.disk.persist(0, [entry(1)]);
    bench.after(PERSIST_US);
    expect(bench.heard).toEqual(['full', 'u1#0 unwritten', '0: 1.1']);
    bench.disk.crash();
    expect(bench.found()).toBe('0[1~]');
    bench.after(PERSIST_US);
    expect(bench.heard.filter((word) => word === 'full')).toHaveLength(2);
    undo?.();
    bench.after(PERSIST_US);
    expect(bench.heard.at(-1)).toBe('room');
    bench.disk.store(0, chunk('u1', 0));
    bench.disk.persist(0, [entry(1)]);
    expect(bench.found()).toBe('0[1] u1#0-1');
  });

  it('calls none hollow whose upload was dropped since', () => {
    const bench = new DiskBench('fsync');
    const undo = bench.disk.trouble({ kind: 'full' });
    bench.disk.store(0, chunk('u1', 0));
    undo?.();
    bench.disk.drop('u1');
    bench.disk.persist(0, [entry(1)]);
    bench.after(PERSIST_US);
    expect(bench.found()).toBe('0[1]');
  });

  it('keeps what was written once more behind a record that stays hollow', () => {
    const bench = new DiskBench('fsync');
    const undo = bench.disk.trouble({ kind: 'full' });
    for (const upload of ['u1', 'u2']) bench.disk.store(0, chunk(upload, 0));
    bench.disk.persist(0, [entry(1, '/a'), entry(2, '/b'), entry(3, '/c')]);
    undo?.();
    bench.disk.store(0, chunk('u1', 0));
    bench.disk.persist(0, [entry(1, '/a')]);
    bench.after(PERSIST_US);
    expect(bench.found()).toBe('0[1~ 2~ 3 1] u1#0-1');
    expect(bench.found()).toBe('0[1~ 1] u1#0-1');
  });

  it('takes so many times as long while it is slow', () => {
    const bench = new DiskBench('fsync');
    const undos = [3, 10].map((times) => bench.disk.trouble({ kind: 'slow', times }));
    bench.disk.persist(0, [entry(1)]);
    bench.after(30 * PERSIST_US - 1);
    expect(bench.heard).toEqual([]);
    bench.after(1);
    expect(bench.heard).toEqual(['0: 1.1']);
    for (const undo of undos) undo?.();
    bench.disk.persist(0, [entry(2)]);
    bench.after(PERSIST_US);
    expect(bench.heard).toEqual(['0: 1.1', '0: 1.2']);
  });
});
