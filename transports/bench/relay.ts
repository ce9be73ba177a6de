/**
 * How fast bytes go round a ring of processes that only pass them on: over the links, and over bare sockets that do the
 * least that Node can do, in the same run. Compare the two only: machines differ, and so do minutes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { RelayKind, RelayReport, RelayTask } from './relay-child.js';

export interface RelayOptions {
  readonly processes: number;
  readonly chunkBytes: number;
  readonly chunks: number;
  /** Chunks under way at once, all processes together. */
  readonly window: number;
}

export const RELAY_OPTIONS: RelayOptions = { processes: 4, chunkBytes: 256 * 1024, chunks: 4_000, window: 32 };

/** Bytes that do not come round are a bug, or a machine that does nothing else. */
const TASK_MS_MAX = 120_000;

export interface RelayFigures {
  /** That came round. */
  readonly bytesPerSecond: number;
  /** Of all processes together, for 10^9 bytes round: a measure that a busy machine spoils less. */
  readonly cpuSecondsPerGigabyte: number;
}

export async function measureRelay(kind: RelayKind, options: RelayOptions = RELAY_OPTIONS): Promise<RelayFigures> {
  const { processes, chunkBytes, chunks, window } = options;
  const children = Array.from({ length: processes }, () => fork(new URL('./relay-child.js', import.meta.url)));
  try {
    const ports: number[] = [];
    for (const [index, child] of children.entries()) {
      const task: RelayTask = { task: 'listen', kind, isSource: index === 0, chunkBytes, chunks, window };
      ports.push((await ask(child, task)).port);
    }
    // Each dials the one before it: the receiver of the stream dials.
    for (const [index, child] of children.entries()) {
      await ask(child, { task: 'dial', port: ports.at(index - 1) as number });
    }
    // Once for the compilers: servers live long.
    await ask(children[0] as ChildProcess, { task: 'run' });
    const before = await cpuMs(children);
    const { elapsedMs } = await ask(children[0] as ChildProcess, { task: 'run' });
    const cpuSeconds = ((await cpuMs(children)) - before) / 1000;
    const bytes = chunkBytes * chunks;
    return { bytesPerSecond: (bytes * 1000) / elapsedMs, cpuSecondsPerGigabyte: cpuSeconds / (bytes / 1e9) };
  } finally {
    for (const child of children) child.kill();
  }
}

async function cpuMs(children: readonly ChildProcess[]): Promise<number> {
  const reports = await Promise.all(children.map((child) => ask(child, { task: 'report' })));
  return reports.reduce((sum, report) => sum + report.cpuMs, 0);
}

async function ask(child: ChildProcess, task: RelayTask): Promise<RelayReport> {
  const patience = AbortSignal.timeout(TASK_MS_MAX);
  child.send(task);
  const [answer] = await Promise.race([
    once(child, 'message', { signal: patience }),
    once(child, 'exit', { signal: patience }).then(() =>
      Promise.reject(new Error(`a relay ended during '${task.task}'`)),
    ),
  ]).catch((error) => {
    throw patience.aborted ? new Error(`a relay is not done with '${task.task}' after ${TASK_MS_MAX} ms`) : error;
  });
  return answer as RelayReport;
}
