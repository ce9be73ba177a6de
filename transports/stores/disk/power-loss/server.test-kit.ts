// A server as its store sees it: asks for this and that as the seed says, and takes down what it asked and was told.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { base, chunk, entry, IDENTITY } from '../../../../core/conformance/store-life.test-kit.js';
import type { LogEntry } from '../../../../core/file.js';
import type { StoreInput, StorePort } from '../../../../core/ports.js';
import type { Durability } from '../../../../core/view/view.js';
import { openDiskStore } from '../../disk-store.js';
import type { Store } from '../../store.js';
import type { DiskLimits } from '../limits.js';
import { bytesOf, type ChunkName, type Found, keyOf, type Mark, Promises, type Request } from './promises.test-kit.js';
import type { Random } from './random.test-kit.js';
import type { Process, Trace } from './trace.test-kit.js';

const SHARDS = 3;
const PATIENCE_MS = 10_000;
/** Of a hundred requests so many are followed by a rest, in which the store can see to itself. */
const REST_SHARE = 6;
const REST_TURNS = 200;

/** Every few requests another segment. */
const LIMITS: Partial<DiskLimits> = {
  ...{ segmentBytes: 3_000, groupBytesMax: 1_500, movedBytes: 1_000, basePartItems: 3, syncEveryBytes: 1_000 },
  ...{ cacheBytes: 0, openSegmentsMax: 3, reserveFileBytes: 0, slowWriteMs: 1e9 },
};

export interface Machine {
  readonly folder: string;
  readonly durability: Durability;
  readonly boot: string;
}

export class Server {
  private readonly promises: Promises;
  private store: Store | undefined;
  private port: StorePort | undefined;
  private life = 0;
  private readonly reading = new Map<string, (bytes: Buffer | undefined) => void>();
  broken: string | undefined;
  /** So many of a hundred requests are waited for. */
  private readonly patience: number;

  constructor(
    private readonly trace: Trace,
    private readonly process: Process,
    private readonly machine: Machine,
    private readonly random: Random,
  ) {
    this.promises = Promises.of(trace.marks());
    this.patience = random.of([2, 10, 40]);
  }

  async open(): Promise<void> {
    const { system } = this.process;
    this.apply({ kind: 'opening' });
    if (this.process.mayBeDoubted) this.apply({ kind: 'failing' });
    this.store = await openDiskStore({ ...this.machine, limits: LIMITS, system });
  }

  /** A life begins; the one before is over. @returns what it was told of */
  async begin(): Promise<Found> {
    this.port?.end();
    this.broken = undefined;
    this.port = await this.store?.begin((input) => this.hear(input));
    const { recovered } = this.port as StorePort;
    const chunks = new Map<string, Buffer | undefined>();
    for (const { upload, chunks: ranges } of recovered.uploads) {
      for (const { from, to } of ranges) {
        for (let index = from; index < to; index++) {
          chunks.set(keyOf({ upload, index }), await this.read({ upload, index }));
        }
      }
    }
    return { recovered, chunks };
  }

  /** It goes on from there. */
  accept(found: Found): void {
    this.apply({ kind: 'began', found });
    this.life++;
    if (found.recovered.identity === undefined) this.identity();
  }

  /** Some requests, of which some are waited for. */
  async deeds(count: number): Promise<void> {
    for (let i = 0; i < count && !this.isEnded; i++) {
      this.deed();
      if (this.random.in100(REST_SHARE)) for (let turns = REST_TURNS; turns > 0; turns--) await nextTurn();
      else if (this.random.in100(this.patience)) await this.answered();
      else for (let turns = this.random.below(6); turns > 0; turns--) await nextTurn();
    }
  }

  /** An entry for every shard, answered. */
  async goOn(): Promise<void> {
    for (let shard = 0; shard < SHARDS; shard++) this.put(shard);
    await this.answered();
  }

  async answered(): Promise<void> {
    await this.until(() => this.promises.owed === 0 || this.isEnded, 'an answer');
  }

  async close(): Promise<void> {
    await this.store?.close();
    // Where a disk fails nobody is told whether it was in order.
    if (!this.process.mayFail) this.apply({ kind: 'closed' });
  }

  /** Whatever it was doing. */
  async kill(): Promise<void> {
    this.process.kill();
    await this.store?.close();
  }

