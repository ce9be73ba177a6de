/**
 * The inside of a worker: takes a run, runs it, gives back its result. Knows no scenario and no clock: the pool measures.
 */
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { RunResult } from '../run-result.js';
import type { Scenario } from '../scenario/scenario.js';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.js';
import type { Task } from './plan.js';

export type Runner = (scenario: Scenario, seed: number, options: { readonly story: boolean }) => RunResult;

/** Left out of stacks: the same error shall read the same on every machine. */
const here = process.cwd() + sep;
const hereUrl = pathToFileURL(here).href;

/** Lines of a stack that still say something. */
const STACK_LINES_MAX = 12;

export function serveRuns(runner: Runner): void {
  const port = parentPort;
  if (port === null) throw new Error('this file is a worker of the simulator; run dist/sim/cli.js');
  const setup = workerData as WorkerSetup;
  const say = (message: FromWorker): void => port.postMessage(message);
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'close') port.close();
    else serve(message.task, setup, runner, say);
  });
  say({ kind: 'ready' });
}

function serve(task: Task, setup: WorkerSetup, runner: Runner, say: (message: FromWorker) => void): void {
  try {
    const scenario = setup.scenarios[task.scenario];
    if (scenario === undefined) throw new RangeError(`no scenario ${task.scenario}`);
    say({ kind: 'result', result: runner(scenario, task.seed, { story: setup.story }) });
  } catch (error) {
    say(thrown(error));
  }
}

function thrown(error: unknown): FromWorker {
  if (!(error instanceof Error)) return { kind: 'thrown', message: String(error), stack: [] };
  const stack = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('node:internal'))
    .slice(0, STACK_LINES_MAX)
    .map((line) => line.trim().replaceAll(hereUrl, '').replaceAll(here, ''));
  return { kind: 'thrown', message: error.message, stack };
}
