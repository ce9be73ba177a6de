/**
 * The command `check-history`: recorded histories in, a verdict a line out, and the exit code says whether each verdict is
 * the one that its file claims. Reads files and the real clock; leaves the checking to checkers/linearizable.
 */
import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { defaultLimits, type Verdict } from './checkers/linearizable/check.js';
import { checkRecordedHistory, parseHistory, type RecordedHistory } from './checkers/linearizable/recorded-history.js';
import type { SearchLimits } from './checkers/linearizable/search.js';

/** In the order of their weight, heaviest last. */
const exitCodes = { agreed: 0, undecided: 3, differs: 1, broken: 2 };

interface Checked {
  readonly file: string;
  readonly verdict: Verdict['verdict'];
  /** What the file claims. */
  readonly expected: Verdict['verdict'];
  readonly operations: number;
  readonly steps: number;
  /** Real milliseconds. */
  readonly ms: number;
  readonly details: Verdict;
}
interface Broken {
  readonly file: string;
  /** From 1; undefined if the file cannot be read at all. */
  readonly line: number | undefined;
  readonly error: string;
}
type Report = Checked | Broken;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder, expected a file',
  EACCES: 'no permission to read it',
  ENOTDIR: 'no such file: a part of its path is not a folder',
  ERR_STRING_TOO_LONG: 'too large',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
};

function readText(file: string): { readonly text: string } | Broken {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { file, line: undefined, error: reasons[code ?? ''] ?? `cannot be read: ${message}` };
  }
}

function check(file: string, limits: SearchLimits): Report {
  const read = readText(file);
  if ('error' in read) return read;
  const history = parseHistory(read.text);
  if ('message' in history) return { file, line: history.line, error: history.message };
  return measure(file, history, limits);
}

function measure(file: string, history: RecordedHistory, limits: SearchLimits): Checked {
  const start = performance.now();
  const details = checkRecordedHistory(history, limits);
  const ms = Math.round((performance.now() - start) * 10) / 10;
  const expected = history.isLinearizable ? 'linearizable' : 'not linearizable';
  return {
    file,
    verdict: details.verdict,
    expected,
    operations: history.operations.length,
    steps: details.steps,
    ms,
    details,
  };
}

function outcome(report: Report): keyof typeof exitCodes {
  if ('error' in report) return 'broken';
  if (report.verdict === 'undecided') return 'undecided';
  return report.verdict === report.expected ? 'agreed' : 'differs';
}

function heaviest(reports: readonly Report[]): keyof typeof exitCodes {
  const weights = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  const found = reports.map(outcome);
  return weights.findLast((weight) => found.includes(weight)) ?? 'agreed';
}

function line(report: Checked, fileWidth: number): string {
  const { file, verdict, expected, operations, ms } = report;
  const count = `${operations} operations`.padStart(18);
  const took = `${ms.toFixed(1)} ms`.padStart(12);
  const mark = outcome(report) === 'agreed' ? '' : `  ${pc.red(`(expected: ${expected})`)}`;
  return `${`${file}:`.padEnd(fileWidth + 1)} ${verdict.padEnd('not linearizable'.length)}${pc.dim(count + took)}${mark}`;
}

/** Why a history contradicts or is undecided, as numbers of lines in its file. */
function explanation({ details }: Checked): readonly string[] {
  if (details.verdict === 'linearizable') return [];
  if (details.verdict === 'undecided') return [`  partition ${details.partition}: beyond ${details.limit}`];
  const { placedCount, lastPlaced, state, unplaced } = details.contradiction;
  const lines = (indexes: readonly number[]): string => indexes.map((index) => index + 2).join(', ') || 'none';
  return [
    `  partition ${details.partition}: ${placedCount} operations fit an order, the last of them on lines ${lines(lastPlaced)}`,
    `  the state is then ${state}, and the operations on lines ${lines(unplaced)} do not fit`,
  ];
}

function printText(reports: readonly Report[], explain: boolean): void {
  const fileWidth = Math.max(...reports.map(({ file }) => file.length));
  for (const report of reports) {
    if ('error' in report) {
      const where = report.line === undefined ? report.file : `${report.file}:${report.line}`;
      console.error(`${where}: ${pc.red(report.error)}`);
    } else {
      console.log(line(report, fileWidth));
      if (explain) for (const each of explanation(report)) console.log(each);
    }
  }
}

function printJson(reports: readonly Report[]): void {
  const files = reports.map((report) => ({ ...report, outcome: outcome(report) }));
  console.log(JSON.stringify({ outcome: heaviest(reports), files }));
}

const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

const command = yargs(hideBin(process.argv))
  .scriptName('npm run -s check-history --')
  .usage('$0 FILE…\n\nChecks recorded histories (JSON lines) for linearizability, against what they claim.')
  .option('json', { type: 'boolean', default: false, describe: 'print one JSON object' })
  .option('explain', { type: 'boolean', default: false, describe: 'say which operations contradict' })
  .option('steps', {
    type: 'number',
    default: defaultLimits.stepsMax,
    describe: 'steps until a partition is undecided',
  })
  .option('memory', {
    type: 'number',
    default: defaultLimits.visitedBytesMax,
    describe: 'bytes of memory until a partition is undecided',
  })
  .example('npm run -s check-history -- run-1.jsonl run-2.jsonl', 'check recorded histories')
  .example('npm run -s check-history -- --explain run.jsonl', 'see which operations contradict')
  .example('npm run -s check-history -- --json run.jsonl | jq .outcome', 'for scripts')
  .epilogue(
    'Exit codes: 0 every verdict is the one its file claims; 1 one differs; 2 wrong usage or a broken file; 3 one is ' +
      'undecided. Of several, 2 goes before 1, and 1 before 3.',
  )
  .strictOptions()
  .check(({ _: files, steps, memory }) => {
    if (files.length === 0) throw new Error('Which files? Give at least one: check-history FILE…');
    if (!isPositive(steps)) throw new Error(`--steps is ${steps}: expected a whole number above 0`);
    if (!isPositive(memory)) throw new Error(`--memory is ${memory}: expected a whole number of bytes above 0`);
    return true;
  })
  .parserConfiguration({ 'parse-positional-numbers': false, 'duplicate-arguments-array': false })
  .version(false)
  .help()
  .wrap(100)
  .fail((message, error) => {
    console.error(`${pc.red(message ?? error.message)}\n\nTry npm run -s check-history -- --help.`);
    process.exit(exitCodes.broken);
  });

const options = command.parseSync();
const limits = { stepsMax: options.steps, visitedBytesMax: options.memory };
const reports = options._.map((file) => check(String(file), limits));
if (options.json) printJson(reports);
else printText(reports, options.explain);
process.exitCode = exitCodes[heaviest(reports)];
