/**
 * A store on a disk: one append-only log in segment files, all that a server keeps in it. One write makes a turn's work
 * visible, one sync makes it durable, with all that was written before it.
 */
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Post, StoreInput, StorePort } from '../../core/ports.js';
import type { Durability } from '../../core/view/view.js';
import type { RealChunk } from './checked.js';
import { bootName } from './disk/boot.js';
import { ChunkCache } from './disk/chunk-cache.js';
import { ChunkReads } from './disk/chunk-reads.js';
import { closedDraft, cutDraft, openedDraft } from './disk/drafts.js';
import { type LogSystem, REAL_SYSTEM } from './disk/group.js';
import type { Index } from './disk/index.js';
import { Life } from './disk/life.js';
import { DISK_LIMITS, type DiskLimits } from './disk/limits.js';
import { isLockFile, type Lock, lockFolder } from './disk/lock.js';
import { Log, type LogUser } from './disk/log.js';
import { type Manifest, makeSegment, readManifest, segmentName, writeManifest } from './disk/manifest.js';
import type { Draft } from './disk/record.js';
import { recoveredOf } from './disk/recovered.js';
import { cutAt, examine, type Findings } from './disk/recovery.js';
import { SegmentFiles } from './disk/segment-files.js';
import type { Store, StoreFigures } from './store.js';

export interface DiskStoreOptions {
  /** Of its own; made if it is not there. */
  readonly folder: string;
  readonly durability: Durability;
  readonly limits?: Partial<DiskLimits> | undefined;
  /** For tests that put faults in. */
  readonly system?: Partial<LogSystem> | undefined;
  readonly boot?: string | undefined;
}

