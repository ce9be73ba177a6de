/**
 * What the disk store makes of its disk: each figure beside the bare system calls for the same bytes, in the same run.
 * Run it: `node dist/transports/bench/store.js [FOLDER]`.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writevSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import type { Chunk, LogEntry } from '../../core/file.js';
import type { StorePort } from '../../core/ports.js';
import type { Durability } from '../../core/view/view.js';
import { openDiskStore } from '../stores/disk-store.js';
import { openMemoryStore } from '../stores/memory-store.js';
import type { Store } from '../stores/store.js';

export interface StoreFigure {
  readonly what: string;
  readonly unit: 'MB/s' | 'ops/s';
  readonly store: number;
  /** The bare system calls. */
  readonly bare: number;
}

export interface StreamOptions {
  readonly durability: 'os' | 'fsync';
  readonly chunkBytes: number;
  readonly chunks: number;
  readonly chunksPerEntry: number;
}

const MEGA = 1e6;

export const STREAM: Omit<StreamOptions, 'durability'> = { chunkBytes: 256 * 1024, chunks: 1024, chunksPerEntry: 8 };

function chunkOf(payload: Buffer, checksum: number, upload: string, index: number): Chunk {
  return { upload, index, length: payload.length, checksum, payload };
}

function entryOf(sequence: number, upload: string, length: number): LogEntry {
  const id = { epoch: 1, sequence };
  const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  const manifest = { upload, length, chunkBytes: 262144, sha256, contentType: 'text/plain', modifiedMs: 1.7e12 };
  const operation = '01890a5d-ac96-774b-bcce-b302099a8057';
  const change = { kind: 'put', manifest } as const;
  const proposal = {
    operation,
    path: `/folder/file ${sequence}`,
    change,
    precondition: undefined,
    fingerprint: sha256,
  };
  return { id, proposal, outcome: { result: 'stored', version: id, upload } };
}

/** A life whose persists can be waited for. */
class Asker {
  private readonly waiting = new Map<number, () => void>();
  private port: StorePort | undefined;

  static async of(store: Store): Promise<Asker> {
    const asker = new Asker();
    asker.port = await store.begin((input) => {
      if (input.kind !== 'persisted') return;
      for (const [sequence, done] of asker.waiting) {
        if (sequence > input.upTo.sequence) continue;
        asker.waiting.delete(sequence);
        done();
      }
    });
    return asker;
  }

  store(chunk: Chunk): void {
    this.port?.carryOut({ kind: 'store-chunk', shard: 0, chunk });
  }

  persist(entry: LogEntry): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.set(entry.id.sequence, resolve);
      this.port?.carryOut({ kind: 'persist', shard: 0, entries: [entry] });
    });
  }
}

/** MB/s of chunks, an entry behind every few, two of them unanswered at most: as an upload's windows are. */
export async function streamRate(store: Store, options: StreamOptions): Promise<number> {
  const { chunkBytes, chunks, chunksPerEntry } = options;
  const asker = await Asker.of(store);
  const payload = Buffer.alloc(chunkBytes, 'bench');
  const checksum = crc32(payload);
  const begunAt = performance.now();
  const unanswered: Promise<void>[] = [];
  for (let index = 0; index < chunks; index += chunksPerEntry) {
    const upload = `u${index}`;
    for (let i = 0; i < chunksPerEntry; i++) asker.store(chunkOf(payload, checksum, upload, i));
    unanswered.push(asker.persist(entryOf(index / chunksPerEntry + 1, upload, chunkBytes * chunksPerEntry)));
    if (unanswered.length === 2) await unanswered.shift();
  }
  await Promise.all(unanswered);
  return (chunks * chunkBytes) / MEGA / ((performance.now() - begunAt) / 1000);
}

