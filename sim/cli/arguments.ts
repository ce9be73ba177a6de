/**
 * From the words of the command line to a command, or to what is wrong with them. Reads no file and prints nothing.
 * yargs does the parsing; values are checked here, so that every complaint is one line that names the flag.
 */
import { nearest } from '../../core/suggest.js';
import { flagNames, parser, switches, valueFlags } from './flags.js';
import { parseSeed, parseSeedRange, SEED_MAX, type SeedChoice, type SeedRange } from './seeds.js';

/** More worker threads than this only get in each other's way. */
const WORKERS_MAX = 256;

export interface Command {
  readonly files: readonly string[];
  readonly seeds: SeedChoice;
  readonly json: boolean;
  readonly voice: 'quiet' | 'normal' | 'verbose';
  /** Undefined: one for each core. */
  readonly workers: number | undefined;
  readonly noColour: boolean;
}

export type ParsedArguments =
  | { readonly kind: 'run'; readonly command: Command }
  /** --list-faults. */
  | { readonly kind: 'faults'; readonly json: boolean }
  /** --help, --version. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string; readonly hint: string };

/** A complaint on its way out of the checks below. */
class WrongArgument extends Error {
  constructor(
    message: string,
    readonly hint = 'npm run sim -- --help shows all flags, with examples',
  ) {
    super(message);
  }
}

const seedExample = 'for example: npm run sim scenarios/quickstart.yaml -- --seed 7';
const seedsExample = 'for example: npm run sim scenarios/quickstart.yaml -- --seeds 1..100';

export function parseArguments(
  args: readonly string[],
  version: string,
  width: number,
  environment: Readonly<Record<string, string | undefined>> = {},
): ParsedArguments {
  // npm takes the first `--` away, other package runners hand it on.
  const words = args.filter((word) => word !== '--');
  try {
    let text = '';
    let problem: Error | null | undefined;
    const found = parser(version, width).parseSync(
      [...words],
      {},
      (error: Error | null | undefined, _: unknown, output: string) => {
        problem = error;
        text = output;
      },
    );
    if (problem) throw explained(problem, words);
    if (text !== '') return { kind: 'text', text: `${text.trimEnd()}\n` };
    checkSwitches(found, words);
    if (found['list-faults'] === true) return { kind: 'faults', json: found['json'] === true };
    return { kind: 'run', command: checked(found, environment) };
  } catch (error) {
    if (!(error instanceof WrongArgument)) throw error;
    return { kind: 'wrong', message: error.message, hint: error.hint };
  }
}

/** What yargs complains of, in our words: it names flags without dashes and suggests nothing. */
function explained(problem: Error, words: readonly string[]): WrongArgument {
  const lacking = /^Not enough arguments following: (\S+)/.exec(problem.message)?.[1];
  if (lacking !== undefined) {
    return new WrongArgument(`--${lacking} needs a value`, lacking === 'workers' ? undefined : hintFor(lacking));
  }
  const unknown = words.find((word) => /^-\D/.test(word) && !isKnown(word));
  if (unknown === undefined) return new WrongArgument(problem.message);
  const meant = nearest(flagName(unknown), flagNames);
  return new WrongArgument(
    `unknown flag ${unknown.split('=')[0]}${meant === undefined ? '' : `; did you mean --${meant}?`}`,
  );
}

const flagName = (word: string): string => word.replace(/^--?/, '').replace(/=.*$/s, '');
const isKnown = (word: string): boolean =>
  word === '-h' || (word.startsWith('--') && flagNames.includes(flagName(word)));
const hintFor = (flag: string): string => (flag === 'seed' ? seedExample : seedsExample);

type Found = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

function checkSwitches(found: Found, words: readonly string[]): void {
  const valued = switches.find((name) => words.some((word) => word.startsWith(`--${name}=`)));
  if (valued !== undefined) throw new WrongArgument(`--${valued} takes no value`);
  if (found['quiet'] === true && found['verbose'] === true) {
    throw new WrongArgument('--quiet and --verbose contradict each other');
  }
}

function checked(found: Found, environment: Readonly<Record<string, string | undefined>>): Command {
  const seeds = checkedSeeds(value(found, 'seed'), value(found, 'seeds'));
  const workers = checkedWorkers(value(found, 'workers'));
  const files = found._.map(String);
  if (files.length === 0) {
    throw new WrongArgument('which scenario? No file was given', 'for example: npm run sim scenarios/quickstart.yaml');
  }
  for (const flag of valueFlags) {
    // Without the `--` npm takes the flag for its own, and the run would silently be another one.
    if (environment[`npm_config_${flag}`] !== undefined && found[flag] === undefined) {
      throw new WrongArgument(
        `npm took --${flag} for itself: write -- before the flags`,
        `npm run sim <file> -- --${flag} ${flag === 'seeds' ? '1..100' : '7'}`,
      );
    }
  }
  return {
    files,
    seeds,
    workers,
    json: found['json'] === true,
    voice: found['quiet'] === true ? 'quiet' : found['verbose'] === true ? 'verbose' : 'normal',
    noColour: found['no-color'] === true,
  };
}

function value(found: Found, flag: string): string | undefined {
  const given = found[flag];
  if (Array.isArray(given)) throw new WrongArgument(`--${flag} was given ${given.length} times; once is enough`);
  return given === undefined ? undefined : String(given);
}

function checkedSeeds(seed: string | undefined, seeds: string | undefined): SeedChoice {
  if (seed !== undefined && seeds !== undefined) {
    throw new WrongArgument('--seed and --seeds contradict each other: give one of them');
  }
  if (seed !== undefined) return { kind: 'one', seed: checkedSeed(seed) };
  return seeds === undefined ? { kind: 'own' } : { kind: 'range', range: checkedRange(seeds) };
}

function checkedSeed(text: string): number {
  const seed = parseSeed(text);
  if (seed !== undefined) return seed;
  const range = parseSeedRange(text) === undefined ? '' : `; did you mean --seeds ${text}?`;
  throw new WrongArgument(`--seed needs a whole number from 0 to ${SEED_MAX}, not "${text}"${range}`, seedExample);
}

function checkedRange(text: string): SeedRange {
  const range = parseSeedRange(text);
  if (range === undefined) {
    const meant = parseSeed(text) === undefined ? '' : `; did you mean --seed ${text}?`;
    throw new WrongArgument(`--seeds needs two whole numbers as in 1..100, not "${text}"${meant}`, seedsExample);
  }
  if (range.from > range.to) {
    throw new WrongArgument(`--seeds ${text} counts down; did you mean ${range.to}..${range.from}?`, seedsExample);
  }
  return range;
}

function checkedWorkers(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const workers = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (workers >= 1 && workers <= WORKERS_MAX) return workers;
  throw new WrongArgument(`--workers needs a whole number from 1 to ${WORKERS_MAX}, not "${text}"`);
}
