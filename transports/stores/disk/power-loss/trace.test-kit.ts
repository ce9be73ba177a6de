// What a store asks of the file system, taken down in order while it is done: what a loss of power leaves of it is made
// from that afterwards. Whatever takes time ends when the seed says.
import * as fs from 'node:fs';
import { join, relative } from 'node:path';
import type { FileSystem } from '../file-system.js';
import type { Faults } from './faults.test-kit.js';
import type { Mark } from './promises.test-kit.js';
import type { Random } from './random.test-kit.js';

/** A file, whatever it is called. */
export type FileId = number;

export type Deed =
  | { readonly kind: 'folder' | 'unlink'; readonly path: string }
  | { readonly kind: 'make'; readonly path: string; readonly file: FileId }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly file: FileId }
  | { readonly kind: 'write'; readonly file: FileId; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: FileId; readonly bytes: number }
  /** Of what was done before the position `since`. */
  | { readonly kind: 'sync'; readonly file: FileId; readonly since: number }
  /** What was written by then and is not safe never will be, though it can be read: the system takes it for written. */
  | { readonly kind: 'sync-failed'; readonly file: FileId }
  | { readonly kind: 'sync-folder'; readonly path: string; readonly since: number }
  | { readonly kind: 'mark'; readonly mark: Mark };

export interface Step {
  readonly deed: Deed;
  /** The position at which it was over. */
  doneAt: number;
}

/** Files by path, below one folder. */
export interface Image {
  readonly folders: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, Buffer>;
}

export const NOTHING: Image = { folders: new Set(), files: new Map() };

export function lay(image: Image, root: string): void {
  for (const path of image.folders) fs.mkdirSync(join(root, path), { recursive: true });
  for (const [path, bytes] of image.files) fs.writeFileSync(join(root, path), bytes);
}

export class Trace {
  readonly steps: Step[] = [];
  /** What the files are called now. */
  readonly names = new Map<string, FileId>();
  readonly contents = new Map<FileId, Buffer>();
  private files = 0;

  /** @param boot of the machine @param before what was promised when this was left on the disk */
  constructor(
    readonly boot: number,
    readonly initial: Image,
    readonly before: readonly Mark[] = [],
  ) {
    for (const [path, bytes] of initial.files) this.contents.set(this.named(path), bytes);
  }

  /** As another process finds it when this one was killed at this position: what was not synced is not so now either. */
  killedAt(end: number): Trace {
    const next = new Trace(this.boot, this.initial, this.before);
    next.files = this.files;
    for (const { deed, doneAt } of this.steps.slice(0, end)) {
      next.steps.push({ deed, doneAt: Math.min(doneAt, end) });
      if (deed.kind === 'make') next.names.set(deed.path, deed.file);
      if (deed.kind === 'unlink') next.names.delete(deed.path);
      if (deed.kind !== 'rename') continue;
      next.names.set(deed.to, deed.file);
      next.names.delete(deed.from);
    }
    return next;
  }

  take(deed: Deed, isDone = true): Step {
    const step: Step = { deed, doneAt: isDone ? this.steps.length + 1 : Number.POSITIVE_INFINITY };
    this.steps.push(step);
    return step;
  }

  mark(mark: Mark): void {
    this.take({ kind: 'mark', mark });
  }

  /** Of everything before this position. */
  marks(end = this.steps.length): readonly Mark[] {
    return [
      ...this.before,
      ...this.steps.slice(0, end).flatMap(({ deed }) => (deed.kind === 'mark' ? [deed.mark] : [])),
    ];
  }

  fileAt(path: string): FileId {
    return this.names.get(path) ?? this.named(path);
  }

  private named(path: string): FileId {
    const file = ++this.files;
    this.names.set(path, file);
    return file;
  }
}

/** A sync of a file that is longer may take its time. */
const LARGE_BYTES = 500;

/** A call that has not returned. */
interface Call {
  readonly done: (error: Error | null) => void;
  readonly isLong: boolean;
}

/** The file system of one process. */
export class Process {
  private readonly descriptors = new Map<number, { readonly file: FileId; failuresTold: number }>();
  /** Syncs of a file that failed, and how many of them somebody was told of: who opens it then hears no more of those. */
  private readonly failures = new Map<FileId, number>();
  private readonly failuresTold = new Map<FileId, number>();
  private readonly pending: Call[] = [];
  /** In so many of a hundred turns one of the calls returns; a sync of much, if it is its turn, in so many of those. */
  private readonly pace: number;
  private readonly syncPace: number;
  private readonly underWay = new Set<Step>();
  private isScheduled = false;
  private isDead = false;

