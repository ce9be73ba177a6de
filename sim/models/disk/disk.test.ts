// A disk answers in order and in its own time, outlives its process, and loses what was not safe: no more and no less.
import { describe, expect, it } from 'vitest';
import { foundText } from '../../../core/conformance/store-life.test-kit.js';
import { base, chunk, DiskBench, entry, everyEnd, FLUSH_US, PERSIST_US } from './disk.test-kit.js';

const IDENTITY = { clusterId: 'c', store: 'store', incarnation: 1, epoch: 1, since: 1 };
const DURABILITIES = ['memory', 'os', 'fsync'] as const;

describe.each(DURABILITIES)('a disk under %s', (durability) => {
  it('persists in order, each batch up to its last entry, not at once', () => {
    const { disk, heard, kernel } = new DiskBench(durability);
    for (let i = 0; i < 20; i++) disk.persist(i % 2, [entry(2 * i), entry(2 * i + 1)]);
    expect(heard).toEqual([]);
    while (heard.length < 20) kernel.runNext();
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `${i % 2}: 1.${2 * i + 1}`));
    expect(kernel.nowUs).toBe(PERSIST_US);
  });

  it('reads what is there when the read is done', () => {
    const bench = new DiskBench(durability);
    const { disk } = bench;
    for (const one of [chunk('u', 2), chunk('u', 0), chunk('v', 0)]) disk.store(0, one);
    disk.read('u', 2);
    disk.read('u', 1);
    disk.read('w', 0);
    bench.after(50);
    disk.read('v', 0);
    disk.drop('v');
    bench.after(50);
    expect(bench.heard).toEqual(['u#2 found', 'u#1 missing', 'w#0 missing', 'v#0 missing']);
  });

  it('hands a next life in the same process all that was done, and tells it nothing of the life before', () => {
    const bench = new DiskBench(durability);
    const { disk } = bench;
    disk.writeIdentity(IDENTITY);
    disk.store(3, chunk('u1', 0));
    disk.persist(3, [entry(1), entry(2)]);
    bench.after(PERSIST_US);
    disk.read('u1', 0);
    disk.endLife();
    bench.after(PERSIST_US);
    expect(bench.heard).toEqual(['identity', '3: 1.2']);
    expect(bench.found()).toBe('store 3[1 2] u1#0-1');
  });

  it('has done some of the writes that were under way when a life ended, in their order', () => {
    const ends = everyEnd(durability, ({ disk, heard, kernel }) => {
      disk.persist(0, [entry(1)]);
      while (heard.length === 0) kernel.runNext();
      disk.writeBase(0, base(1));
      disk.persist(0, [entry(2), entry(3)]);
      disk.endLife();
    });
    expect([...ends].sort()).toEqual(['0[1]', '0[base1 2 3]', '0[base1 2]', '0[base1]']);
  });

  it('keeps a shard from its latest tables on, and nothing of a shard that is forgotten', () => {
    const bench = new DiskBench(durability);
    const { disk } = bench;
    disk.persist(1, [entry(1), entry(2)]);
    disk.writeBase(1, base(2));
    disk.persist(1, [entry(3)]);
    disk.persist(2, [entry(1)]);
    disk.store(2, chunk('u1', 0));
    disk.forgetShard(2);
    bench.after(PERSIST_US);
    expect(bench.found()).toBe('1[base2 3] u1#0-1');
  });

  it('refuses to persist nothing', () => {
    expect(() => new DiskBench(durability).disk.persist(0, [])).toThrow('there is something to persist');
  });
});

describe('the crash of a process', () => {
  it('leaves nothing of memory', () => {
    const bench = new DiskBench('memory');
    bench.disk.store(0, chunk('u1', 0));
    bench.disk.writeIdentity(IDENTITY);
    bench.disk.persist(0, [entry(1)]);
    bench.after(PERSIST_US);
    bench.disk.crash();
    expect(bench.found()).toBe('');
  });

  it.each(['os', 'fsync'] as const)(
    'leaves under %s all that was written, and chunks that no persist covered',
    (how) => {
      const bench = new DiskBench(how);
      bench.disk.persist(0, [entry(1)]);
      bench.after(PERSIST_US);
      bench.disk.store(0, chunk('u2', 0));
      bench.disk.store(0, chunk('u2', 1));
      bench.disk.crash();
      bench.after(PERSIST_US);
      expect(bench.heard).toEqual(['0: 1.1']);
      expect(bench.found()).toBe('0[1] u2#0-2');
    },
  );

  it('undoes what was dropped behind a write that is lost', () => {
    const ends = everyEnd('fsync', ({ disk }) => {
      disk.store(0, chunk('u1', 1));
      disk.persist(0, [entry(2)]);
      disk.drop('u1');
      disk.crash();
    });
    expect([...ends].sort()).toEqual(['0[2]', '0[2] u1#1-2', 'u1#1-2']);
  });

  it('under fsync makes what was written and not synced safe before the next life hears of it', () => {
    const ends = everyEnd('fsync', ({ disk }) => {
      disk.store(0, chunk('u1', 0));
      disk.crash();
      expect(foundText(disk.recover())).toBe('u1#0-1');
      disk.losePower();
    });
    expect([...ends]).toEqual(['u1#0-1']);
  });
});