  /** Its disk has failed: it begins another life. */
  private get isEnded(): boolean {
    return this.process.mayFail && this.broken !== undefined;
  }

  private deed(): void {
    const shard = this.random.below(SHARDS);
    const choice = this.random.below(100);
    if (choice < 55) this.put(shard);
    else if (choice < 65) this.entries(shard, 1 + this.random.below(4));
    else if (choice < 77) this.base(shard, this.promises.shard(shard).last);
    else if (choice < 92) this.drop();
    else if (choice < 95) this.learn(shard);
    else this.identity();
  }

  private put(shard: number): void {
    const upload = `u${this.promises.serial}`;
    const chunks: ChunkName[] = [];
    for (let index = 0; index <= this.random.below(3); index++) {
      const name = { upload, index };
      chunks.push(name);
      const { payload, length, checksum } = chunk(upload, index, bytesOf(name).length);
      this.ask({ kind: 'chunk', chunk: name });
      this.port?.carryOut({ kind: 'store-chunk', shard, chunk: { ...name, payload, length, checksum } });
    }
    this.entries(shard, 1, chunks);
  }

  private entries(shard: number, count: number, chunks: readonly ChunkName[] = []): void {
    const first = this.promises.shard(shard).last + 1;
    const upload = chunks[0]?.upload ?? 'none';
    const entries = Array.from({ length: count }, (_, i) =>
      stored(upload, entry(first + i, this.life, `/${this.promises.serial}`)),
    );
    for (const one of entries) {
      const isLast = one === entries[count - 1];
      this.ask({ kind: 'entry', shard, entry: one, chunks, isLast });
    }
    this.port?.carryOut({ kind: 'persist', shard, entries });
  }

  private base(shard: number, at: number): void {
    const tag = `base ${this.promises.serial}`;
    this.ask({ kind: 'base', shard, at, tag });
    this.port?.carryOut({ kind: 'write-base', shard, base: { ...base(at, this.random.below(8)), floor: tag } });
  }

  private drop(): void {
    const { uploads } = this.promises;
    if (uploads.length === 0) return;
    const upload = this.random.of(uploads);
    this.ask({ kind: 'drop', upload });
    this.port?.carryOut({ kind: 'drop-upload', upload });
  }

  /** As a member that comes to a chain: another log takes the place of its own. */
  private learn(shard: number): void {
    this.ask({ kind: 'forget', shard });
    this.port?.carryOut({ kind: 'forget-shard', shard });
    if (this.random.in100(60)) this.base(shard, 5 + this.random.below(20));
    this.entries(shard, 2);
  }

  private identity(): void {
    const epoch = this.promises.serial;
    this.ask({ kind: 'identity', epoch });
    this.port?.carryOut({ kind: 'write-identity', identity: { ...IDENTITY, epoch } });
  }

  private ask(request: Request): void {
    this.apply({ kind: 'asked', request });
  }

  private hear(input: StoreInput): void {
    if (input.kind === 'persisted') this.apply({ kind: 'told', shard: input.shard });
    else if (input.kind === 'identity-persisted') this.apply({ kind: 'identity told' });
    else if (input.kind === 'chunk-unwritten') this.apply({ kind: 'unwritten', chunk: input });
    else if (input.kind === 'store-broken') this.broken = input.why;
    else if (input.kind === 'chunk-read') this.reading.get(keyOf(input))?.(input.chunk?.payload as Buffer | undefined);
  }

  private read(name: ChunkName): Promise<Buffer | undefined> {
    const { upload, index } = name;
    return new Promise((resolve) => {
      this.reading.set(keyOf(name), resolve);
      this.port?.carryOut({ kind: 'read-chunk', upload, index });
    });
  }

  private apply(mark: Mark): void {
    this.trace.mark(mark);
    this.promises.apply(mark);
  }

  private async until(holds: () => boolean, what: string): Promise<void> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (!holds()) {
      if (this.broken !== undefined) throw new Error(this.broken);
      if (performance.now() > giveUpAt) throw new Error(`waited in vain for ${what}`);
      await nextTurn();
    }
  }
}

const stored = (upload: string, one: LogEntry): LogEntry => ({
  ...one,
  outcome: { result: 'stored', version: one.id, upload },
});
