/**
 * One server's disk: one ordered queue of writes, answered when they are as durable as the cluster's settings say. What
 * was asked for is visible at once and can be undone until it is safe, so that nothing is copied on the way.
 * It outlives the process, and loses what a crash or a loss of power takes. Knows what a log entry is named, not what
 * it means.
 */
import type { Chunk, LogEntry } from '../../../core/file.js';
import type { EntryId, ShardId, UploadId } from '../../../core/ids.js';
import { invariant } from '../../../core/refusals.js';
import { RefusedChunks } from '../../../core/refused-chunks.js';
import type { Base, Recovered, StoreIdentity } from '../../../core/store-port.js';
import type { Durability } from '../../../core/view/view.js';
import type { Kernel, KernelEvent } from '../../kernel.js';
import { drawUs } from '../../random.js';
import type { DiskTrouble, RestartDisk, Span } from '../../scenario/scenario.js';
import type { RandomStream, Undo } from '../../world-api.js';
import { TimedQueue } from '../timed-queue.js';
import { Contents } from './contents.js';
import { type Change, Journal, type Write } from './journal.js';
import { drawSynced, drawWritten, NO_WRITE, type PowerTroubles, undo } from './losses.js';
import { rotChunk, rotEntry } from './rot.js';

/** Who is told when the disk has done what was asked, or cannot do it. */
export interface DiskUser {
  persisted(shard: ShardId, upTo: EntryId): void;
  identityPersisted(): void;
  chunkRead(upload: UploadId, index: number, chunk: Chunk | undefined): void;
  storeBroken(why: string): void;
  chunkUnwritten(upload: UploadId, index: number): void;
  storeSpace(full: boolean): void;
}

export interface DiskSettings {
  readonly durability: Durability;
  readonly persist: Span;
  readonly read: Span;
  /** Under `os`: after how long the machine syncs by itself. */
  readonly flush: Span;
}

export interface DiskStreams {
  readonly persist: RandomStream;
  readonly read: RandomStream;
  readonly flush: RandomStream;
  /** What crashes and other troubles draw. */
  readonly trouble: RandomStream;
}

/** A chunk that could not be written; told in its turn, before any persist that counts on it. */
interface Unwritten {
  readonly kind: 'unwritten';
  readonly upload: UploadId;
  readonly index: number;
}

interface Read {
  readonly upload: UploadId;
  readonly index: number;
}

/** In order, each after a span of its own. */
class Queue<T> extends TimedQueue<T> {
  /** So many times as long as usual. */
  slowness = 1;

  constructor(
    kernel: Kernel,
    private readonly span: Span,
    private readonly stream: RandomStream,
    private readonly done: (item: T) => void,
  ) {
    super(kernel);
  }

  begin(item: T, stream = this.stream): void {
    this.push(this.kernel.nowUs + Math.ceil(drawUs(stream, this.span) * this.slowness), item);
  }

  protected override arrive(item: T): void {
    this.done(item);
  }
}

const NEVER = Number.POSITIVE_INFINITY;
const NOTHING_TO_UNDO: Undo = () => undefined;

