/** `npm run test:kill`: kills servers under load, and says whether anything that was promised broke. */
import { median } from '../bench/figures.js';
import { countOf, durabilityOf, flagsOf, progress, runMain } from './command-line.js';
import { type Kill, ROLES, runKillTrial } from './kill-trial.js';
import { tellOutcome } from './outcome.js';

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

function pausesText(kills: readonly Kill[]): string {
  const pauses = ROLES.map((role) => {
    const all = kills.filter((kill) => kill.role === role).map(({ pauseMs }) => pauseMs);
    return `${role} ${median(all).toFixed(0)} ms`;
  });
  return `longest wait of a client, median: ${pauses.join(', ')}`;
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
  return tellOutcome(report, `${report.kills.length} kills`, [pausesText(report.kills)], given);
});
