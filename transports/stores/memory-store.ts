/**
 * A store in maps: it outlives the lives of a server, not its process. Answers as the disk does: later, in order, and
 * only for what was asked.
 */
import type { Chunk } from '../../core/file.js';
import type { ShardId, UploadId } from '../../core/ids.js';
import type { Post, StoreInput, StoreOutput, StorePort } from '../../core/ports.js';
import { rangesOf } from '../../core/ranges.js';
import { RefusedChunks } from '../../core/refused-chunks.js';
import {
  type Base,
  NOTHING_RECOVERED,
  type Recovered,
  type RecoveredEntry,
  type StoreIdentity,
  trustedRecords,
} from '../../core/store-port.js';
import { Answers } from './answers.js';
import { checked, type RealChunk } from './checked.js';
import type { Store, StoreFigures } from './store.js';

export interface MemoryStoreOptions {
  /** Bytes of chunks it keeps at most; more are refused, entries never are. Undefined: as many as there is memory for. */
  readonly capacityBytes?: number | undefined;
}

interface Upload {
  readonly shard: ShardId;
  readonly chunks: Map<number, RealChunk>;
}

interface Shard {
  base: Base | undefined;
  /** Behind the base, in the order of writing. */
  entries: RecoveredEntry[];
}

/** Full at the capacity; there is room again when so much of it is free. */
const ROOM_SHARE = 1 / 16;

export function openMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options.capacityBytes ?? Number.POSITIVE_INFINITY);
}

class MemoryStore implements Store {
  private identity: StoreIdentity | undefined;
  private readonly shards = new Map<ShardId, Shard>();
  private readonly uploads = new Map<UploadId, Upload>();
  private readonly refused = new RefusedChunks();
  private bytes = 0;
  private isFull = false;
  private life: Life | undefined;

  constructor(private readonly capacityBytes: number) {}

  get figures(): StoreFigures {
    return { liveBytes: this.bytes, diskBytes: 0 };
  }

  begin(post: Post<StoreInput>): Promise<StorePort> {
    this.life?.end();
    this.refused.clear();
    const recovered = this.recovered();
    for (const one of recovered.shards) this.shard(one.shard).entries = [...trustedRecords(one)];
    const life = new Life(post, (output) => this.carryOut(life, output), recovered);
    this.life = life;
    if (this.isFull) life.say((answers) => answers.space(true));
    return Promise.resolve(life);
  }

  close(): Promise<void> {
    this.life?.end();
    return Promise.resolve();
  }

  private carryOut(life: Life, output: StoreOutput): void {
    switch (output.kind) {
      case 'store-chunk':
        this.storeChunk(life, output.shard, output.chunk);
        break;
      case 'persist': {
        const last = output.entries[output.entries.length - 1];
        if (last === undefined) break;
        const { entries } = this.shard(output.shard);
        for (const entry of output.entries) {
          entries.push({ entry, sound: true, hollow: this.refused.isHollow(entry) });
        }
        life.say((answers) => answers.persisted(output.shard, last.id, 0));
        break;
      }
      case 'write-base': {
        const shard = this.shard(output.shard);
        const { base } = output;
        shard.base = base;
        // Later ones stay: they are not in these tables.
        shard.entries = shard.entries.filter(({ entry }) => entry.id.sequence > base.at.sequence);
        life.say((answers) => answers.persisted(output.shard, base.at, 0));
        break;
      }
      case 'write-identity':
        this.identity = output.identity;
        life.say((answers) => answers.identityPersisted(0));
        break;
      case 'forget-shard':
        this.shards.delete(output.shard);
        break;
      case 'read-chunk':
        life.answerRead(output.upload, output.index, () => this.uploads.get(output.upload)?.chunks.get(output.index));
        break;
      case 'drop-upload':
        this.drop(life, output.upload);
        break;
    }
  }

  private storeChunk(life: Life, shard: ShardId, chunk: Chunk): void {
    const { upload, index, length } = chunk;
    if (!this.isFull && this.bytes + length > this.capacityBytes) this.sayFull(life, true);
    const sound = this.isFull ? undefined : checked(chunk);
    if (sound === undefined) {
      this.refused.refuse(upload, index);
      life.say((answers) => answers.unwritten(upload, index));
      return;
    }
    this.refused.take(upload, index);
    let stored = this.uploads.get(upload);
    if (stored === undefined) {
      stored = { shard, chunks: new Map() };
      this.uploads.set(upload, stored);
    }
    this.bytes += length - (stored.chunks.get(index)?.length ?? 0);
    stored.chunks.set(index, sound);
  }

  private drop(life: Life, upload: UploadId): void {
    this.refused.drop(upload);
    for (const { length } of this.uploads.get(upload)?.chunks.values() ?? []) this.bytes -= length;
    this.uploads.delete(upload);
    if (this.isFull && this.bytes <= this.capacityBytes * (1 - ROOM_SHARE)) this.sayFull(life, false);
  }

  private sayFull(life: Life, full: boolean): void {
    this.isFull = full;
    life.say((answers) => answers.space(full));
  }

  private shard(id: ShardId): Shard {
    let shard = this.shards.get(id);
    if (shard === undefined) {
      shard = { base: undefined, entries: [] };
      this.shards.set(id, shard);
    }
    return shard;
  }

  private recovered(): Recovered {
    if (this.identity === undefined && this.shards.size === 0 && this.uploads.size === 0) return NOTHING_RECOVERED;
    const shards = [...this.shards].map(([shard, { base, entries }]) => ({
      ...{ shard, base, baseSound: true, suspect: false },
      entries: [...entries],
    }));
    const uploads = [...this.uploads].map(([upload, { shard, chunks }]) => ({
      ...{ upload, shard },
      chunks: rangesOf([...chunks.keys()].sort((a, b) => a - b)),
    }));
    return { identity: this.identity, suspectUpTo: 0, shards: shards.sort((a, b) => a.shard - b.shard), uploads };
  }
}

/** One life's port: what it is told comes in a later turn of the event loop, and not after its end. */
class Life implements StorePort {
  private readonly answers: Answers;
  private reads: (() => StoreInput)[] = [];
  private isScheduled = false;
  private isOver = false;

  constructor(
    private readonly post: Post<StoreInput>,
    private readonly ask: (output: StoreOutput) => void,
    readonly recovered: Recovered,
  ) {
    this.answers = new Answers((input) => {
      if (!this.isOver) post(input);
    });
  }

  carryOut(output: StoreOutput): void {
    if (!this.isOver) this.ask(output);
  }

  end(): void {
    this.isOver = true;
    this.answers.forget();
    this.reads = [];
  }

  say(what: (answers: Answers) => void): void {
    what(this.answers);
    this.schedule();
  }

  answerRead(upload: UploadId, index: number, find: () => Chunk | undefined): void {
    this.reads.push(() => ({ kind: 'chunk-read', upload, index, chunk: find() }));
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.answers.release();
      const { reads } = this;
      this.reads = [];
      for (const read of reads) if (!this.isOver) this.post(read());
    });
  }
}
