// Every fault word is struck by at least one scenario. Chaos strikes them all, and so counts for none but itself.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { faultName } from '../faults/fault.js';
import { FAULT_KEYS, namesOf } from './fault-words.js';
import { loadScenario } from './load.js';

const folder = fileURLToPath(new URL('../../../scenarios/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const names = FAULT_KEYS.flatMap(namesOf);
const struck = new Set(
  files
    .flatMap((file) => loadScenario(`${folder}${file}`).steps)
    .flatMap(({ action }) =>
      action.kind === 'fault' ? faultName(action.fault) : action.kind === 'chaos' ? 'chaos' : [],
    ),
);

it('is struck by a scenario', () => {
  expect(names.filter((name) => !struck.has(name))).toEqual([]);
});
