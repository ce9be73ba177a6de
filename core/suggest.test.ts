import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './suggest.js';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['chain', 'chain', 0],
    ['chian', 'chain', 1],
    ['chan', 'chain', 1],
    ['chains', 'chain', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('%s → %s', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric, and nothing only for the same word', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('nearest', () => {
  const known = ['cluster', 'network', 'steps', 'seed', 'as', 'at', 'min-replicas'];

  it.each([
    ['clutser', 'cluster'],
    ['step', 'steps'],
    ['Steps', 'steps'],
    ['sede', 'seed'],
    ['min_replicas', 'min-replicas'],
    ['minReplicas', 'min-replicas'],
    ['att', 'at'],
    ['a', 'as'],
    ['banana', undefined],
    ['nodes', undefined],
    ['', undefined],
    ['x'.repeat(1_000), undefined],
  ])('%s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });
});
