/**
 * `npm run bench:ring` and `ppnfs bench`: measures a real ring on this machine beside bare peers, or one that runs already,
 * and says whether its aims are met.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Durability } from '../core/view/view.js';
import { type BenchReport, type BenchRingOptions, benchRing, PARTS, type Part } from './bench/bench-ring.js';
import { benchServers } from './bench/measures.js';
import { reportText } from './bench/report.js';
import { findServers } from './client/find-servers.js';

const HELP = `Usage: npm run -s bench:ring -- [options], or ppnfs bench [options]

Measures a ring of five server processes on this machine (three copies of each file), and bare Node processes that move
the same bytes, in turn. Or, with --server or --data, a ring that runs already: then it puts files under /ppnfs-bench,
and deletes them in the end. MB = 10^6 bytes; medians of the rounds. Progress goes to stderr.

  --json                one JSON object: rows with figures, ratio (to the bare peer), aim and isMet
  --durability LIST     os, fsync or memory, with commas between (default os,fsync)
  --parts LIST          files, relay, pauses (default all)
  --server URL          a server of a running ring; name all of them, with commas or one flag each
  --data FOLDER         of a ring that "ppnfs up" runs on this machine
  --rounds N            of everything but the pauses (default 5)
  --blows N             so often each server role is killed and frozen (default 5)
  --nginx               measure nginx, too (installed with apt-get where that may be)
  --quick               a few seconds, to see that it works: the figures say little
  --help                this text

Exit codes: 0 measured (aims met or not), 1 something went wrong, 2 wrong usage.

Examples:
  npm run -s bench:ring -- --json > ring.json
  npm run -s bench:ring -- --parts pauses --blows 10
  npm run -s bench:ring -- --data ./ppnfs-data --rounds 2
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
    server: { ...text, multiple: true } as const,
    data: text,
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

/** @throws UsageError if no server is to be found */
async function benchRunning(given: ReturnType<typeof flags>, options: BenchRingOptions): Promise<BenchReport> {
  const found = findServers({ flags: given.server ?? [], environment: undefined, folder: given.data ?? '.' });
  if (!found.ok) throw new UsageError(found.why);
  const { servers } = found;
  const other = servers.find((server) => !server.startsWith('http:'));
  if (other !== undefined)
    throw new UsageError(`${other} cannot be measured: only addresses such as http://127.0.0.1:8101`);
  const [startedAt, startedMs] = [new Date().toISOString(), performance.now()];
  const rows = await benchServers(servers, options);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return {
    servers: servers.length,
    chain: undefined,
    node: process.version,
    cpus: cpus().length,
    startedAt,
    seconds,
    rows,
  };
}

async function main(): Promise<void> {
  const given = flags();
  if (given.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const options = optionsOf(given, (said) => void process.stderr.write(`${said}\n`));
  const isRunning = given.server !== undefined || given.data !== undefined;
  const report = isRunning ? await benchRunning(given, options) : await benchRing(options);
  process.stdout.write(given.json === true ? `${JSON.stringify(report)}\n` : reportText(report));
}

try {
  await main();
} catch (error) {
  const isWrongUse = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? (isWrongUse ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = isWrongUse ? 2 : 1;
}
