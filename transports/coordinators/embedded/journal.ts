/**
 * The state on the disk: changes are made in memory at once and written in batches, one synced record a batch; what
 * depends on them waits for that. A batch whose turn it is may begin a new generation instead.
 * Must never let anything out that a restart could forget, but for what sessions own: nobody waits for that, for a ring that
 * has lost a server would wait twice before anybody may propose. It is written a moment later; who does not come to it
 * leaves no mark of its end, and all sessions are over then. When the disk fails it is over: nothing more is let out.
 */
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { endRecord, type Generation, isSuperseded, makeGeneration, type OpenedState, sweep } from './folder.js';
import { JOURNAL_BYTES_MIN, JOURNAL_GROWTH, PASSING_MAX, PASSING_MS } from './limits.js';
import { record } from './records.js';
import { type Change, type CoordinatorState, plainChange } from './state.js';

const write = promisify(fs.write);
const fdatasync = promisify(fs.fdatasync);

const newBatch = (after: number): Batch => ({ after, changes: [], isLasting: false, isDue: false, runs: [] });

/** A restart may forget it: what a session owns. */
const isPassing = (change: Change): boolean => 'put' in change && change.put.owner !== '';

interface Batch {
  /** Changes that there were before. */
  readonly after: number;
  readonly changes: Change[];
  /** It has something that must not be forgotten. */
  isLasting: boolean;
  /** It has, or has waited long enough. */
  isDue: boolean;
  readonly runs: (() => void)[];
}

export class Journal {
  readonly state: CoordinatorState;
  private generation: Generation;
  /** Of the present generation. */
  private bytes: number;
  private underWay: Batch | undefined;
  private next: Batch | undefined;
  /** It has ended, or the disk has failed: nothing more is let out. */
  private isOver = false;
  private idle: Promise<void> = Promise.resolve();
  private later: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    opened: OpenedState,
    private readonly broke: (error: Error) => void,
  ) {
    this.state = opened.state;
    this.generation = opened.generation;
    this.bytes = opened.generation.bytes;
  }

  change(change: Change): void {
    const before = this.state.changes;
    this.state.apply(change);
    if (this.isOver) return;
    this.next ??= newBatch(before);
    this.next.changes.push(change);
    if (!isPassing(change)) this.next.isLasting = true;
    if (this.next.isLasting || this.next.changes.length >= PASSING_MAX) this.next.isDue = true;
    if (this.next.isDue) this.begin();
    else this.later ??= setTimeout(() => this.flush(), PASSING_MS);
  }

  /** When all lasting changes up to now are durable: at once, or later, in the order of asking. */
  whenDurable(run: () => void): void {
    if (this.isOver) return;
    if (this.next?.isLasting === true) this.next.runs.push(run);
    else if (this.underWay?.isLasting === true) this.underWay.runs.push(run);
    else run();
  }

  /** Writes what is under way. Once: a number that is closed again may be somebody else's file or socket by then. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    while (this.next !== undefined && !this.isOver) {
      this.flush();
      await this.idle;
    }
    await this.idle;
    const hasFailed = this.isOver;
    this.isOver = true;
    try {
      if (!hasFailed) await this.write(endRecord(this.state.changes));
    } finally {
      fs.closeSync(this.generation.file);
    }
  }

  private flush(): void {
    clearTimeout(this.later);
    this.later = undefined;
    if (this.next === undefined || this.isOver) return;
    this.next.isDue = true;
    this.begin();
  }

  private begin(): void {
    if (this.underWay !== undefined) return;
    // Changes of one turn of the event loop go together.
    this.underWay = newBatch(this.state.changes);
    this.idle = new Promise((resolve) => {
      setImmediate(() => {
        this.writeAll().then(resolve, (error: unknown) => {
          this.isOver = true;
          this.broke(error instanceof Error ? error : new Error(String(error)));
          resolve();
        });
      });
    });
  }

  private async writeAll(): Promise<void> {
    while (this.next?.isDue === true) {
      const batch = this.next;
      this.underWay = batch;
      this.next = undefined;
      if (this.bytes > Math.max(JOURNAL_BYTES_MIN, JOURNAL_GROWTH * this.generation.bytes)) this.beginGeneration();
      else await this.append(batch);
      if (isSuperseded(this.folder, this.generation)) {
        throw new Error(`another coordinator has taken over the state in ${this.folder}`);
      }
      // What a run asks for in its turn comes behind the others.
      for (const run of batch.runs) run();
    }
    this.underWay = undefined;
  }

  private async append({ after, changes }: Batch): Promise<void> {
    await this.write(record({ after, changes: changes.map(plainChange) }));
  }

  private async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await write(this.generation.file, bytes, done);
      done += bytesWritten;
    }
    await fdatasync(this.generation.file);
    this.bytes += bytes.length;
  }

  /** Made of the state as it is with this batch, in the very turn in which the batch was taken. */
  private beginGeneration(): void {
    const isLate = isSuperseded(this.folder, this.generation);
    const generation = isLate ? undefined : makeGeneration(this.folder, this.generation.number + 1, this.state);
    if (generation === undefined) throw new Error(`another coordinator has taken over the state in ${this.folder}`);
    fs.closeSync(this.generation.file);
    sweep(this.folder, this.generation.number);
    this.generation = generation;
    this.bytes = generation.bytes;
  }
}
