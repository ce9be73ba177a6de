// A planted bug that no longer fits the source would test nothing: each one's text must be there, once.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Mutant, occurrences, patched, patchesOf } from './mutant.js';
import { mutants } from './mutants.js';

const project = new URL('../../../', import.meta.url);
const sourceOf = (file: string): string => readFileSync(new URL(file, project), 'utf8');

it('names are kebab-case, each only once', () => {
  const names = mutants.map(({ name }) => name);
  expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(mutants)('$name', (mutant: Mutant) => {
  it('applies: its text occurs exactly once', () => {
    for (const patch of patchesOf(mutant)) {
      const source = sourceOf(patch.file);
      expect(occurrences(source, patch.find)).toBe(1);
      expect(patched(source, patch, mutant.name)).not.toBe(source);
    }
  });

  it('has scenarios that exist', () => {
    expect(mutant.scenarios.length).toBeGreaterThan(0);
    for (const name of mutant.scenarios) expect(existsSync(new URL(`scenarios/${name}.yaml`, project))).toBe(true);
  });
});

it('are as many as were promised', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(30);
});

it('a mutant that no longer applies is an error', () => {
  const [mutant] = mutants as [Mutant];
  expect(() => patched('', mutant, mutant.name)).toThrow('no longer applies');
  expect(() => patched(mutant.find + mutant.find, mutant, mutant.name)).toThrow('occurs 2 times');
});
