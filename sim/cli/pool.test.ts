import { describe, expect, it } from 'vitest';
import type { RunResult } from '../run-result.js';
import { fakeScenario } from './fake-runs.test-kit.js';
import type { Task } from './plan.js';
import { type PoolEnd, runPool, WorkerStartError } from './pool.js';

const fakeWorker = new URL('./fake-worker.test-kit.js', import.meta.url);
const seeds = (to: number): Task[] => Array.from({ length: to }, (_, index) => ({ scenario: 0, seed: index + 1 }));

interface Options {
  readonly workers?: number;
  readonly workerFile?: URL;
  readonly stop?: AbortController;
  readonly onResult?: (results: readonly RunResult[]) => void;
}

async function pool(name: string, tasks: readonly Task[], options: Options = {}) {
  const results: RunResult[] = [];
  let output = '';
  const end: PoolEnd = await runPool({
    setup: { scenarios: [fakeScenario(name)], story: false },
    tasks,
    workerFile: options.workerFile ?? fakeWorker,
    workers: options.workers ?? 2,
    now: () => performance.now(),
    signal: (options.stop ?? new AbortController()).signal,
    onResult: (_, result) => {
      results.push(result);
      options.onResult?.(results);
    },
    onOutput: (text) => {
      output += text;
    },
  });
  return { results: results.toSorted((a, b) => a.seed - b.seed), end, output };
}

const withoutTime = (results: readonly RunResult[]) => results.map((result) => ({ ...result, wallMs: 0 }));

describe('pool', () => {
  it('gives the same results with any number of workers', async () => {
    const one = await pool('odd seeds', seeds(30), { workers: 1 });
    const four = await pool('odd seeds', seeds(30), { workers: 4 });
    expect(one.results).toHaveLength(30);
    expect(withoutTime(four.results)).toEqual(withoutTime(one.results));
    expect(one.end).toEqual({ interrupted: false, unfinished: [] });
    expect(one.results.every(({ wallMs }) => wallMs > 0)).toBe(true);
  });

  it('an exception inside a run is a failure of that seed', async () => {
    const { results } = await pool('throws', seeds(4));
    expect(results.map(({ outcome }) => outcome)).toEqual(['pass', 'fail', 'pass', 'pass']);
    expect(results[1]?.violations).toMatchObject([{ checker: 'internal error', message: 'a broken invariant' }]);
    expect(results[1]?.violations[0]?.excerpt[0]).toMatch(/^at fakeRunner/);
  });

  it.each([1, 3])('a worker that dies is a failure of that seed, and %i workers run the others', async (workers) => {
    const { results } = await pool('dies', seeds(6), { workers });
    expect(results.map(({ seed, outcome }) => `${seed} ${outcome}`)).toEqual([
      '1 pass',
      '2 fail',
      '3 pass',
      '4 pass',
      '5 pass',
      '6 pass',
    ]);
    expect(results[1]?.violations[0]?.message).toBe('the worker died in this run: it ended with exit code 7');
  });

  it('a death in the very last run is reported too', async () => {
    const { results } = await pool('dies', [{ scenario: 0, seed: 2 }], { workers: 1 });
    expect(results).toMatchObject([{ seed: 2, outcome: 'fail' }]);
  });

  it('an interrupt stops even a run that never ends, and keeps what is known', async () => {
    const stop = new AbortController();
    const { results, end } = await pool('hangs', seeds(5), {
      stop,
      onResult: ({ length }) => length === 4 && stop.abort(),
    });
    expect(results.map(({ seed }) => seed)).toEqual([1, 3, 4, 5]);
    expect(end).toMatchObject({ interrupted: true, unfinished: [{ task: { scenario: 0, seed: 2 } }] });
  });

  it('interrupted before it starts, it starts nothing', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await pool('passes', seeds(5), { stop })).toMatchObject({ results: [], end: { interrupted: true } });
  });

  it('keeps what a run prints apart', async () => {
    expect((await pool('talks', seeds(1))).output).toBe('a forgotten console.log\n');
  });

  it('says so if no worker can start', async () => {
    const workerFile = new URL('./no-such-worker.js', import.meta.url);
    await expect(pool('passes', seeds(3), { workerFile })).rejects.toThrow(WorkerStartError);
  });
});
