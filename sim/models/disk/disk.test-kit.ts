// One disk on a kernel of its own, what its server was told, and what a next life would find.
import { foundText } from '../../../core/conformance/store-life.test-kit.js';
import type { Chunk, LogEntry } from '../../../core/file.js';
import { versionText } from '../../../core/ids.js';
import { SortedMap } from '../../../core/sorted-map.js';
import type { Base } from '../../../core/store-port.js';
import type { Durability } from '../../../core/view/view.js';
import { Kernel } from '../../kernel.js';
import { randomStream } from '../../random.js';
import { Disk } from './disk.js';

export const PERSIST_US = 100;
export const FLUSH_US = 10_000;

export const chunk = (upload: string, index: number): Chunk => ({
  ...{ upload, index, length: 9, checksum: 1, payload: undefined },
});

/** An entry that stores `u<sequence>` at /a. */
export function entry(sequence: number, path = '/a'): LogEntry {
  const id = { epoch: 1, sequence };
  const manifest = { upload: `u${sequence}`, length: 9, chunkBytes: 9, sha256: '', contentType: '', modifiedMs: 0 };
  const change = { kind: 'put', manifest } as const;
  const proposal = { operation: `${sequence}`, path, change, precondition: undefined, fingerprint: '' };
  return { id, proposal, outcome: { result: 'stored', version: id, upload: `u${sequence}` } };
}

export const base = (sequence: number): Base => ({
  ...{ at: { epoch: 1, sequence }, files: SortedMap.empty(), outcomes: SortedMap.empty(), floor: '' },
});

export class DiskBench {
  readonly kernel = new Kernel();
  readonly disk: Disk;
  readonly heard: string[] = [];

  constructor(durability: Durability, seed = 1) {
    const span = (us: number) => ({ minUs: us, maxUs: us });
    const stream = (name: string) => randomStream(seed, name);
    this.disk = new Disk(
      this.kernel,
      { durability, persist: span(PERSIST_US), read: span(50), flush: span(FLUSH_US) },
      { persist: stream('p'), read: stream('r'), flush: stream('f'), trouble: stream('t') },
      {
        persisted: (shard, upTo) => this.heard.push(`${shard}: ${versionText(upTo)}`),
        identityPersisted: () => this.heard.push('identity'),
        chunkRead: (upload, index, found) =>
          this.heard.push(`${upload}#${index} ${found === undefined ? 'missing' : 'found'}`),
        storeBroken: () => this.heard.push('broken'),
        chunkUnwritten: (upload, index) => this.heard.push(`${upload}#${index} unwritten`),
        storeSpace: (full) => this.heard.push(full ? 'full' : 'room'),
      },
    );
  }

  /** Lets so much time pass. */
  after(us: number): void {
    const end = this.kernel.nowUs + us;
    this.kernel.schedule(end, { run: () => undefined });
    while (this.kernel.nextUs !== undefined && this.kernel.nextUs <= end) this.kernel.runNext();
  }

  /** What a next life finds, in words: `identity 0[base 4 5 6! suspect] u1#0-2`. */
  found(): string {
    return foundText(this.disk.recover());
  }
}

/** What is found after the same deeds under so many seeds. */
export function everyEnd(durability: Durability, deeds: (bench: DiskBench) => void, seeds = 60): ReadonlySet<string> {
  const ends = new Set<string>();
  for (let seed = 1; seed <= seeds; seed++) {
    const bench = new DiskBench(durability, seed);
    deeds(bench);
    ends.add(bench.found());
  }
  return ends;
}