  constructor(
    private readonly trace: Trace,
    private readonly root: string,
    private readonly random: Random,
    private readonly faults?: Faults,
  ) {
    this.pace = random.of([15, 35, 70]);
    this.syncPace = random.of([5, 30, 100]);
  }

  get mayFail(): boolean {
    return this.faults !== undefined;
  }

  get mayBeDoubted(): boolean {
    return this.faults?.leavesMore ?? false;
  }

  /** From here on nothing comes of what it asks for; what it has asked for is done. */
  kill(): void {
    this.isDead = true;
    for (const step of this.underWay) step.doneAt = this.trace.steps.length;
  }

  readonly system: FileSystem = {
    writevSync: (descriptor, buffers, position) => {
      this.live();
      const { some, failure } = this.taken(buffers);
      if (some.length > 0) {
        this.trace.take(this.written(descriptor, [some], position));
        fs.writeSync(descriptor, some, 0, some.length, position);
      }
      if (failure !== undefined) throw failure;
      return some.length;
    },
    writev: (descriptor, buffers, position, done) => {
      const { some, failure } = this.isDead ? { some: Buffer.alloc(0), failure: undefined } : this.taken(buffers);
      const step = some.length === 0 ? undefined : this.trace.take(this.written(descriptor, [some], position), false);
      const bytes = fs.writeSync(descriptor, some, 0, some.length, position);
      this.later(step, (error) => done(error ?? failure ?? null, bytes));
    },
    fdatasync: (descriptor, done) => {
      const file = this.fileOf(descriptor);
      const deed: Deed = { kind: 'sync', file, since: this.trace.steps.length };
      if (this.faults?.of('sync') !== undefined) {
        this.failures.set(file, (this.failures.get(file) ?? 0) + 1);
        this.trace.take({ kind: 'sync-failed', file });
      }
      const synced = (error: Error | null): void => {
        const failure = error ?? this.failureOf(descriptor);
        if (failure === null) this.trace.take(deed);
        done(failure);
      };
      this.later(undefined, synced, fs.fstatSync(descriptor).size > LARGE_BYTES);
    },
    ftruncateSync: (descriptor, bytes) => {
      this.live();
      const failure = this.faults?.of('truncate');
      if (failure !== undefined) throw failure;
      this.trace.take({ kind: 'truncate', file: this.fileOf(descriptor), bytes });
      fs.ftruncateSync(descriptor, bytes);
    },
    openSync: (path) => {
      this.live();
      const descriptor = fs.openSync(path, 'r+');
      this.knows(descriptor, this.trace.fileAt(this.name(path)));
      return descriptor;
    },
    closeSync: (descriptor) => {
      this.descriptors.delete(descriptor);
      fs.closeSync(descriptor);
    },
    close: async (descriptor) => this.system.closeSync(descriptor),
    make: (path, flags) => this.make(path, flags),
    write: async (descriptor, bytes) => {
      const { some, failure } = this.taken([bytes]);
      const all = failure === undefined ? bytes : some;
      const deed = this.written(descriptor, [all], fs.fstatSync(descriptor).size);
      await this.slowly(deed, () => void fs.writeSync(descriptor, all));
      if (failure !== undefined) throw failure;
    },
    rename: (from, to) => {
      const file = this.trace.fileAt(this.name(from));
      const deed = { kind: 'rename', from: this.name(from), to: this.name(to), file } as const;
      return this.slowly(deed, () => {
        fs.renameSync(from, to);
        this.trace.names.set(deed.to, file);
        this.trace.names.delete(deed.from);
      });
    },
    unlink: (path) => {
      const deed = { kind: 'unlink', path: this.name(path) } as const;
      return this.slowly(deed, () => {
        fs.unlinkSync(path);
        this.trace.names.delete(deed.path);
      });
    },
    makeFolder: (path) => {
      const made = fs.mkdirSync(path, { recursive: true });
      return made === undefined ? Promise.resolve() : this.slowly({ kind: 'folder', path: this.name(path) });
    },
    syncFolder: (path) => {
      const deed: Deed = { kind: 'sync-folder', path: this.name(path), since: this.trace.steps.length };
      const failure = this.faults?.of('name');
      return new Promise((resolve, reject) => {
        this.later(undefined, (error) => {
          if (error !== null || failure !== undefined) return reject(error ?? failure);
          this.trace.take(deed);
          resolve();
        });
      });
    },
  };

