/**
 * The one thread of the ZooKeeper client in this process, begun when it is needed first and kept from then on: the addon
 * cannot be loaded by two threads, nor safely again by another. While it serves anybody, it keeps the process alive.
 */
import { Worker } from 'node:worker_threads';
import type { FromThread, LifeNumber, ThreadData, ToThread } from './messages.js';

/** How long a process that exits waits for its sessions to close. A handle that is left open would abort it. */
const EXIT_MS_MAX = 3_000;

export type LifeEar = (message: Extract<FromThread, { readonly life: LifeNumber }>) => void;

export class Thread {
  private readonly allClosed = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;
  private readonly ears = new Map<LifeNumber, LifeEar>();
  private lastLife: LifeNumber = 0;
  private users = 0;
  private isThere = true;

  constructor() {
    const workerData: ThreadData = { allClosed: this.allClosed };
    // What the process was started with, but for what only the text of -e may have.
    const execArgv = process.execArgv.filter((word) => !word.startsWith('--input-type'));
    const options = { workerData, execArgv, name: 'zookeeper' };
    this.worker = new Worker(new URL('./worker.js', import.meta.url), options);
    this.worker.on('message', (message: FromThread) => {
      if (message.kind !== 'ready') this.ears.get(message.life)?.(message);
    });
    this.worker.on('exit', () => {
      this.isThere = false;
    });
    // A bug in there is a bug of ours: it ends the process.
    this.worker.on('error', (error) => {
      throw error;
    });
  }

  /** @throws with what to type, if the client cannot be loaded. */
  loaded(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.worker.on('message', (message: FromThread) => {
        if (message.kind !== 'ready') return;
        if (message.why !== undefined) {
          reject(new Error(message.why));
          return;
        }
        process.on('exit', () => this.closeAll());
        resolve();
      });
    });
  }

  /** The process stays as long as somebody uses it. */
  use(): void {
    this.users++;
    this.worker.ref();
  }

  release(): void {
    this.users--;
    if (this.users === 0) this.worker.unref();
  }

  hear(ear: LifeEar): LifeNumber {
    const life = ++this.lastLife;
    this.ears.set(life, ear);
    return life;
  }

  forget(life: LifeNumber): void {
    this.ears.delete(life);
  }

  post(message: ToThread): void {
    this.worker.postMessage(message);
  }

  private closeAll(): void {
    if (!this.isThere || this.ears.size === 0) return;
    this.post({ kind: 'close-all' });
    Atomics.wait(this.allClosed, 0, 0, EXIT_MS_MAX);
  }
}

let thread: Promise<Thread> | undefined;

/** @throws with what to type, if the client cannot be loaded; then it may be tried again. */
export function theThread(): Promise<Thread> {
  thread ??= begin();
  return thread;
}

async function begin(): Promise<Thread> {
  const begun = new Thread();
  try {
    await begun.loaded();
    return begun;
  } catch (error) {
    thread = undefined;
    throw error;
  }
}
