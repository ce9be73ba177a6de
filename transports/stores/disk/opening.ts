/**
 * A store's parts from one look at the disk to the next: the index of what was found, the log that goes on behind it,
 * and what keeps it in order. Wires them; each knows only what it is told.
 */
import type { Post, StoreInput } from '../../../core/ports.js';
import { RefusedChunks } from '../../../core/refused-chunks.js';
import type { Recovered } from '../../../core/store-port.js';
import type { Durability } from '../../../core/view/view.js';
import type { RealChunk } from '../checked.js';
import type { StoreFigures } from '../store.js';
import { ChunkCache } from './chunk-cache.js';
import { ChunkReads } from './chunk-reads.js';
import { Compaction } from './compaction.js';
import { closedDraft, cutDraft, entryTextDraft, openedDraft } from './drafts.js';
import type { FileSystem } from './file-system.js';
import type { Index } from './index.js';
import { Life } from './life.js';
import type { DiskLimits } from './limits.js';
import { Log, type LogUser } from './log.js';
import type { Draft, Place } from './record.js';
import type { Findings } from './recovery.js';
import type { SegmentFiles } from './segment-files.js';
import { SegmentList } from './segment-list.js';
import { Space } from './space.js';
import { entryOf, type Opened } from './texts.js';

export interface OpeningSettings {
  readonly folder: string;
  readonly durability: Durability;
  readonly capacityBytes: number | undefined;
  readonly limits: DiskLimits;
  readonly system: FileSystem;
  readonly boot: string;
}

/** The record that says who writes. */
interface Begun {
  readonly lsn: number;
  readonly opened: Opened;
}

export class Opening {
  readonly list: SegmentList;
  readonly log: Log;
  private readonly index: Index;
  private readonly cache: ChunkCache;
  private readonly space: Space;
  private readonly compaction: Compaction;
  private readonly refused = new RefusedChunks();
  private life: Life | undefined;
  private begun: Begun | undefined;
  private lsn: number;

  constructor(
    private readonly settings: OpeningSettings,
    private readonly findings: Findings,
    readonly files: SegmentFiles,
  ) {
    const { folder, durability, capacityBytes, limits, system } = settings;
    const { index, manifest, end } = findings;
    this.index = index;
    this.lsn = index.lastLsn;
    this.cache = new ChunkCache(limits.cacheBytes, limits.cachedChunkBytesMax);
    this.list = new SegmentList(
      system,
      folder,
      manifest,
      () => {
        this.space.ranOut();
        this.space.giveReserve();
      },
      (why) => this.log.stop(why),
    );
    const logSettings = { store: manifest.store, limits, system, syncs: durability === 'fsync' };
    this.log = new Log(files, logSettings, this.logUser(), end);
    this.space = new Space({
      ...{ folder, capacityBytes, limits },
      diskBytes: () => index.usage.totalBytes + this.log.waitingBytes,
      changed: (full) => this.spaceChanged(full),
      stillFull: () => this.compaction.begin(),
    });
    const freed = (): void => void this.space.ask();
    this.compaction = new Compaction({
      folder,
      index,
      log: this.log,
      files,
      list: this.list,
      limits,
      isFull: this.isFull,
      // Some of a full disk is left for the log, or it would end there.
      room: () => Math.max(0, this.space.free - limits.segmentBytes / 4),
      freed,
    });
  }

  get figures(): StoreFigures {
    return { liveBytes: this.index.usage.liveBytes, diskBytes: this.index.usage.totalBytes };
  }

  /** What was found, and who writes from here on, stands in the log before anything else. */
  async begin(recovered: Recovered, post: Post<StoreInput>): Promise<Life> {
    const { cuts, holes, suspectUpTo, suspectShards } = this.findings;
    const { boot, durability, folder, limits } = this.settings;
    const { log, index, files, list } = this;
    for (const [shard, { from, but }] of cuts) {
      const lsn = ++this.lsn;
      // Before the cut: without them it must not be.
      for (const { id, text } of but) log.append(entryTextDraft(++this.lsn, shard, id, text));
      log.append(cutDraft(lsn, shard, from));
    }
    const known = holes.map(({ from, to }) => [from, to] as const);
    const begun = { lsn: ++this.lsn, opened: { boot, durability, suspectUpTo, suspectShards, holes: known } };
    this.begun = begun;
    log.append(openedDraft(begun.lsn, begun.opened));
    await log.synced();
    await this.space.begin();
    // Until now there is no life that could be told.
    if (log.isBroken) throw new Error(`the log in ${folder} cannot be written: ${log.whyBroken}`);
    const find = index.uploads.find.bind(index.uploads);
    const reads = new ChunkReads(list.manifest.store, files, this.cache, limits.readsMax, find);
    const { refused, isFull } = this;
    const parts = { log, index, reads, limits, durability, refused, isFull, nextLsn: () => ++this.lsn };
    this.life = new Life(parts, recovered, post);
    if (this.space.isFull) this.life.space(true);
    this.compaction.begin();
    return this.life;
  }

  /** @param isClean the store is closed @returns whether all that was asked for is on the disk for good */
  async end(isClean: boolean): Promise<boolean> {
    const { log } = this;
    this.life?.end();
    await this.compaction.end();
    this.list.end();
    await this.space.end();
    if (isClean) log.append(closedDraft(++this.lsn));
    const isSafe = await log.synced();
    await this.list.quiet();
    log.stop();
    await log.quiet();
    await this.files.closeAll();
    return isSafe;
  }

  private readonly isFull = (): boolean => {
    this.space.look();
    return this.space.isFull;
  };

  private logUser(): LogUser {
    return {
      written: (draft, place, bytes) => this.written(draft, place, bytes),
      isNeeded: (draft) => this.index.needs(draft, draft.text, draft.from ?? 0),
      isWaiting: () => this.life?.isWaiting ?? false,
      done: (group, synced) => {
        this.life?.done(group, synced);
        if (synced) return;
        this.space.look();
        this.compaction.consider();
      },
      ranOut: () => this.space.ranOut(),
      giveReserve: () => this.space.giveReserve(),
      refused: (draft) => {
        if (draft.from === undefined) this.refusedOf(draft);
        else this.compaction.refused();
      },
      behindRefused: (draft) =>
        draft.kind === 'entry' && draft.text !== '' && this.refused.isHollow(entryOf(draft.text))
          ? { ...draft, isHollow: true }
          : draft,
      prepare: (next, ready) => void this.list.add(next).then(ready),
      completed: (segment, bytes) => {
        if (!this.findings.unsound.has(segment)) void this.list.complete(segment, bytes);
        // The end of the one may be lost, and what follows be there: nobody would miss it.
        const { lsn, opened } = this.begun as Begun;
        return openedDraft(lsn, { ...opened, behind: [segment, bytes] });
      },
      broken: (why) => this.life?.broken(why),
    };
  }

  private refusedOf(chunk: Draft): void {
    this.refused.refuse(chunk.text, chunk.first);
    this.life?.refused(chunk);
  }

  private written(draft: Draft, place: Place, bytes: number): void {
    this.index.add(draft, place, bytes);
    // What was just moved is old.
    if (draft.body !== undefined && draft.from === undefined) this.cache.put(place, chunkOf(draft, draft.body));
  }

  private spaceChanged(full: boolean): void {
    this.life?.space(full);
    this.compaction.begin();
  }
}

const chunkOf = ({ text, first, bodyChecksum }: Draft, payload: Buffer): RealChunk => ({
  upload: text,
  index: first,
  length: payload.length,
  checksum: bodyChecksum,
  payload,
});
