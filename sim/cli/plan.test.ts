import { describe, expect, it } from 'vitest';
import { fakeScenario } from './fake-runs.test-kit.js';
import { makePlan } from './plan.js';

const a = fakeScenario('a', { seed: { from: 4, to: 6 } });
const bounded = fakeScenario('b', { seed: { from: 1, to: 50 }, seedsMax: 2 });
const own = { seeds: { kind: 'own' } } as const;
const range = (from: number, to: number) => ({ seeds: { kind: 'range', range: { from, to } } }) as const;
const one = (seed: number) => ({ seeds: { kind: 'one', seed } }) as const;

describe('plan', () => {
  it.each([
    ['one file: the first of its own seeds, as a story', [a], own, 'story', ['0:4']],
    ['one file and a seed', [a], one(17), 'story', ['0:17']],
    ['a seed by its number runs beyond seedsMax', [bounded], one(17), 'story', ['0:17']],
    ['--seeds makes a table even of one run', [a], range(9, 9), 'table', ['0:9']],
    ['--seeds is cut at seedsMax', [bounded], range(1, 100), 'table', ['0:1', '0:2']],
    ['several files: their own ranges, in turn', [a, bounded], own, 'table', ['0:4', '1:1', '0:5', '1:2', '0:6']],
    ['several files and a seed', [a, bounded], one(3), 'table', ['0:3', '1:3']],
    ['several files and seeds', [a, bounded], range(2, 4), 'table', ['0:2', '1:2', '0:3', '0:4']],
    ['seeds all above seedsMax', [bounded], range(3, 9), 'table', []],
  ])('%s', (_, scenarios, command, kind, tasks) => {
    const plan = makePlan(scenarios, command);
    expect([...plan.tasks()].map(({ scenario, seed }) => `${scenario}:${seed}`)).toEqual(tasks);
    expect(plan).toMatchObject({ kind, total: tasks.length });
  });

  it('a huge range costs nothing before it runs', () => {
    const plan = makePlan([a], range(0, Number.MAX_SAFE_INTEGER - 1));
    expect(plan.total).toBe(Number.MAX_SAFE_INTEGER);
    expect(plan.tasks()[Symbol.iterator]().next().value).toEqual({ scenario: 0, seed: 0 });
  });
});