/** @throws an Error with a sentence for the operator, when the folder is not a store of this version, or is in use. */
export async function openDiskStore(options: DiskStoreOptions): Promise<Store> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  try {
    return new DiskStore(options, lock, await readManifest(folder, isLockFile));
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What there is from one look at the disk to the next. */
interface Opening {
  readonly index: Index;
  readonly log: Log;
  readonly files: SegmentFiles;
  readonly cache: ChunkCache;
  life: Life | undefined;
}

class DiskStore implements Store {
  private readonly limits: DiskLimits;
  private readonly boot: string;
  private opening: Opening | undefined;
  /** Changes of the list of segments, one after the other. */
  private listing: Promise<void> = Promise.resolve();
  private lsn = 0;
  private isClosed = false;

  constructor(
    private readonly options: DiskStoreOptions,
    private readonly lock: Lock,
    private manifest: Manifest,
  ) {
    this.limits = { ...DISK_LIMITS, ...options.limits };
    this.boot = options.boot ?? bootName();
  }

  get figures(): StoreFigures {
    const { usage } = this.opening?.index ?? {};
    return { liveBytes: usage?.liveBytes ?? 0, diskBytes: usage?.totalBytes ?? 0 };
  }

  async begin(post: Post<StoreInput>): Promise<StorePort> {
    if (this.isClosed) throw new Error(`the store in ${this.options.folder} is closed`);
    const { folder, durability } = this.options;
    const inProcess = this.opening !== undefined;
    await this.endOpening();
    const findings = await examine(folder, this.manifest, this.boot, inProcess);
    this.manifest = findings.manifest;
    const files = new SegmentFiles(folder, this.limits.openSegmentsMax);
    const recovered = await recoveredOf(findings, files);
    // What the next life is told of must not vanish behind its back.
    if (durability === 'fsync') await this.syncAll();
    const opening = this.open(findings, files);
    await this.sayOpened(opening, findings);
    const { index, log, cache } = opening;
    const find = index.uploads.find.bind(index.uploads);
    const reads = new ChunkReads(this.manifest.store, files, cache, this.limits.readsMax, find);
    const parts = {
      log,
      index,
      reads,
      limits: this.limits,
      durability,
      nextLsn: () => ++this.lsn,
      isFull: () => false,
    };
    opening.life = new Life(parts, recovered, post);
    return opening.life;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const { opening } = this;
    opening?.life?.end();
    opening?.log.append(closedDraft(++this.lsn));
    await opening?.log.synced();
    await this.listing;
    opening?.log.stop();
    opening?.files.closeAll();
    await this.lock.release();
  }

  /** The life before has ended, and everything it asked for is on the disk, or is not. */
  private async endOpening(): Promise<void> {
    const { opening } = this;
    if (opening === undefined) return;
    const { life, log, files } = opening;
    life?.end();
    const isSafe = await log.synced();
    await this.listing;
    log.stop();
    await log.quiet();
    files.closeAll();
    // After a failed sync nobody knows what of it is on the disk, whatever is read back now.
    if (!isSafe) {
      const end = this.options.durability === 'fsync' ? log.syncedTo : log.end;
      this.manifest = await cutAt(this.options.folder, this.manifest, end);
    }
  }

  private open({ index, end }: Findings, files: SegmentFiles): Opening {
    const { durability, system } = this.options;
    this.lsn = Math.max(this.lsn, index.lastLsn);
    const settings = {
      ...{ store: this.manifest.store, limits: this.limits, syncs: durability === 'fsync' },
      system: { ...REAL_SYSTEM, ...system },
    };
    const user: LogUser = {
      written: (draft, place, bytes) => {
        index.add(draft, place, bytes);
        // What was just moved is old.
        if (draft.body !== undefined && draft.from === undefined) cache.put(place, chunkOf(draft, draft.body));
      },
      isNeeded: (draft) => index.needs(draft, draft.from ?? 0),
      isWaiting: () => opening.life?.isWaiting ?? false,
      done: (group, synced) => opening.life?.done(group, synced),
      makeRoom: () => false,
      refused: (draft) => opening.life?.refused(draft),
      prepare: (next, ready) => this.list(() => this.prepare(next), ready),
      completed: (segment, bytes) => this.list(() => this.complete(segment, bytes)),
      broken: (why) => opening.life?.broken(why),
    };
    const cache = new ChunkCache(this.limits.cacheBytes);
    const opening: Opening = { index, files, cache, life: undefined, log: new Log(files, settings, user, end) };
    this.opening = opening;
    return opening;
  }

  private async sayOpened({ log }: Opening, { cuts, holes, suspectUpTo, suspectShards }: Findings): Promise<void> {
    for (const [shard, from] of cuts) log.append(cutDraft(++this.lsn, shard, from));
    const { durability } = this.options;
    const known = holes.map(({ from, to }) => [from, to] as const);
    log.append(openedDraft(++this.lsn, { boot: this.boot, durability, suspectUpTo, suspectShards, holes: known }));
    if (!(await log.synced())) throw new Error(`the log in ${this.options.folder} cannot be written`);
  }

  private async syncAll(): Promise<void> {
    for (const { number } of this.manifest.segments.slice(-2)) {
      const file = await open(join(this.options.folder, segmentName(number)), 'r+');
      try {
        await file.datasync();
      } finally {
        await file.close();
      }
    }
  }

  // The list of segments.

  private list(change: () => Promise<void>, done?: () => void): void {
    const { opening } = this;
    this.listing = this.listing.then(change).then(done, (error: Error) => {
      opening?.log.stop(`the list of segments cannot be written: ${error.message}`);
    });
  }

  private async prepare(number: number): Promise<void> {
    await makeSegment(this.options.folder, number);
    await this.rewrite([...this.manifest.segments, { number, bytes: undefined }]);
  }

  private complete(completed: number, bytes: number): Promise<void> {
    return this.rewrite(
      this.manifest.segments.map((one) => (one.number === completed ? { number: completed, bytes } : one)),
    );
  }

  private async rewrite(segments: Manifest['segments']): Promise<void> {
    const next = { ...this.manifest, segments };
    await writeManifest(this.options.folder, next);
    this.manifest = next;
  }
}

const chunkOf = ({ text, first, bodyChecksum }: Draft, payload: Buffer): RealChunk => ({
  ...{ upload: text, index: first, length: payload.length, checksum: bodyChecksum, payload },
});
