/** `npm run bench:ring`: measures a real ring on this machine beside bare peers, and says whether its aims are met. */
import { parseArgs } from 'node:util';
import type { Durability } from '../core/view/view.js';
import { type BenchRingOptions, benchRing, PARTS, type Part } from './bench/bench-ring.js';
import { reportText } from './bench/report.js';

const HELP = `Usage: npm run -s bench:ring -- [options]

Measures a ring of five server processes on this machine (three copies of each file), and bare Node processes that move
the same bytes, in turn. MB = 10^6 bytes; medians of the rounds. Progress goes to stderr.

  --json                one JSON object: rows with figures, ratio (to the bare peer), aim and isMet
  --durability LIST     os, fsync or memory, with commas between (default os,fsync)
  --parts LIST          files, relay, pauses (default all)
  --rounds N            of everything but the pauses (default 5)
  --blows N             so often each server role is killed and frozen (default 5)
  --nginx               measure nginx, too (installed with apt-get where that may be)
  --quick               a few seconds, to see that it works: the figures say little
  --help                this text

Exit codes: 0 measured (aims met or not), 1 something went wrong, 2 wrong usage.

Examples:
  npm run -s bench:ring -- --json > ring.json
  npm run -s bench:ring -- --parts pauses --blows 10
  npm run -s bench:ring -- --durability fsync --parts files --rounds 3
`;

class UsageError extends Error {}

const DURABILITIES: readonly Durability[] = ['memory', 'os', 'fsync'];
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** @throws UsageError */
function flags() {
  const options = {
    json: flag,
    durability: text,
    parts: text,
    rounds: text,
    blows: text,
    nginx: flag,
    quick: flag,
    help: flag,
  };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function listOf<Word extends string>(name: string, given: string, words: readonly Word[]): readonly Word[] {
  return given.split(',').map((each) => {
    const found = words.find((word) => word === each.trim());
    if (found === undefined) throw new UsageError(`--${name}: "${each}" is not one of ${words.join(', ')}`);
    return found;
  });
}

function countOf(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--${name} takes a whole number from 1, not ${given}`);
  return count;
}

function optionsOf(given: ReturnType<typeof flags>, progress: (text: string) => void): BenchRingOptions {
  const isQuick = given.quick === true;
  const parts: readonly Part[] = listOf('parts', given.parts ?? PARTS.join(','), PARTS);
  return {
    parts,
    durabilities: listOf('durability', given.durability ?? (isQuick ? 'os' : 'os,fsync'), DURABILITIES),
    rounds: countOf('rounds', given.rounds, isQuick ? 1 : 5),
    blows: countOf('blows', given.blows, isQuick ? 1 : 5),
    isQuick,
    hasNginx: given.nginx === true,
    progress,
  };
}

async function main(): Promise<void> {
  const given = flags();
  if (given.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const options = optionsOf(given, (said) => void process.stderr.write(`${said}\n`));
  const report = await benchRing(options);
  process.stdout.write(given.json === true ? `${JSON.stringify(report)}\n` : reportText(report));
}

try {
  await main();
} catch (error) {
  const isWrongUse = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? (isWrongUse ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = isWrongUse ? 2 : 1;
}