describe('a loss of power', () => {
  it('leaves nothing of memory', () => {
    const bench = new DiskBench('memory');
    bench.disk.persist(0, [entry(1)]);
    bench.after(PERSIST_US);
    bench.disk.losePower();
    expect(bench.found()).toBe('');
  });

  it('takes nothing under fsync that was answered, nor a chunk before it', () => {
    const ends = everyEnd('fsync', (bench) => {
      bench.disk.store(0, chunk('u1', 0));
      bench.disk.persist(0, [entry(1)]);
      bench.after(PERSIST_US);
      bench.disk.losePower();
    });
    expect([...ends]).toEqual(['0[1] u1#0-1']);
  });

  it('takes under fsync a suffix of the log that was not answered, and chunks one by one', () => {
    const ends = everyEnd('fsync', ({ disk }) => {
      disk.store(0, chunk('u1', 0));
      disk.store(0, chunk('u1', 1));
      disk.persist(0, [entry(1)]);
      disk.persist(0, [entry(2)]);
      disk.losePower();
    });
    const logs = new Set([...ends].map((end) => end.split(' u1')[0]));
    expect([...logs].filter((log) => log?.startsWith('0'))).toEqual(expect.arrayContaining(['0[1]', '0[1 2]']));
    expect([...ends].some((end) => end.startsWith('0[2'))).toBe(false);
    const chunks = new Set([...ends].map((end) => / ?u1#.*/.exec(end)?.[0].trim()));
    expect(chunks).toEqual(new Set([undefined, 'u1#0-1', 'u1#1-2', 'u1#0-2']));
    // It is one log: what stands before a record that is left is there, too.
    for (const end of ends) if (end.startsWith('0[')) expect(end).toContain('u1#0-2');
  });

  it('leaves under os records without the chunks before them', () => {
    const ends = everyEnd('os', (bench) => {
      bench.disk.store(0, chunk('u1', 0));
      bench.disk.persist(0, [entry(1)]);
      bench.after(PERSIST_US);
      bench.disk.losePower();
    });
    expect([...ends].sort()).toEqual(['', '0[1 suspect]', '0[1 suspect] u1#0-1', 'u1#0-1']);
  });

  it('takes under os what was written last, though it was answered, and says so', () => {
    const ends = everyEnd('os', (bench) => {
      for (const sequence of [1, 2, 3]) bench.disk.persist(0, [entry(sequence)]);
      bench.after(PERSIST_US);
      expect(bench.heard).toHaveLength(3);
      bench.disk.losePower();
    });
    expect([...ends].sort()).toEqual(['', '0[1 2 3 suspect]', '0[1 2 suspect]', '0[1 suspect]']);
  });

  it('takes nothing under os that the machine has synced by itself, and nothing is suspect then', () => {
    const bench = new DiskBench('os');
    bench.disk.store(0, chunk('u1', 0));
    bench.disk.persist(0, [entry(1)]);
    bench.after(FLUSH_US);
    bench.disk.losePower();
    expect(bench.found()).toBe('0[1] u1#0-1');
  });

  it('comes under os after the machine has synced for a process that had died', () => {
    const bench = new DiskBench('os');
    bench.disk.persist(0, [entry(1)]);
    bench.after(PERSIST_US);
    bench.disk.crash();
    bench.after(FLUSH_US);
    bench.disk.losePower();
    expect(bench.found()).toBe('0[1]');
  });

  it('leaves a shard suspect under os until something of it is written again, also over lives', () => {
    const bench = new DiskBench('os');
    bench.disk.persist(0, [entry(1)]);
    bench.disk.persist(7, [entry(1)]);
    bench.after(FLUSH_US);
    bench.disk.store(7, chunk('u2', 0));
    bench.disk.losePower();
    bench.disk.crash();
    expect(bench.found()).toContain('0[1 suspect] 7[1 suspect]');
    bench.disk.persist(0, [entry(2)]);
    bench.after(PERSIST_US);
    expect(bench.found()).toContain('0[1 2] 7[1 suspect]');
  });

  it('takes all that was not synced when that is armed, once', () => {
    const ends = everyEnd('os', (bench) => {
      bench.disk.trouble({ kind: 'lose-unsynced' });
      bench.disk.persist(0, [entry(1)]);
      bench.after(FLUSH_US);
      bench.disk.store(0, chunk('u2', 0));
      bench.disk.persist(0, [entry(2)]);
      bench.after(PERSIST_US);
      bench.disk.losePower();
      bench.disk.persist(0, [entry(2)]);
      bench.after(PERSIST_US);
    });
    expect([...ends]).toEqual(['0[1 2]']);
  });

  it('brings the tables before the latest back when a rename is lost, with all records since those', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const bench = new DiskBench('os', seed);
      bench.disk.writeBase(0, base(4));
      bench.disk.persist(0, [entry(5)]);
      bench.after(FLUSH_US);
      bench.disk.writeBase(0, base(5));
      bench.disk.persist(0, [entry(6)]);
      bench.after(PERSIST_US);
      bench.disk.trouble({ kind: 'lost-rename' });
      bench.disk.losePower();
      expect(['0[base4 5 suspect]', '0[base4 5 6 suspect]']).toContain(bench.found());
    }
  });

  it('does not undo a rename that was synced', () => {
    const bench = new DiskBench('fsync');
    bench.disk.writeBase(0, base(4));
    bench.disk.writeBase(0, base(5));
    bench.disk.persist(0, [entry(6)]);
    bench.after(PERSIST_US);
    bench.disk.trouble({ kind: 'lost-rename' });
    bench.disk.losePower();
    expect(bench.found()).toBe('0[base5 6]');
  });

  it('tears the last record that is left when that is armed: told to one life, and to the next only that it was', () => {
    const torn = new Set<string>();
    const later = everyEnd('fsync', (bench) => {
      bench.disk.trouble({ kind: 'torn' });
      bench.disk.persist(0, [entry(1)]);
      bench.after(PERSIST_US);
      bench.disk.persist(0, [entry(2), entry(3)]);
      bench.disk.losePower();
      torn.add(bench.found());
    });
    expect([...torn].sort()).toEqual(['0[1 2 3!]', '0[1 2!]']);
    expect([...later].sort()).toEqual(['0[1 2 suspect]', '0[1 suspect]']);
  });
});