/** The same bytes, and nothing but the system calls. */
export function bareStreamRate(folder: string, options: StreamOptions): number {
  const { durability, chunkBytes, chunks, chunksPerEntry } = options;
  const payload = Buffer.alloc(chunkBytes, 'bench');
  const head = Buffer.alloc(64);
  const group = Array.from({ length: 2 * chunksPerEntry + 1 }, (_, i) => (i % 2 === 1 ? payload : head));
  const path = join(folder, 'bare');
  const file = openSync(path, 'w');
  const begunAt = performance.now();
  for (let index = 0; index < chunks; index += chunksPerEntry) {
    writevSync(file, group);
    if (durability === 'fsync') fdatasyncSync(file);
  }
  const rate = (chunks * chunkBytes) / MEGA / ((performance.now() - begunAt) / 1000);
  closeSync(file);
  rmSync(path);
  return rate;
}

const SMALL_BYTES = 4096;

/** Small files a second: a chunk and an entry each, so many clients that wait for their own. */
export async function smallRate(store: Store, clients: number, operations: number): Promise<number> {
  const asker = await Asker.of(store);
  const payload = Buffer.alloc(SMALL_BYTES, 'bench');
  const checksum = crc32(payload);
  let sequence = 0;
  const client = async (): Promise<void> => {
    while (sequence < operations) {
      const mine = ++sequence;
      asker.store(chunkOf(payload, checksum, `u${mine}`, 0));
      await asker.persist(entryOf(mine, `u${mine}`, SMALL_BYTES));
    }
  };
  const begunAt = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  return operations / ((performance.now() - begunAt) / 1000);
}

/** The same bytes in groups of so many, and nothing but the system calls. */
export function bareSmallRate(folder: string, durability: Durability, clients: number, operations: number): number {
  const group = Array.from({ length: 3 * clients }, (_, i) => Buffer.alloc([64, SMALL_BYTES, 600][i % 3] as number));
  const path = join(folder, 'bare');
  const file = openSync(path, 'w');
  const begunAt = performance.now();
  for (let done = 0; done < operations; done += clients) {
    writevSync(file, group);
    if (durability === 'fsync') fdatasyncSync(file);
  }
  const rate = operations / ((performance.now() - begunAt) / 1000);
  closeSync(file);
  rmSync(path);
  return rate;
}

async function withStore<T>(parent: string, durability: Durability, use: (store: Store) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(parent, 'store-'));
  const store = await openDiskStore({ folder, durability });
  const result = await use(store);
  await store.close();
  rmSync(folder, { recursive: true });
  return result;
}

/** @param parent a folder on the disk that is measured */
export async function measureStore(parent: string): Promise<readonly StoreFigure[]> {
  const figures: StoreFigure[] = [];
  for (const durability of ['os', 'fsync'] as const) {
    const options = { ...STREAM, durability };
    const store = await withStore(parent, durability, (one) => streamRate(one, options));
    figures.push({ what: `256 KiB chunks, ${durability}`, unit: 'MB/s', store, bare: bareStreamRate(parent, options) });
  }
  for (const [durability, clients, operations] of [
    ['os', 8, 20_000],
    ['fsync', 8, 4_000],
    ['fsync', 64, 20_000],
  ] as const) {
    const store = await withStore(parent, durability, (one) => smallRate(one, clients, operations));
    const bare = bareSmallRate(parent, durability, clients, operations);
    figures.push({ what: `4 KiB files, ${clients} at once, ${durability}`, unit: 'ops/s', store, bare });
  }
  const memory = await smallRate(openMemoryStore(), 8, 20_000);
  figures.push({ what: '4 KiB files, 8 at once, in maps', unit: 'ops/s', store: memory, bare: Number.NaN });
  return figures;
}

async function main(): Promise<void> {
  const parent = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'ppnfs-bench-'));
  for (let round = 1; round <= 3; round++) {
    for (const { what, unit, store, bare } of await measureStore(parent)) {
      const ratio = Number.isNaN(bare) ? '' : `, bare ${Math.round(bare)}: ${(store / bare).toFixed(2)}`;
      console.log(`${what}: ${Math.round(store)} ${unit}${ratio}`);
    }
  }
  rmSync(parent, { recursive: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
