// Whatever breaks within what chains of three survive, under its first seeds. The fault suite runs many more.
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runScenario } from './run.js';
import { loadScenario } from './scenario/load.js';

const chaos = loadScenario(fileURLToPath(new URL('../../scenarios/chaos.yaml', import.meta.url)));
const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);

it.each(SEEDS)('holds under seed %i', (seed) => {
  const { outcome, violations } = runScenario(chaos, seed, { story: false });
  expect(violations.map(({ checker, message }) => `${checker}: ${message}`)).toEqual([]);
  expect(outcome).toBe('pass');
});