  private async make(path: string, flags: 'a' | 'w'): Promise<number> {
    this.live();
    const failure = this.faults?.of('name');
    if (failure !== undefined) throw failure;
    const name = this.name(path);
    const isThere = this.trace.names.has(name);
    const file = this.trace.fileAt(name);
    const deed: Deed = isThere ? { kind: 'truncate', file, bytes: 0 } : { kind: 'make', path: name, file };
    if (isThere && flags === 'a') return this.opened(path, flags, file);
    let descriptor = -1;
    await this.asked(deed, () => {
      descriptor = this.opened(path, flags, file);
    });
    return descriptor;
  }

  private opened(path: string, flags: string, file: FileId): number {
    const descriptor = fs.openSync(path, flags);
    this.knows(descriptor, file);
    return descriptor;
  }

  private written(descriptor: number, buffers: readonly Buffer[], offset: number): Deed {
    return { kind: 'write', file: this.fileOf(descriptor), offset, bytes: Buffer.concat(buffers) };
  }

  private fileOf(descriptor: number): FileId {
    return this.descriptors.get(descriptor)?.file as FileId;
  }

  private knows(descriptor: number, file: FileId): void {
    this.descriptors.set(descriptor, { file, failuresTold: this.failuresTold.get(file) ?? 0 });
  }

  /** Everybody who has it open hears of a failure, once. */
  private failureOf(descriptor: number): Error | null {
    const one = this.descriptors.get(descriptor);
    const failures = this.failures.get(one?.file ?? 0) ?? 0;
    if (one === undefined || one.failuresTold >= failures) return null;
    one.failuresTold = failures;
    this.failuresTold.set(one.file, failures);
    return Object.assign(new Error('EIO: not all of it is on the disk'), { code: 'EIO' });
  }

  private name(path: string): string {
    return relative(this.root, path) || '.';
  }

  private live(): void {
    if (this.isDead) throw dead();
  }

  /** What a write takes, and what it says then. */
  private taken(buffers: readonly Buffer[]): { some: Buffer; failure: Error | undefined } {
    const all = Buffer.concat(buffers);
    const { faults } = this;
    const failure = faults?.of('write', all.length);
    if (faults === undefined) return { some: all, failure };
    return {
      some: all.subarray(0, failure === undefined ? faults.taken(all.length) : faults.left(all.length)),
      failure,
    };
  }

  private async slowly(deed: Deed, act: () => void = () => undefined): Promise<void> {
    if (this.isDead) throw dead();
    const failure = deed.kind === 'write' ? undefined : this.faults?.of('name');
    if (failure === undefined || this.faults?.isDone() === true) await this.asked(deed, act);
    if (failure !== undefined) throw failure;
  }

  private asked(deed: Deed, act: () => void): Promise<void> {
    const step = this.trace.take(deed, false);
    act();
    return new Promise((resolve, reject) => this.later(step, (error) => (error === null ? resolve() : reject(error))));
  }

  private later(step: Step | undefined, done: Call['done'], isLong = false): void {
    if (step !== undefined) this.underWay.add(step);
    const end: Call['done'] = (error) => {
      if (step !== undefined && error === null) step.doneAt = this.trace.steps.length;
      if (step !== undefined) this.underWay.delete(step);
      done(error);
    };
    this.pending.push({ done: end, isLong });
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled || this.pending.length === 0) return;
    this.isScheduled = true;
    setImmediate(() => this.pump());
  }

  /** Now and then one of the calls returns, not always the oldest. */
  private pump(): void {
    this.isScheduled = false;
    const at = this.random.below(this.pending.length);
    const { done, isLong } = this.pending[at] as Call;
    if (this.isDead || (this.random.in100(this.pace) && (!isLong || this.random.in100(this.syncPace)))) {
      this.pending.splice(at, 1);
      done(this.isDead ? dead() : null);
    }
    this.schedule();
  }
}

const dead = (): Error => Object.assign(new Error('EIO: the process is dead'), { code: 'EIO' });
