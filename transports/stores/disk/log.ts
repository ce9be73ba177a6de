/**
 * The end of the log, where everything is written. What is asked for in one turn of the event loop goes out with one
 * write (group commit); while a sync is under way the next groups are written, and the next sync is for all of them.
 * Knows bytes and their order, not what they mean.
 */
import { type FileSystem, isForSpace } from './file-system.js';
import { type Group, layOut, type Written, writeElsewhere, writeNow } from './group.js';
import type { DiskLimits } from './limits.js';
import { type Draft, offsetOf, type Place, placeOf, saltOf, segmentOf } from './record.js';
import type { SegmentFiles } from './segment-files.js';

export interface LogUser {
  /** A record stands there now. */
  written(draft: Draft, place: Place, bytes: number): void;
  /** Whether the record to be moved is still needed. */
  isNeeded(draft: Draft): boolean;
  /** Somebody waits for an answer that only a sync allows. */
  isWaiting(): boolean;
  /** Groups up to this one are written; synced: they will outlive the machine. */
  done(group: number, synced: boolean): void;
  /** There was no room for a group. */
  ranOut(): void;
  /** Gives back what is kept for the log. @returns whether to try again */
  giveReserve(): boolean;
  /** There was no room for it, and it can do without. */
  refused(draft: Draft): void;
  /** The record of an entry that is still to be written, after some were refused. */
  behindRefused(draft: Draft): Draft;
  /** The last segment is half full. @param next its number, ready to be written to when `ready` is called */
  prepare(next: number, ready: () => void): void;
  /** Nothing more will be written to this segment. @returns what is to stand first in the next one */
  completed(segment: number, bytes: number): Draft;
  broken(why: string): void;
}

export interface LogSettings {
  readonly store: string;
  readonly limits: DiskLimits;
  readonly system: FileSystem;
  /** Somebody waits for syncs: without it only those are done that are asked for. */
  readonly syncs: boolean;
}

type Attempt = 'first' | 'last';

const SLAB_BYTES = 64 * 1024;

export class Log {
  /** Everything before it is on the disk for good. */
  syncedTo: Place;
  isBroken = false;
  whyBroken = '';
  private gathered: Draft[] = [];
  private gatheredBytes = 0;
  private group = 1;
  private isWriting = false;
  private isSyncing = false;
  private slowUntilMs = 0;
  private syncedGroup = 0;
  /** Segments with bytes that are not synced, in order. */
  private dirty: number[] = [];
  private unsyncedBytes = 0;
  private nextSegment: 'none' | 'asked' | 'ready' = 'none';
  private waiting: { readonly group: number; readonly done: (synced: boolean) => void }[] = [];
  private whenQuiet: (() => void) | undefined;
  private salt: number;
  /** What groups are laid out in, one after the other: a new buffer for each would cost more than filling it. */
  private readonly slab = Buffer.allocUnsafeSlow(SLAB_BYTES);

  /** @param end where the next record will stand */
  constructor(
    private readonly files: SegmentFiles,
    private readonly settings: LogSettings,
    private readonly user: LogUser,
    public end: Place,
  ) {
    this.syncedTo = end;
    this.salt = saltOf(settings.store, segmentOf(end));
  }

  /** The last group that something was appended to. */
  get latest(): number {
    return this.gathered.length > 0 ? this.group : this.group - 1;
  }

  get waitingBytes(): number {
    return this.gatheredBytes;
  }

  /** @returns the number of the group it belongs to. */
  append(draft: Draft): number {
    const { group } = this;
    if (this.isBroken) return group;
    this.gathered.push(draft);
    this.gatheredBytes += (draft.body?.length ?? 0) + (draft.stood?.bytes.length ?? draft.text.length);
    if (this.gatheredBytes >= this.settings.limits.groupBytesMax) this.flush();
    return group;
  }

  /** Writes what was gathered, unless a write is under way: then it follows. */
  flush(): void {
    if (this.isWriting || this.isBroken) return;
    if (this.gathered.length === 0) {
      this.sync();
      return;
    }
    const drafts = this.gathered;
    this.gathered = [];
    this.gatheredBytes = 0;
    this.group++;
    const first = this.turnPage();
    this.write(this.layOut(first === undefined ? drafts : [first, ...drafts]), 'first');
  }

  /** @returns whether all that was appended until now is written and synced; not, if the log broke. */
  synced(): Promise<boolean> {
    this.flush();
    return new Promise((resolve) => {
      if (this.isBroken) return resolve(false);
      this.waiting.push({ group: this.latest, done: resolve });
      this.sync();
    });
  }

