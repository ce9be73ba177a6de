/** The command that looks at everything that can happen in small worlds: see exploration/. */
import { parseArgs } from 'node:util';
import { CASES } from './exploration/cases.js';
import { type Exploration, explore } from './exploration/explore.js';

const HELP = `Usage: npm run -s explore -- [--case TEXT] [--states N] [--json]

Looks at every state that a small ring can come to, with the real core: every order of frames, of what stores answer, of
clients' calls, of crashes and of news of the next view. Time stands still: what only a timer would bring does not come.

  --case TEXT   only cases in whose names this text occurs, e.g. --case crashes
  --states N    stop a case after so many states (default 1000000; some 3 KB each)
  --json        one JSON object a line and case: name, states, ends, waitingEnds, depth, isCut, violation
  --help        this text

Exit codes: 0 everything held · 1 something did not · 2 wrong use, or no such case
`;

function run(): number {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', default: '' },
      states: { type: 'string', default: '1000000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const statesMax = Number(values.states);
  if (!Number.isSafeInteger(statesMax) || statesMax < 1)
    throw new Error(`--states ${values.states} is no number of states`);
  const cases = CASES.filter(({ name }) => name.includes(values.case));
  if (cases.length === 0)
    throw new Error(
      `no case has "${values.case}" in its name; there are:\n${CASES.map(({ name }) => `  ${name}`).join('\n')}`,
    );
  let code = 0;
  for (const { name, cast } of cases) {
    const found = explore(cast, statesMax);
    if (found.violation !== undefined) code = 1;
    process.stdout.write(values.json ? `${JSON.stringify({ name, ...found })}\n` : text(name, found));
  }
  return code;
}

function text(name: string, { states, depth, isCut, violation }: Exploration): string {
  const seen = `${states} states, up to ${depth} moves`;
  if (violation === undefined) return `${isCut ? '…' : '✓'} ${name}: ${seen}${isCut ? '; there are more' : ''}\n`;
  const path = violation.path.map((move, at) => `  ${at + 1}. ${move}`);
  return [`✗ ${name}: ${seen}`, ...violation.what, 'after', ...path, ''].join('\n');
}

try {
  process.exitCode = run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nnpm run -s explore -- --help\n`);
  process.exitCode = 2;
}
