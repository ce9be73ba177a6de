// Every scenario of the house holds under its first seeds. Those with a seeds-max are too large for here: the fault suite
// runs them. Chaos has a file of its own.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runScenario } from './run.js';
import { loadScenario } from './scenario/load.js';

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const scenarios = files.map((file) => loadScenario(`${folder}${file}`));
const SEEDS = [1, 2];
const isMine = (scenario: (typeof scenarios)[number]): boolean =>
  scenario.seedsMax === undefined && !scenario.file.endsWith('/chaos.yaml');

it('there are scenarios', () => {
  expect(scenarios.length).toBeGreaterThan(30);
});

describe.each(scenarios.filter(isMine))('$name', (scenario) => {
  it.each(SEEDS)('holds under seed %i', (seed) => {
    const { outcome, violations } = runScenario(scenario, seed, { story: false });
    expect(violations.map(({ checker, message }) => `${checker}: ${message}`)).toEqual([]);
    expect(outcome).toBe('pass');
  });
});

it('the same seed gives the same run, another seed another', () => {
  const scenario = loadScenario(`${folder}quickstart.yaml`);
  const hash = (seed: number): string => runScenario(scenario, seed).traceHash;
  expect(hash(7)).toBe(hash(7));
  expect(hash(7)).not.toBe(hash(8));
});
