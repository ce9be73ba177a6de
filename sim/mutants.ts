/**
 * `npm run -s sim:mutants`: bugs are planted into a copy of the project, and the simulator must catch each of them.
 * Reads the command line, prints and sets the exit code; must never touch the project itself.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { falseAlarms, type Hunt, verdictsOn } from './mutants/hunt.js';
import type { Mutant } from './mutants/mutant.js';
import { mutants } from './mutants/mutants.js';
import { asJson, asText } from './mutants/table.js';
import { Workshop } from './mutants/workshop.js';

const EXIT_WRONG_INPUT = 2;
const EXIT_INTERRUPTED = 130;
const SEEDS_MAX = 1000;
const WORKSHOPS_MAX = 4;

const HELP = `Usage: npm run -s sim:mutants -- [--only NAME] [--seeds N] [--json]

Plants one bug at a time into a copy of the project; the simulator must catch it. The unmodified copy runs under the same
scenarios and seeds, and must raise no alarm.

  --only NAME   this mutant only
  --seeds N     at most so many seeds for each mutant (default ${SEEDS_MAX})
  --json        one JSON object: mutants with name, killed, checker, seedsNeeded and what belongs to them
  --help        this text

Exit codes: 0 all killed and no false alarm; 1 otherwise; 2 wrong command line; 130 interrupted.

Mutants:
${mutants.map(({ name, rule }) => `  ${name}\n      ${rule}`).join('\n')}
`;

interface Command {
  readonly chosen: readonly Mutant[];
  readonly seedsMax: number;
  readonly json: boolean;
}

/** @throws Error on a wrong command line. */
function readCommand(): Command | undefined {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seeds: { type: 'string', default: String(SEEDS_MAX) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(values.seeds)) {
    throw new Error(`--seeds is "${values.seeds}": expected a whole number from 1 to 999999`);
  }
  const chosen = mutants.filter(({ name }) => values.only === undefined || name === values.only);
  if (chosen.length === 0) throw new Error(`--only is "${values.only}": there is no such mutant (see --help)`);
  return { chosen, seedsMax: Number(values.seeds), json: values.json };
}

/** One for each core: a copy runs one simulator at a time. */
function openWorkshops(mutants: number): readonly Workshop[] {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  const count = Math.min(WORKSHOPS_MAX, mutants, availableParallelism());
  const workshops = Array.from({ length: count }, () => new Workshop(project));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      for (const workshop of workshops) workshop.close();
      process.exit(EXIT_INTERRUPTED);
    });
  }
  return workshops;
}

async function huntAll({ chosen, seedsMax, json }: Command): Promise<number> {
  const progress = (text: string): void => console.error(text);
  progress(`copying and building, for ${chosen.length} mutants`);
  const workshops = openWorkshops(chosen.length);
  try {
    for (const workshop of workshops) await workshop.build();
    const hunt: Hunt = { workshops, seedsMax, now: () => performance.now(), progress };
    const verdicts = await verdictsOn(hunt, chosen);
    const alarms = await falseAlarms(hunt, verdicts, chosen);
    console.log(json ? asJson(verdicts, alarms) : asText(verdicts, alarms));
    return verdicts.every(({ killed }) => killed) && alarms.length === 0 ? 0 : 1;
  } finally {
    for (const workshop of workshops) workshop.close();
  }
}

async function main(): Promise<number> {
  try {
    const command = readCommand();
    if (command !== undefined) return await huntAll(command);
    console.log(HELP);
    return 0;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    console.error(`${message}\n\nTry npm run -s sim:mutants -- --help.`);
    return code.startsWith('ERR_PARSE_ARGS') || message.startsWith('--') ? EXIT_WRONG_INPUT : 1;
  }
}

process.exitCode = await main();
