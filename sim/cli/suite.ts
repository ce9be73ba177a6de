/**
 * The fault suite: every scenario under its first seeds, chaos under very many, on all cores. Returns the exit code;
 * ends no process. A run that fails, is stuck or has tested nothing fails the suite, with its seed and command.
 */
import { parseArgs } from 'node:util';
import { type SummaryReport, summaryReport } from '../report/json.js';
import { colours, wantsColour } from '../report/palette.js';
import { operationsOf, suiteLines, virtualHours } from '../report/suite-table.js';
import { reportWidth } from '../report/text.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Context } from './context.js';
import { EXIT_FAILED, EXIT_INTERRUPTED, EXIT_WRONG_INPUT, exitCode } from './exit-code.js';
import { loadAll } from './load-all.js';
import { planOf } from './plan.js';
import { WorkerStartError } from './pool.js';
import { type Ran, runAll } from './run-all.js';
import { parseSeedRange, type SeedRange, seedsOf } from './seeds.js';

const SEEDS = '1..3';
const CHAOS_SEEDS = '1..2000';
const CHAOS = /(^|\/)chaos\.yaml$/;

const HELP = `Usage: npm run -s fault-suite -- [--seeds A..B] [--chaos-seeds A..B] [--workers N] [--json]

Runs every scenario under its first seeds, and scenarios/chaos.yaml under very many; ends with a table of what struck.
Every run must pass: one that fails, does not converge or tests nothing fails the suite.

  --seeds A..B        seeds of every scenario (default ${SEEDS}; a scenario's own seeds-max still holds)
  --chaos-seeds A..B  seeds of scenarios/chaos.yaml (default ${CHAOS_SEEDS})
  --workers N         how many runs at once (default: one for each core)
  --json              one JSON object, and nothing else, on standard output
  --help              this text

Exit codes: 0 all passed; of several others the first of 2 (wrong command line or scenario), 1 (failed), 4 (stuck),
3 (vacuous) that occurred; 130 interrupted.
`;

interface SuiteCommand {
  readonly seeds: SeedRange;
  readonly chaosSeeds: SeedRange;
  readonly workers: number | undefined;
  readonly json: boolean;
}

/** @throws Error on a wrong command line. */
function readCommand(args: readonly string[]): SuiteCommand | undefined {
  const { values } = parseArgs({
    args: args.filter((word) => word !== '--'),
    options: {
      seeds: { type: 'string', default: SEEDS },
      'chaos-seeds': { type: 'string', default: CHAOS_SEEDS },
      workers: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { workers } = values;
  if (workers !== undefined && !/^[1-9]\d{0,2}$/.test(workers)) {
    throw new Error(`--workers needs a whole number from 1 to 999, not "${workers}"`);
  }
  return {
    seeds: readRange('seeds', values.seeds),
    chaosSeeds: readRange('chaos-seeds', values['chaos-seeds']),
    workers: workers === undefined ? undefined : Number(workers),
    json: values.json,
  };
}

function readRange(flag: string, text: string): SeedRange {
  const range = parseSeedRange(text);
  if (range !== undefined && range.from <= range.to) return range;
  throw new Error(`--${flag} needs two whole numbers as in 1..100, the smaller first, not "${text}"`);
}

/** @param files all scenarios, chaos among them if it is there. */
export async function suite(context: Context, files: readonly string[]): Promise<number> {
  const { stdout, stderr } = context;
  let command: SuiteCommand | undefined;
  try {
    command = readCommand(context.args);
  } catch (error) {
    stderr.write(`fault-suite: ${(error as Error).message}\n  npm run -s fault-suite -- --help shows all flags\n`);
    return EXIT_WRONG_INPUT;
  }
  if (command === undefined) {
    stdout.write(HELP);
    return 0;
  }
  const { scenarios, problems } = loadAll(files, context.loader, undefined);
  if (problems.length > 0) {
    stderr.write(`${problems.join('\n\n')}\n`);
    return EXIT_WRONG_INPUT;
  }
  const hasChaos = scenarios.some(isChaos);
  if (!hasChaos) stderr.write('fault-suite: there is no scenarios/chaos.yaml: only the other scenarios are run\n');
  try {
    return await execute(context, command, scenarios, hasChaos);
  } catch (error) {
    if (!(error instanceof WorkerStartError)) throw error;
    stderr.write(`fault-suite: internal error: ${error.message}\n`);
    return EXIT_FAILED;
  }
}

const isChaos = ({ file }: Scenario): boolean => CHAOS.test(file);

async function execute(
  context: Context,
  command: SuiteCommand,
  scenarios: readonly Scenario[],
  hasChaos: boolean,
): Promise<number> {
  const { stdout, stderr, environment } = context;
  const plan = planOf(
    'table',
    scenarios.map((scenario) => ({
      name: scenario.name,
      file: scenario.file,
      seeds: seedsOf(scenario, { kind: 'range', range: isChaos(scenario) ? command.chaosSeeds : command.seeds }),
    })),
  );
  const voice = { json: command.json, voice: 'normal', workers: command.workers, noColour: false } as const;
  const ran = await runAll(context, voice, scenarios, plan);
  const summary = ran.tally.summary();
  if (command.json) stdout.write(`${JSON.stringify(suiteReport(ran, hasChaos))}\n`);
  else {
    const look = {
      colours: colours(wantsColour(stdout.isTerminal, environment, false)),
      width: reportWidth(stdout.columns),
      verbose: false,
    };
    stdout.write(`${suiteLines(summary, ran.elapsed, look).join('\n')}\n`);
  }
  for (const { task } of ran.end.unfinished) {
    stderr.write(`interrupted: ${scenarios[task.scenario]?.file ?? ''} under seed ${task.seed} was running\n`);
  }
  return ran.end.interrupted ? EXIT_INTERRUPTED : exitCode(summary.all.outcomes);
}

/** Published: fields are added, never renamed. */
interface SuiteReport extends SummaryReport {
  /** scenarios/chaos.yaml is there, and was run. */
  readonly hasChaos: boolean;
  readonly operations: number;
  readonly ambiguous: number;
  readonly virtualHours: number;
  readonly seedsPerSecond: number;
}

function suiteReport({ tally, elapsed }: Ran, hasChaos: boolean): SuiteReport {
  const summary = tally.summary();
  const { all } = summary;
  return {
    ...summaryReport(summary, elapsed),
    hasChaos,
    operations: operationsOf(all),
    ambiguous: all.figures.unknown,
    virtualHours: virtualHours(all),
    seedsPerSecond: elapsed.wallMs > 0 ? (all.runs * 1000) / elapsed.wallMs : 0,
  };
}
