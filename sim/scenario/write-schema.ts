/**
 * `npm run schema`: writes scenarios/schema.json from the format, for editors.
 * Writes that one file and nothing else.
 */
import { writeFileSync } from 'node:fs';
import { schemaText } from './schema-text.js';

// From dist/sim/scenario.
writeFileSync(new URL('../../../scenarios/schema.json', import.meta.url), schemaText());