  /** The system has nothing of it in hand any more. */
  quiet(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isWriting && !this.isSyncing) resolve();
      else this.whenQuiet = resolve;
    });
  }

  /** Not another word of it. */
  stop(why?: string): void {
    this.isBroken = true;
    this.gathered = [];
    this.gatheredBytes = 0;
    for (const { done } of this.waiting.splice(0)) done(false);
    if (why === undefined) return;
    this.whyBroken = why;
    this.user.broken(why);
  }

  /** The last group that is written. */
  get written(): number {
    return this.group - (this.isWriting ? 2 : 1);
  }

  private layOut(drafts: readonly Draft[]): Group {
    const needed = drafts.filter((draft) => draft.from === undefined || this.user.isNeeded(draft));
    return layOut(needed, this.end, this.salt, this.syncedTo, this.slab);
  }

  private write(group: Group, attempt: Attempt): void {
    const { system, limits } = this.settings;
    const segment = segmentOf(group.start);
    if (!this.dirty.includes(segment)) this.dirty.push(segment);
    if (performance.now() < this.slowUntilMs && group.bytes > 0) {
      this.writeOn(group, 0, attempt);
      return;
    }
    let done: Written = { written: 0, isSlow: false };
    let failure: unknown;
    try {
      done = writeNow(system, this.files, group, limits.slowWriteMs);
    } catch (error) {
      failure = error;
    }
    if (done.isSlow) this.slowUntilMs = performance.now() + limits.calmMs;
    if (failure !== undefined || done.written === group.bytes) this.wrote(group, failure, attempt);
    else this.writeOn(group, done.written, attempt);
  }

  /** The disk is slow: the event loop does not wait for it, until it has been quick for a while. */
  private writeOn(group: Group, written: number, attempt: Attempt): void {
    const { system, limits } = this.settings;
    const begunAt = performance.now();
    this.isWriting = true;
    writeElsewhere(system, this.files, group, written, (failure) => {
      this.isWriting = false;
      const now = performance.now();
      if (now - begunAt > limits.slowWriteMs) this.slowUntilMs = now + limits.calmMs;
      this.wrote(group, failure, attempt);
      this.flush();
      this.sayQuiet();
    });
  }

  private sayQuiet(): void {
    if (!this.isWriting && !this.isSyncing) this.whenQuiet?.();
  }

  private wrote(group: Group, failure: unknown, attempt: Attempt): void {
    if (this.isBroken) return;
    if (failure !== undefined) {
      this.failed(group, failure as NodeJS.ErrnoException, attempt);
      return;
    }
    this.end = group.start + group.bytes;
    this.unsyncedBytes += group.bytes;
    for (const { draft, place, bytes } of group.laid) this.user.written(draft, place, bytes);
    this.user.done(this.group - 1, false);
    this.sync();
  }

  private failed(group: Group, error: NodeJS.ErrnoException, attempt: Attempt): void {
    this.takeBack(group.start);
    if (!isForSpace(error) || attempt === 'last') {
      this.stop(`the log cannot be written: ${error.message}`);
      return;
    }
    this.user.ranOut();
    const drafts = group.laid.map(({ draft }) => draft);
    const refused = drafts.filter(isRefusable);
    for (const draft of refused) this.user.refused(draft);
    if (refused.length > 0) {
      const behind = (draft: Draft): Draft => this.user.behindRefused(draft);
      this.gathered = this.gathered.map(behind);
      this.write(this.layOut(drafts.filter((draft) => !isRefusable(draft)).map(behind)), attempt);
    } else if (this.user.giveReserve()) this.write(group, 'last');
    else this.stop(`the log cannot be written: ${error.message}`);
  }

  /** Nothing of a group that could not be written stays. */
  private takeBack(end: Place): void {
    try {
      const descriptor = this.files.borrow(segmentOf(end));
      try {
        this.settings.system.ftruncateSync(descriptor, offsetOf(end));
      } finally {
        this.files.giveBack(segmentOf(end));
      }
    } catch {
      // Recovery cuts what is torn.
    }
  }

  /** Goes on in the next segment when this one is complete and that one is ready. */
  private turnPage(): Draft | undefined {
    const { segmentBytes } = this.settings.limits;
    const [segment, offset] = [segmentOf(this.end), offsetOf(this.end)];
    if (offset >= segmentBytes / 2 && this.nextSegment === 'none') {
      this.nextSegment = 'asked';
      this.user.prepare(segment + 1, () => {
        this.nextSegment = 'ready';
      });
    }
    if (offset < segmentBytes || this.nextSegment !== 'ready') return undefined;
    this.nextSegment = 'none';
    this.end = placeOf(segment + 1, 0);
    this.salt = saltOf(this.settings.store, segment + 1);
    return this.user.completed(segment, offset);
  }

  /** One sync at a time, for all that is written when it begins. */
  private sync(): void {
    if (this.isSyncing || this.isBroken || !this.isSyncWanted()) return;
    const { end, dirty, written: group } = this;
    this.isSyncing = true;
    this.dirty = this.isWriting ? [segmentOf(end)] : [];
    this.unsyncedBytes = 0;
    this.syncAll(dirty, (error) => {
      this.isSyncing = false;
      if (this.isBroken) return this.sayQuiet();
      // What was not synced now may never be, and the system would not say so again.
      if (error !== null) return this.stop(`the log cannot be synced: ${error.message}`);
      this.syncedTo = end;
      this.syncedGroup = group;
      this.user.done(group, true);
      const { waiting } = this;
      this.waiting = waiting.filter((one) => one.group > group);
      for (const one of waiting) if (one.group <= group) one.done(true);
      this.sync();
    });
  }

  private isSyncWanted(): boolean {
    const { written } = this;
    if (this.waiting.some(({ group }) => group <= written)) return true;
    if (!this.settings.syncs || written <= this.syncedGroup) return false;
    return this.user.isWaiting() || this.unsyncedBytes >= this.settings.limits.syncEveryBytes;
  }

  private syncAll(segments: readonly number[], done: (error: Error | null) => void): void {
    const [segment, ...others] = segments;
    if (segment === undefined) {
      done(null);
      return;
    }
    try {
      this.settings.system.fdatasync(this.files.borrow(segment), (error) => {
        this.files.giveBack(segment);
        if (error !== null) done(error);
        else this.syncAll(others, done);
      });
    } catch (error) {
      done(error as Error);
    }
  }
}

/**
 * A chunk can be had from others, and what is moved stands elsewhere still: neither may take the room that is kept for the
 * log.
 */
const isRefusable = (draft: Draft): boolean => draft.kind === 'chunk' || draft.from !== undefined;
