/**
 * `npm run schema`: writes scenarios/schema.json from the format, for editors.
 * Writes that one file and nothing else, and only if nothing else is asked for.
 */
import { writeFileSync } from 'node:fs';
import { schemaText } from './schema-text.js';

const EXIT_WRONG_INPUT = 2;
const HELP = `Usage: npm run schema

Writes scenarios/schema.json anew, from the format of scenarios, for editors. Takes no flag and no file.
Exit codes: 0 written; 2 wrong command line: nothing was written.
`;

const [first] = process.argv.slice(2);
if (first === '--help' || first === '-h') process.stdout.write(HELP);
else if (first !== undefined) {
  process.stderr.write(`schema: it takes nothing, and here is ${JSON.stringify(first)}\n\n${HELP}`);
  process.exitCode = EXIT_WRONG_INPUT;
} else {
  // From dist/sim/scenario.
  writeFileSync(new URL('../../../scenarios/schema.json', import.meta.url), schemaText());
}
