/** `npm run test:clients`: programs that know nothing of this project, as clients of a real ring. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { startTrialRing } from '../bench/trial-ring.js';
import { CLIENT_CHECKS, type ClientCheck, type Place } from './client-checks.js';
import { flagsOf, progress, runMain } from './command-line.js';
import { install } from './tools.js';

const HELP = `Usage: npm run -s test:clients -- [options]

Starts a ring of five server processes and lets curl, wget, aria2c, hey and wrk work with it. What is missing is installed
with apt-get where that may be (root, Debian), and skipped loudly elsewhere.

  --strict   what had to be skipped is a failure
  --help     this text

Exit codes: 0 passed, 1 failed, 2 wrong usage.
`;

type Verdict = 'passed' | 'failed' | 'skipped';

async function verdictOf({ program, debianPackage, check }: ClientCheck, place: Place): Promise<Verdict> {
  const say = (mark: string, text: string): void => void process.stdout.write(`${mark} ${program.padEnd(7)} ${text}\n`);
  if (!install(program, debianPackage)) {
    say(pc.yellow('SKIPPED'), `NOT INSTALLED and could not be: apt-get install ${debianPackage}`);
    return 'skipped';
  }
  try {
    say(pc.green('passed '), await check(place));
    return 'passed';
  } catch (error) {
    say(pc.red('FAILED '), (error as Error).message);
    return 'failed';
  }
}

await runMain(async () => {
  const flag = { type: 'boolean' } as const;
  const given = flagsOf({ strict: flag, help: flag });
  if (given.help === true) {
    process.stdout.write(HELP);
    return true;
  }
  const folder = await mkdtemp(join(tmpdir(), 'ppnfs-clients-'));
  const ring = await startTrialRing({ durability: 'os', progress });
  try {
    const verdicts: Verdict[] = [];
    for (const each of CLIENT_CHECKS) verdicts.push(await verdictOf(each, { servers: ring.addresses, folder }));
    return !verdicts.includes('failed') && !(given.strict === true && verdicts.includes('skipped'));
  } finally {
    await ring.close();
    await rm(folder, { recursive: true, force: true });
  }
});
