/**
 * The simulator's command: parse, load everything, run, report. Returns the exit code; ends no process.
 */

import { duration } from '../../core/figures.js';
import { runReport, summaryReport } from '../report/json.js';
import { colours, wantsColour } from '../report/palette.js';
import { type Look, storyHeader, storyLines } from '../report/story.js';
import { quietSummaryLines, summaryLines } from '../report/summary.js';
import { reportWidth, wrap } from '../report/text.js';
import { quietVerdictLines, verdictLines } from '../report/verdict.js';
import type { RunResult } from '../run-result.js';
import { faultList, faultListLines } from '../scenario/fault-list.js';
import type { Scenario } from '../scenario/scenario.js';
import { type Command, parseArguments } from './arguments.js';
import type { Context, TextStream } from './context.js';
import { EXIT_FAILED, EXIT_INTERRUPTED, EXIT_WRONG_INPUT, exitCode } from './exit-code.js';
import { loadAll } from './load-all.js';
import { makePlan, type Plan } from './plan.js';
import { WorkerStartError } from './pool.js';
import { type Ran, runAll, wantsStory } from './run-all.js';

export async function main(context: Context): Promise<number> {
  const { stdout, stderr, version, environment } = context;
  const parsed = parseArguments(context.args, version, reportWidth(stdout.columns), environment);
  if (parsed.kind === 'text') {
    stdout.write(parsed.text);
    return 0;
  }
  if (parsed.kind === 'faults') {
    const lines = () => `${faultListLines(wrap, reportWidth(stdout.columns)).join('\n')}\n`;
    stdout.write(parsed.json ? json({ faults: faultList }, stdout.isTerminal) : lines());
    return 0;
  }
  if (parsed.kind === 'wrong') return complain(stderr, [`sim: ${parsed.message}`, `  ${parsed.hint}`]);
  const { command } = parsed;
  const { scenarios, problems } = loadAll(command.files, context.loader, environment['INIT_CWD']);
  if (problems.length > 0) return complain(stderr, [problems.join('\n\n')]);
  const plan = makePlan(scenarios, command);
  if (plan.total === 0) return complain(stderr, noSeedLeft(scenarios));
  try {
    return await execute(context, command, scenarios, plan);
  } catch (error) {
    if (!(error instanceof WorkerStartError)) throw error;
    stderr.write(`sim: internal error: ${error.message}\n`);
    return EXIT_FAILED;
  }
}

function complain(stderr: TextStream, lines: readonly string[]): number {
  stderr.write(`${lines.join('\n')}\n`);
  return EXIT_WRONG_INPUT;
}

function noSeedLeft(scenarios: readonly Scenario[]): readonly string[] {
  const bounds = scenarios.map(({ file, seedsMax }) => `  ${file} runs under seeds up to ${seedsMax}`);
  return ['sim: --seeds leaves nothing to run', ...bounds];
}

async function execute(
  context: Context,
  command: Command,
  scenarios: readonly Scenario[],
  plan: Plan,
): Promise<number> {
  const ran = await runAll(context, command, scenarios, plan);
  const { stdout, stderr, environment } = context;
  const look: Look = {
    colours: colours(wantsColour(stdout.isTerminal, environment, command.noColour)),
    width: reportWidth(stdout.columns),
    verbose: command.voice === 'verbose',
  };
  const [first] = scenarios;
  if (plan.kind === 'table') stdout.write(tableText(command, ran, look, stdout.isTerminal));
  else if (ran.result !== undefined && first !== undefined) {
    stdout.write(storyText(command, first, ran.result, look, stdout.isTerminal));
  }
  for (const { task, forMs } of ran.end.unfinished) {
    const { file = '' } = scenarios[task.scenario] ?? {};
    stderr.write(`interrupted: ${file} under seed ${task.seed} had been running for ${duration(forMs)}\n`);
  }
  return ran.end.interrupted ? EXIT_INTERRUPTED : exitCode(ran.tally.summary().all.outcomes);
}

function tableText(command: Command, { tally, elapsed }: Ran, look: Look, indented: boolean): string {
  const summary = tally.summary();
  if (command.json) return json(summaryReport(summary, elapsed), indented);
  const lines = command.voice === 'quiet' ? quietSummaryLines : summaryLines;
  return `${lines(summary, elapsed, look).join('\n')}\n`;
}

function storyText(command: Command, scenario: Scenario, result: RunResult, look: Look, indented: boolean): string {
  if (command.json) return json(runReport(result, wantsStory(command)), indented);
  const lines =
    command.voice === 'quiet'
      ? quietVerdictLines(result, look)
      : [
          ...storyHeader(scenario, result.seed, look),
          ...storyLines(result.story, look),
          '',
          ...verdictLines(result, look),
        ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One line for tools; indented where a person looks on. */
function json(report: unknown, indented: boolean): string {
  return `${JSON.stringify(report, undefined, indented ? 2 : undefined)}\n`;
}
