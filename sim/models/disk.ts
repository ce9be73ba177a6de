/**
 * One server's disk: chunks by reference, so that imaginary terabytes stay cheap, and a log for each shard. It outlives
 * the process; a crash loses the writes that were not complete.
 * Knows what a log entry is named, not what it means.
 */
import type { Chunk, LogEntry } from '../../core/file.js';
import type { EntryId, ShardId, UploadId } from '../../core/ids.js';
import { invariant } from '../../core/refusals.js';
import type { Kernel } from '../kernel.js';
import { drawUs } from '../random.js';
import type { Span } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';
import { TimedQueue } from './timed-queue.js';

/** Who is told when the disk has done what was asked. */
export interface DiskUser {
  persisted(shard: ShardId, upTo: EntryId): void;
  chunkRead(upload: UploadId, index: number, chunk: Chunk | undefined): void;
}

export interface DiskSettings {
  readonly persist: Span;
  readonly read: Span;
}

interface Write {
  readonly shard: ShardId;
  readonly entries: readonly LogEntry[];
}
interface Read {
  readonly upload: UploadId;
  readonly index: number;
}

class Queue<T> extends TimedQueue<T> {
  constructor(
    kernel: Kernel,
    private readonly span: Span,
    private readonly stream: RandomStream,
    private readonly done: (item: T) => void,
  ) {
    super(kernel);
  }

  begin(item: T): void {
    this.push(this.kernel.nowUs + drawUs(this.stream, this.span), item);
  }

  protected override arrive(item: T): void {
    this.done(item);
  }
}

export class Disk {
  private readonly uploads = new Map<UploadId, (Chunk | undefined)[]>();
  private readonly logs = new Map<ShardId, LogEntry[]>();
  private readonly writes: Queue<Write>;
  private readonly reads: Queue<Read>;

  constructor(
    kernel: Kernel,
    settings: DiskSettings,
    streams: { readonly persist: RandomStream; readonly read: RandomStream },
    private readonly user: DiskUser,
  ) {
    this.writes = new Queue(kernel, settings.persist, streams.persist, (write) => this.written(write));
    this.reads = new Queue(kernel, settings.read, streams.read, ({ upload, index }) =>
      this.user.chunkRead(upload, index, this.chunk(upload, index)),
    );
  }

  /** There at once; as durable as its upload's next persist. */
  store(chunk: Chunk): void {
    const chunks = this.uploads.get(chunk.upload);
    if (chunks !== undefined) {
      chunks[chunk.index] = chunk;
      return;
    }
    const first: (Chunk | undefined)[] = [];
    first[chunk.index] = chunk;
    this.uploads.set(chunk.upload, first);
  }

  persist(shard: ShardId, entries: readonly LogEntry[]): void {
    invariant(entries.length > 0, 'there is something to persist', shard);
    this.writes.begin({ shard, entries });
  }

  /** Answered with what is there when the read is done. */
  read(upload: UploadId, index: number): void {
    this.reads.begin({ upload, index });
  }

  drop(upload: UploadId): void {
    this.uploads.delete(upload);
  }

  /** The process is dead: what it waited for never completes. */
  crash(): void {
    this.writes.cut(0);
    this.reads.cut(0);
  }

  chunk(upload: UploadId, index: number): Chunk | undefined {
    return this.uploads.get(upload)?.[index];
  }

  /** All entries ever persisted, in the order of persisting. */
  log(shard: ShardId): readonly LogEntry[] {
    return this.logs.get(shard) ?? [];
  }

  private written({ shard, entries }: Write): void {
    const log = this.logs.get(shard);
    if (log === undefined) this.logs.set(shard, [...entries]);
    else for (const entry of entries) log.push(entry);
    this.user.persisted(shard, (entries[entries.length - 1] as LogEntry).id);
  }
}
