// One life of a server that uses a store: it asks, keeps what it hears, and finds words for what was recovered.
import { crc32 } from 'node:zlib';
import type { Chunk, LogEntry } from '../file.js';
import { type EntryId, versionText } from '../ids.js';
import type { StoreInput, StoreOutput, StorePort } from '../ports.js';
import { SortedMap } from '../sorted-map.js';
import type { Base, Recovered, StoreIdentity } from '../store-port.js';
import type { StoreWorld } from './store-world.test-kit.js';

export const IDENTITY: StoreIdentity = { clusterId: 'c', store: 'a store', incarnation: 3, epoch: 7, since: 2 };

/** Bytes that differ from chunk to chunk. */
export function chunk(upload: string, index: number, length = 100): Chunk {
  const payload = Buffer.alloc(length, `${upload}#${index} `);
  return { upload, index, length, checksum: crc32(payload), payload };
}

/** The entry that stores upload `u<sequence>` at the path, with all that JSON has no word for. */
export function entry(sequence: number, epoch = 1, path = '/é "quoted"\n'): LogEntry {
  const id = { epoch, sequence };
  const upload = `u${sequence}`;
  const manifest = { upload, length: 100, chunkBytes: 100, sha256: 'ab', contentType: 'a/b', modifiedMs: 5 };
  const change = { kind: 'put', manifest } as const;
  const proposal = { operation: `o${sequence}`, path, change, precondition: undefined, fingerprint: 'f' };
  return { id, proposal, outcome: { result: 'stored', version: id, upload } };
}

export function deletion(sequence: number, precondition: string | undefined): LogEntry {
  const change = { kind: 'delete' } as const;
  const proposal = { operation: `o${sequence}`, path: '/d', change, precondition, fingerprint: 'f' };
  return { id: { epoch: 2, sequence }, proposal, outcome: { result: 'precondition-failed' } };
}

/** Tables of so many files, and outcomes, as of an entry. */
export function base(sequence: number, files = 2): Base {
  const at: EntryId = { epoch: 1, sequence };
  let tables: Base = { at, files: SortedMap.empty(), outcomes: SortedMap.empty(), floor: `floor ${sequence}` };
  for (let i = 0; i < files; i++) {
    const { proposal, outcome } = entry(i + 1);
    if (proposal.change.kind !== 'put') continue;
    const record = { version: { epoch: 1, sequence: i + 1 }, manifest: proposal.change.manifest };
    const outcomes = tables.outcomes.set(`o${i}`, { outcome, fingerprint: 'f' });
    tables = { ...tables, files: tables.files.set(`/file ${i}`, record), outcomes };
  }
  return tables;
}

export class StoreLife {
  readonly heard: StoreInput[] = [];

  private constructor(
    private readonly world: StoreWorld,
    private port: StorePort | undefined,
  ) {}

  static async begin(world: StoreWorld): Promise<StoreLife> {
    const life = new StoreLife(world, undefined);
    life.port = await world.begin((input) => life.heard.push(input));
    return life;
  }

  get recovered(): Recovered {
    return (this.port as StorePort).recovered;
  }

  ask(output: StoreOutput): void {
    this.port?.carryOut(output);
  }

  end(): void {
    this.port?.end();
  }

  store(shard: number, ...chunks: readonly Chunk[]): void {
    for (const one of chunks) this.ask({ kind: 'store-chunk', shard, chunk: one });
  }

  persist(shard: number, ...entries: readonly LogEntry[]): void {
    this.ask({ kind: 'persist', shard, entries });
  }

  writeBase(shard: number, tables: Base): void {
    this.ask({ kind: 'write-base', shard, base: tables });
  }

  /** What was heard, in words, reads left out: `0: 1.2`, `u1#3 unwritten`, `full`. */
  get words(): string[] {
    return this.heard.flatMap((input) => {
      if (input.kind === 'persisted') return [`${input.shard}: ${versionText(input.upTo)}`];
      if (input.kind === 'chunk-unwritten') return [`${input.upload}#${input.index} unwritten`];
      if (input.kind === 'store-space') return [input.full ? 'full' : 'room'];
      return input.kind === 'store-broken' ? ['broken'] : [];
    });
  }

  /** Waits until it was told so. */
  async hears(...words: readonly string[]): Promise<void> {
    await this.world.until(() => words.every((word) => this.words.includes(word)));
  }

  /** Asks for a chunk and waits for the answer. */
  async read(upload: string, index: number): Promise<Chunk | undefined> {
    const isAnswer = (input: StoreInput) =>
      input.kind === 'chunk-read' && input.upload === upload && input.index === index;
    const before = this.heard.filter(isAnswer).length;
    this.ask({ kind: 'read-chunk', upload, index });
    await this.world.until(() => this.heard.filter(isAnswer).length > before);
    const answer = this.heard.filter(isAnswer)[before];
    return answer?.kind === 'chunk-read' ? answer.chunk : undefined;
  }

  /** What was recovered, in words: `a store 0[base4 5~ 6! suspect] u1#0-2`; ~ is hollow. */
  get found(): string {
    return foundText(this.recovered);
  }
}

export function foundText({ identity, shards, uploads }: Recovered): string {
  const words = identity === undefined ? [] : [identity.store];
  for (const { shard, base: tables, baseSound, entries, suspect } of shards) {
    const records = entries.map(
      ({ entry: { id }, sound, hollow }) => `${id.sequence}${sound ? '' : '!'}${hollow ? '~' : ''}`,
    );
    const first = baseSound ? (tables === undefined ? [] : [`base${tables.at.sequence}`]) : ['base!'];
    words.push(`${shard}[${[...first, ...records, ...(suspect ? ['suspect'] : [])].join(' ')}]`);
  }
  const sorted = [...uploads].sort((a, b) => (a.upload < b.upload ? -1 : 1));
  for (const { upload, chunks } of sorted) {
    words.push(`${upload}#${chunks.map(({ from, to }) => `${from}-${to}`).join(',')}`);
  }
  return words.join(' ');
}
