/**
 * Runs many runs on many cores. Each worker thread holds one run at a time: a run takes milliseconds, handing one over
 * microseconds, so that smaller batches balance better and a death is charged to the very run that caused it. Which
 * worker runs what depends on their speed; what comes out of a run does not.
 * Measures wall time, by the clock it is given. Prints nothing.
 */
import { Worker } from 'node:worker_threads';
import type { RunResult } from '../run-result.js';
import { internalError } from './internal-error.js';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.js';
import type { Task } from './plan.js';

/** A worker that was asked to end and does not is ended after this. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface PoolOptions {
  readonly setup: WorkerSetup;
  readonly tasks: Iterable<Task>;
  /** The module that a worker runs. */
  readonly workerFile: URL;
  readonly workers: number;
  readonly now: () => number;
  /** Aborted: the workers are stopped, and what they had not finished is lost. */
  readonly signal: AbortSignal;
  readonly onResult: (task: Task, result: RunResult) => void;
  /** What a run printed by itself. */
  readonly onOutput: (text: string) => void;
}

export interface PoolEnd {
  readonly interrupted: boolean;
  /** Runs under way when the pool was interrupted. */
  readonly unfinished: readonly { readonly task: Task; readonly forMs: number }[];
}

/** A worker could not even start: no run is to blame. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

interface Seat {
  readonly worker: Worker;
  state: 'starting' | 'ready' | 'closing';
  current: { readonly task: Task; readonly sinceMs: number } | undefined;
  error: Error | undefined;
}

/** Digits below are noise of the clock and of floating point. */
export const wholeMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;

export function runPool(options: PoolOptions): Promise<PoolEnd> {
  return new Promise((resolve, reject) => new Pool(options, resolve, reject).start());
}

class Pool {
  readonly #options: PoolOptions;
  readonly #tasks: Iterator<Task>;
  readonly #seats = new Set<Seat>();
  readonly #resolve: (end: PoolEnd) => void;
  readonly #reject: (error: Error) => void;
  #allTaken = false;
  #unfinished: PoolEnd['unfinished'] | undefined;
  #failure: Error | undefined;

  constructor(options: PoolOptions, resolve: (end: PoolEnd) => void, reject: (error: Error) => void) {
    this.#options = options;
    this.#tasks = options.tasks[Symbol.iterator]();
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { signal, workers } = this.#options;
    if (signal.aborted) {
      this.#resolve({ interrupted: true, unfinished: [] });
      return;
    }
    signal.addEventListener('abort', this.#interrupt, { once: true });
    for (let seat = 0; seat < workers; seat += 1) this.#hire();
  }

  #hire(): void {
    const { workerFile, setup, onOutput } = this.#options;
    // Whatever a run prints must not get between the lines of a report or into the JSON.
    const worker = new Worker(workerFile, { workerData: setup, stdout: true, stderr: true });
    const seat: Seat = { worker, state: 'starting', current: undefined, error: undefined };
    this.#seats.add(seat);
    for (const stream of [worker.stdout, worker.stderr])
      stream.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
    worker.on('message', (message: FromWorker) => this.#hear(seat, message));
    worker.on('error', (error: Error) => {
      seat.error = error;
    });
    worker.on('exit', (code) => this.#leave(seat, code));
  }

  #hear(seat: Seat, message: FromWorker): void {
    if (this.#stopping) return;
    if (message.kind === 'ready') seat.state = 'ready';
    else if (message.kind === 'result') this.#report(seat, (wallMs) => ({ ...message.result, wallMs }));
    else this.#blame(seat, message.message, message.stack);
    this.#giveNext(seat);
  }

  #giveNext(seat: Seat): void {
    const next = this.#allTaken ? undefined : this.#tasks.next();
    if (next === undefined || next.done === true) {
      this.#allTaken = true;
      this.#close(seat);
      return;
    }
    seat.current = { task: next.value, sinceMs: this.#options.now() };
    this.#say(seat, { kind: 'run', task: next.value });
  }

  /** Workers end by themselves, so that coverage and buffers are written. */
  #close(seat: Seat): void {
    seat.state = 'closing';
    this.#say(seat, { kind: 'close' });
    setTimeout(() => void seat.worker.terminate(), CLOSE_TIMEOUT_MS).unref();
  }

  #say(seat: Seat, message: ToWorker): void {
    seat.worker.postMessage(message);
  }

  #report(seat: Seat, make: (wallMs: number) => RunResult): void {
    const { current } = seat;
    if (current === undefined) return;
    seat.current = undefined;
    this.#options.onResult(current.task, make(wholeMicroseconds(this.#options.now() - current.sinceMs)));
  }

  #blame(seat: Seat, message: string, excerpt: readonly string[]): void {
    const { current } = seat;
    const scenario = current === undefined ? undefined : this.#options.setup.scenarios[current.task.scenario];
    if (current === undefined || scenario === undefined) return;
    this.#report(seat, (wallMs) => internalError(scenario, current.task.seed, message, excerpt, wallMs));
  }

  #leave(seat: Seat, code: number): void {
    this.#seats.delete(seat);
    const reason = seat.error?.message ?? `it ended with exit code ${code}`;
    if (!this.#stopping && seat.state === 'starting') {
      this.#stop(new WorkerStartError(`a worker could not start: ${reason}`));
    } else if (!this.#stopping && seat.current !== undefined) {
      this.#blame(seat, `the worker died in this run: ${reason}`, []);
      if (!this.#allTaken) this.#hire();
    }
    if (this.#seats.size === 0) this.#finish();
  }

  get #stopping(): boolean {
    return this.#unfinished !== undefined || this.#failure !== undefined;
  }

  readonly #interrupt = (): void => {
    if (this.#stopping) return;
    const now = this.#options.now();
    this.#unfinished = [...this.#seats].flatMap(({ current }) =>
      current === undefined ? [] : [{ task: current.task, forMs: wholeMicroseconds(now - current.sinceMs) }],
    );
    this.#terminate();
  };

  #stop(failure: Error): void {
    this.#failure = failure;
    this.#terminate();
  }

  #terminate(): void {
    for (const { worker } of this.#seats) void worker.terminate();
  }

  #finish(): void {
    this.#options.signal.removeEventListener('abort', this.#interrupt);
    if (this.#failure !== undefined) this.#reject(this.#failure);
    else this.#resolve({ interrupted: this.#unfinished !== undefined, unfinished: this.#unfinished ?? [] });
  }
}
