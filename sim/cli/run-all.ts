/**
 * Runs a plan on all cores, shows how far it is, and adds up what comes of it. Prints no report.
 */
import { type Colours, colours, wantsColour } from '../report/palette.js';
import type { Elapsed } from '../report/summary.js';
import { Tally } from '../report/tally.js';
import type { RunResult } from '../run-result.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Command } from './arguments.js';
import type { Context } from './context.js';
import type { Plan } from './plan.js';
import { type PoolEnd, runPool, wholeMicroseconds } from './pool.js';
import { showProgress } from './progress.js';

/** How it is to be told. */
export type Voice = Pick<Command, 'json' | 'voice' | 'workers' | 'noColour'>;

/** What came of the runs. */
export interface Ran {
  readonly tally: Tally;
  /** The last result: the only one of a story. */
  readonly result: RunResult | undefined;
  readonly end: PoolEnd;
  readonly elapsed: Elapsed;
}

export async function runAll(
  context: Context,
  command: Voice,
  scenarios: readonly Scenario[],
  plan: Plan,
): Promise<Ran> {
  const { now, stderr, environment } = context;
  const tally = new Tally(plan.scenarios);
  const workers = Math.min(command.workers ?? context.cores, plan.total);
  const startedMs = now();
  const stop = new AbortController();
  const unlisten = context.onInterrupt(() => stop.abort());
  const standing = () => ({ done: tally.runs, total: plan.total, failed: tally.failed, elapsedMs: now() - startedMs });
  const progressColours: Colours = colours(wantsColour(stderr.isTerminal, environment, command.noColour));
  const endProgress =
    command.voice === 'quiet' ? () => {} : showProgress({ ...stderr, standing, colours: progressColours });
  let result: RunResult | undefined;
  try {
    const end = await runPool({
      setup: { scenarios, story: plan.kind === 'story' && wantsStory(command) },
      tasks: plan.tasks(),
      workerFile: context.workerFile,
      workers,
      now,
      signal: stop.signal,
      onResult: (task, one) => {
        tally.add(task.scenario, one);
        result = one;
      },
      onOutput: (text) => stderr.write(text),
    });
    return {
      tally,
      result,
      end,
      elapsed: { wallMs: wholeMicroseconds(now() - startedMs), workers, interrupted: end.interrupted },
    };
  } finally {
    endProgress();
    unlisten();
  }
}

export function wantsStory({ json, voice }: Pick<Voice, 'json' | 'voice'>): boolean {
  return json ? voice === 'verbose' : voice !== 'quiet';
}