export class Disk {
  private contents = new Contents();
  private copy: Contents | undefined;
  /** What a loss of power may undo; in memory, what is under way. */
  private readonly changes = new Journal();
  private readonly writes: Queue<Write | Unwritten>;
  private readonly reads: Queue<Read>;
  /** Whether it is full. */
  private readonly news: Queue<boolean>;
  /** While writes are under way: they stand from this position on. */
  private underWayFrom = 0;
  /** A write to the log failed: nothing more becomes durable in this life. */
  private isBroken = false;
  private flushAtUs = NEVER;
  private readonly flush: KernelEvent = { run: () => this.flushed() };
  /** Armed for the next loss of power. */
  private readonly armed = new Set<DiskTrouble['kind']>();
  private readErrors = 0;
  private writeErrors = 0;
  private readonly refused = new RefusedChunks();
  private fullness = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly settings: DiskSettings,
    private readonly streams: DiskStreams,
    private readonly user: DiskUser,
  ) {
    this.writes = new Queue(kernel, settings.persist, streams.persist, (item) => this.done(item));
    this.reads = new Queue(kernel, settings.read, streams.read, ({ upload, index }) =>
      this.user.chunkRead(upload, index, this.readErrors > 0 ? undefined : this.contents.soundChunk(upload, index)),
    );
    this.news = new Queue(kernel, settings.persist, streams.trouble, (full) => this.user.storeSpace(full));
  }

  // What a server asks for.

  /** There at once; as durable as the next persist. */
  store(shard: ShardId, chunk: Chunk): void {
    if (this.fullness + this.writeErrors > 0) {
      this.refused.refuse(chunk.upload, chunk.index);
      this.failChunk({ kind: 'unwritten', upload: chunk.upload, index: chunk.index });
      return;
    }
    this.refused.take(chunk.upload, chunk.index);
    this.contents.addChunk(shard, chunk);
    if (this.settings.durability !== 'memory') this.note(chunk);
  }

  persist(shard: ShardId, asked: readonly LogEntry[]): void {
    invariant(asked.length > 0, 'there is something to persist', shard);
    if (this.isBroken) return;
    const isAnyHollow = asked.some((entry) => this.refused.isHollow(entry));
    const record = (entry: LogEntry) => (this.refused.isHollow(entry) ? this.contents.hollow(entry) : entry);
    const entries = isAnyHollow ? asked.map(record) : asked;
    this.contents.addEntries(shard, entries);
    this.begin({ kind: 'persist', position: this.changes.end, shard, entries });
  }

  writeBase(shard: ShardId, base: Base): void {
    if (this.isBroken) return;
    const before = this.contents.shards.get(shard);
    // Later ones stay: they are not in these tables.
    const entries = before?.entries.filter(({ id }) => id.sequence > base.at.sequence) ?? [];
    this.contents.shards.set(shard, { base, entries });
    this.contents.suspect.delete(shard);
    this.begin({ kind: 'base', position: this.changes.end, shard, base, before });
  }

  writeIdentity(identity: StoreIdentity): void {
    if (this.isBroken) return;
    const before = this.contents.identity;
    this.contents.identity = identity;
    this.begin({ kind: 'identity', position: this.changes.end, before });
  }

  forgetShard(shard: ShardId): void {
    if (this.isBroken) return;
    const before = this.contents.shards.get(shard);
    this.contents.shards.delete(shard);
    this.contents.suspect.delete(shard);
    this.begin({ kind: 'forget', position: this.changes.end, shard, before });
  }

  /** Answered with what is there when the read is done. */
  read(upload: UploadId, index: number): void {
    this.reads.begin({ upload, index });
  }

  /** Gone at once, for its own server; undone with the writes before it. */
  drop(upload: UploadId): void {
    this.refused.drop(upload);
    const before = this.contents.uploads.get(upload);
    if (before === undefined || this.isBroken) return;
    this.contents.uploads.delete(upload);
    if (this.settings.durability === 'memory') return;
    this.note({ kind: 'drop', position: this.changes.end, upload, before });
  }

  // Lives and deaths.

  /** A life begins with what is there, and is told of what does not work. */
  recover(): Recovered {
    this.isBroken = false;
    this.refused.clear();
    // What the next life is told of must not vanish behind its back: under fsync it is synced first.
    if (this.settings.durability === 'fsync') this.changes.settle(this.changes.end);
    if (this.fullness > 0) this.tellSpace(true);
    const recovered = this.contents.recovered();
    // A cut is durable before anything else is asked for, and with it all that was written.
    if (this.contents.cut(recovered)) this.changes.settle(this.changes.end);
    return recovered;
  }

  /** A life is over: it is told nothing more, and some of the writes that were under way are not done. */
  endLife(): void {
    const from = this.writtenEnd;
    this.writes.cut(0);
    this.reads.cut(0);
    this.news.cut(0);
    const changes = this.changes.takeFrom(from);
    this.keep(undo(this.contents, changes, drawWritten(changes, this.streams.trouble)));
  }

  /** The process died: of memory nothing is left. */
  crash(): void {
    this.endLife();
    if (this.settings.durability !== 'memory') return;
    this.changes.takeFrom(this.changes.start);
    this.contents = new Contents();
  }

  /** The machine lost power, the process being dead: what was not synced is lost, or a part of it is. */
  losePower(): void {
    const isSuspect = this.settings.durability === 'os' && this.writtenEnd > this.changes.start;
    this.flushAtUs = NEVER;
    for (const queue of [this.writes, this.reads, this.news]) queue.cut(0);
    if (this.settings.durability === 'memory') {
      this.crash();
      return;
    }
    const changes = this.changes.takeFrom(this.changes.start);
    const isCut = this.settings.durability === 'fsync';
    undo(this.contents, changes, drawSynced(changes, this.takeArmed(), isCut, this.streams.trouble));
    if (!isSuspect) return;
    this.contents.suspectUpTo = this.contents.identity?.incarnation ?? 0;
    for (const shard of this.contents.shards.keys()) this.contents.suspect.add(shard);
  }

  /** Another disk for the next life. @throws InvariantError if no copy was taken to bring back. */
  replace(by: RestartDisk): void {
    if (by === 'kept') return;
    invariant(by !== 'stale' || this.copy !== undefined, 'a stale disk is one of which a snapshot was taken');
    this.changes.takeFrom(this.changes.start);
    this.contents = by === 'stale' ? (this.copy as Contents).copy() : new Contents();
  }

  // Troubles.

  /** @returns undefined if there was nothing to strike. */
  trouble(trouble: DiskTrouble): Undo | undefined {
    switch (trouble.kind) {
      case 'snapshot':
        this.takeCopy();
        return NOTHING_TO_UNDO;
      case 'torn':
      case 'lose-unsynced':
      case 'lost-rename':
        this.armed.add(trouble.kind);
        return () => this.armed.delete(trouble.kind);
      case 'bitrot': {
        const rot = trouble.what === 'chunk' ? rotChunk : rotEntry;
        return rot(this.contents, trouble.path, this.streams.trouble) ? NOTHING_TO_UNDO : undefined;
      }
      case 'eio': {
        const what = trouble.of === 'read' ? 'readErrors' : 'writeErrors';
        return this.lasting(
          () => this[what]++,
          () => this[what]--,
        );
      }
      case 'full':
        return this.lasting(
          () => ++this.fullness === 1 && this.tellSpace(true),
          () => --this.fullness === 0 && this.tellSpace(false),
        );
      case 'slow':
        return this.lasting(
          () => this.slowDown(trouble.times),
          () => this.slowDown(1 / trouble.times),
        );
    }
  }

  private lasting(begin: () => unknown, end: () => unknown): Undo {
    let isOver = false;
    begin();
    return () => {
      if (!isOver) end();
      isOver = true;
    };
  }

  private slowDown(times: number): void {
    for (const queue of [this.writes, this.reads, this.news]) {
      const product = queue.slowness * times;
      // Undone troubles leave no rounding behind: spans are as they were before.
      queue.slowness = Math.abs(product - 1) < 1e-9 ? 1 : product;
    }
  }

  private tellSpace(full: boolean): void {
    this.news.begin(full);
  }

  /** As if the process died now, and none of the writes under way were done. */
  private takeCopy(): void {
    const copy = this.contents.copy();
    const changes = this.changes.takeFrom(this.writtenEnd);
    undo(copy, changes, NO_WRITE);
    this.keep(changes);
    this.copy = copy;
  }

  private takeArmed(): PowerTroubles {
    const has = (kind: DiskTrouble['kind']): boolean => this.armed.delete(kind);
    return { isTorn: has('torn'), losesAll: has('lose-unsynced'), losesRename: has('lost-rename') };
  }

  // How writes become durable.

  private begin(write: Write): void {
    if (this.writes.size === 0) this.underWayFrom = write.position;
    this.note(write);
    this.writes.begin(write);
  }

  private failChunk(unwritten: Unwritten): void {
    if (this.writes.size === 0) this.underWayFrom = this.changes.end;
    this.writes.begin(unwritten, this.streams.trouble);
  }

  private note(change: Change): void {
    this.changes.push(change);
    if (this.settings.durability === 'os' && this.flushAtUs === NEVER) this.awaitFlush();
  }

  private keep(changes: readonly Change[]): void {
    for (const change of changes) this.changes.push(change);
  }

  /** The position behind all that is written. */
  private get writtenEnd(): number {
    return this.writes.size === 0 ? this.changes.end : this.underWayFrom;
  }

  private done(item: Write | Unwritten): void {
    if (item.kind === 'unwritten') this.user.chunkUnwritten(item.upload, item.index);
    else if (this.writeErrors > 0) this.breakDown(item);
    else this.written(item);
  }

  private written(write: Write): void {
    this.underWayFrom = write.position + 1;
    if (this.settings.durability !== 'os') this.changes.settle(write.position + 1);
    if (write.kind === 'identity') this.user.identityPersisted();
    if (write.kind === 'identity' || write.kind === 'drop') return;
    // Whoever writes to it in the machine's present boot has made sure of what is in it.
    if (this.contents.suspect.size > 0) this.contents.suspect.delete(write.shard);
    if (write.kind === 'base') this.user.persisted(write.shard, write.base.at);
    if (write.kind === 'persist')
      this.user.persisted(write.shard, (write.entries[write.entries.length - 1] as LogEntry).id);
  }

  private breakDown(write: Write): void {
    this.isBroken = true;
    this.writes.cut(0);
    this.keep(undo(this.contents, this.changes.takeFrom(write.position), NO_WRITE));
    this.user.storeBroken('a write to the log failed');
  }

  private awaitFlush(): void {
    const spanUs = drawUs(this.streams.flush, this.settings.flush) * this.writes.slowness;
    this.flushAtUs = this.kernel.nowUs + Math.max(1, Math.ceil(spanUs));
    this.kernel.schedule(this.flushAtUs, this.flush);
  }

  /** The machine syncs what was written, whether or not the process lives. */
  private flushed(): void {
    if (this.kernel.nowUs !== this.flushAtUs) return;
    this.flushAtUs = NEVER;
    this.changes.settle(this.writtenEnd);
    if (this.changes.end > this.changes.start) this.awaitFlush();
  }
}
