/** `npm run test:faults`: hurts servers at random under load, and says whether anything that was promised broke. */
import { randomInt } from 'node:crypto';
import { countOf, durabilityOf, flagsOf, progress, runMain } from './command-line.js';
import { type Fault, runFaultsTrial } from './faults-trial.js';
import { tellOutcome } from './outcome.js';

const HELP = `Usage: npm run -s test:faults -- [options]

Eight clients put, get, stat and delete a few files in a ring of five server processes. Meanwhile servers are killed
(kill -9) and started again, or stand still (SIGSTOP) for a while, at random, two of them at once at most. Passes if all
that clients were told is linearizable, and in the end every server serves the same files and the ring is whole.

  --seconds N        faults begin for so long (default 60)
  --seed N           draw the same faults again (default: a new one); whom they find at home is up to the machine
  --clients N        (default 8)
  --durability WORD  os (default) or fsync
  --keep             keep the history, for: npm run -s check-history -- --explain FILE
  --json             one JSON object
  --help             this text

Exit codes: 0 passed, 1 failed, 2 wrong usage.

Example: npm run -s test:faults -- --seconds 600 --durability fsync
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const faultText = ({ kind, server, atMs, forMs, away }: Fault): string =>
  `${seconds(atMs).padStart(8)}  ${kind === 'kill' ? 'killed' : 'froze'} ${server} for ${seconds(forMs)}`.padEnd(40) +
  `${away} away`;

await runMain(async () => {
  const given = flagsOf({
    ...{ seconds: text, seed: text, clients: text, durability: text },
    ...{ keep: flag, json: flag, help: flag },
  });
  if (given.help === true) {
    process.stdout.write(HELP);
    return true;
  }
  const isJson = given.json === true;
  const seed = countOf('seed', given.seed, randomInt(1, 1_000_000));
  const report = await runFaultsTrial({
    seed,
    seconds: countOf('seconds', given.seconds, 60),
    clients: countOf('clients', given.clients, 8),
    durability: durabilityOf(given.durability),
    progress,
    done: (fault) => (isJson ? progress(faultText(fault)) : void process.stdout.write(`${faultText(fault)}\n`)),
  });
  const { faults, longestMs, healMs } = report;
  const waits = `longest wait of a client: ${seconds(longestMs)}; whole ${seconds(healMs)} after the last server was back`;
  return tellOutcome(report, `seed ${seed}: ${faults.length} faults`, [waits], given);
});
