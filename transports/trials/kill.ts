/** `npm run test:kill`: kills servers under load, and says whether anything that was promised broke. */
import { rm } from 'node:fs/promises';
import { median } from '../bench/figures.js';
import { countOf, durabilityOf, flagsOf, progress, runMain } from './command-line.js';
import { type Kill, type KillReport, ROLES, runKillTrial } from './kill-trial.js';

const HELP = `Usage: npm run -s test:kill -- [options]

Eight clients put, get, stat and delete a few files in a ring of five server processes, while the head, the middle and
the tail of a file's chain are killed (kill -9) and started again. Passes if all that clients were told is linearizable,
every server serves the same files in the end, and the ring is whole again after each kill.

  --rounds N         each role is killed so often (default 10)
  --clients N        (default 8)
  --durability WORD  os (default) or fsync
  --wipe             killed servers come back with an empty disk
  --keep             keep the history, for: npm run -s check-history -- --explain FILE
  --json             one JSON object
  --help             this text

Exit codes: 0 passed, 1 failed, 2 wrong usage.

Example: npm run -s test:kill -- --rounds 2 --wipe
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const killText = ({ role, server, path, pauseMs, pausedOperation, healMs }: Kill): string =>
  `killed ${server}, ${role} of ${path}`.padEnd(44) +
  `clients waited ${pauseMs.toFixed(0)} ms at most (${pausedOperation})`.padEnd(44) +
  `whole again in ${(healMs / 1000).toFixed(1)} s`;

function summary({ kills, operations, failures, history }: KillReport, isKept: boolean): string {
  const { answered, refused, unknown } = operations;
  const pauses = ROLES.map((role) => {
    const all = kills.filter((kill) => kill.role === role).map(({ pauseMs }) => pauseMs);
    return `${role} ${median(all).toFixed(0)} ms`;
  });
  return [
    `${kills.length} kills; ${answered} operations answered, ${refused} refused, ${unknown} of unknown outcome`,
    `longest wait of a client, median: ${pauses.join(', ')}`,
    failures.length === 0
      ? 'linearizable; all servers serve the same files; the ring is whole'
      : `FAILED:\n  ${failures.join('\n  ')}`,
    ...(isKept ? [`history: ${history}`] : []),
    '',
  ].join('\n');
}

await runMain(async () => {
  const given = flagsOf({
    ...{ rounds: text, clients: text, durability: text },
    ...{ wipe: flag, keep: flag, json: flag, help: flag },
  });
  if (given.help === true) {
    process.stdout.write(HELP);
    return true;
  }
  const isJson = given.json === true;
  const report = await runKillTrial({
    rounds: countOf('rounds', given.rounds, 10),
    clients: countOf('clients', given.clients, 8),
    durability: durabilityOf(given.durability),
    isWiped: given.wipe === true,
    progress,
    killed: (kill) => (isJson ? progress(killText(kill)) : void process.stdout.write(`${killText(kill)}\n`)),
  });
  const isKept = given.keep === true || report.failures.length > 0;
  if (!isKept) await rm(report.history, { force: true });
  process.stdout.write(isJson ? `${JSON.stringify(report)}\n` : summary(report, isKept));
  return report.failures.length === 0;
});