describe('another disk', () => {
  it('is empty when it was wiped', () => {
    const bench = new DiskBench('fsync');
    bench.disk.writeIdentity(IDENTITY);
    bench.disk.persist(0, [entry(1)]);
    bench.after(PERSIST_US);
    bench.disk.crash();
    bench.disk.replace('wiped');
    expect(bench.found()).toBe('');
  });

  it('is as it was when a snapshot of it was taken, without what was under way', () => {
    const bench = new DiskBench('fsync');
    bench.disk.writeIdentity(IDENTITY);
    bench.disk.persist(0, [entry(1)]);
    bench.disk.store(0, chunk('u1', 0));
    bench.after(PERSIST_US);
    bench.disk.writeBase(0, base(1));
    bench.disk.persist(0, [entry(2)]);
    bench.disk.trouble({ kind: 'snapshot' });
    bench.disk.drop('u1');
    bench.after(PERSIST_US);
    expect(bench.heard).toEqual(['identity', '0: 1.1', '0: 1.1', '0: 1.2']);
    for (let twice = 0; twice < 2; twice++) {
      bench.disk.crash();
      bench.disk.replace('stale');
      expect(bench.found()).toBe('store 0[1] u1#0-1');
      bench.disk.persist(0, [entry(9)]);
      bench.after(PERSIST_US);
      expect(bench.found()).toBe('store 0[1 9] u1#0-1');
    }
  });

  it('cannot be a stale one of which nobody took a snapshot', () => {
    expect(() => new DiskBench('fsync').disk.replace('stale')).toThrow('a snapshot was taken');
  });
});
