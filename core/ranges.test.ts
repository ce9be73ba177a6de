// Ranges against a Set of numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countOf, hasIndex, missingIn, NO_RANGES, type Ranges, rangesOf, withIndex, withoutIndex } from './ranges.js';

const END = 24;
const index = fc.nat({ max: END - 1 });
const indexes = fc.array(index, { maxLength: 40 });
const numbers = Array.from({ length: END }, (_, i) => i);

const made = (added: readonly number[]): Ranges => added.reduce(withIndex, NO_RANGES);
const listed = (ranges: Ranges): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));

/** Sorted, none empty, and none touches the next: equal sets are equal values. */
function expectCanonical(ranges: Ranges): void {
  ranges.forEach((range, i) => {
    expect(range.from).toBeLessThan(range.to);
    const next = ranges[i + 1];
    if (next !== undefined) expect(range.to).toBeLessThan(next.from);
  });
}

describe('agrees with a Set', () => {
  it('in any order of adding, and stays in its one shortest form', () => {
    fc.assert(
      fc.property(indexes, (added) => {
        let ranges = NO_RANGES;
        const twin = new Set<number>();
        for (const each of added) {
          ranges = withIndex(ranges, each);
          twin.add(each);
          expectCanonical(ranges);
          expect(countOf(ranges)).toBe(twin.size);
        }
        expect(listed(ranges)).toEqual([...twin].sort((a, b) => a - b));
        for (const each of numbers) expect(hasIndex(ranges, each)).toBe(twin.has(each));
      }),
    );
  });

  it('in any order of taking away', () => {
    fc.assert(
      fc.property(indexes, indexes, (added, removed) => {
        const twin = new Set(added);
        for (const each of removed) twin.delete(each);
        const ranges = removed.reduce(withoutIndex, made(added));
        expectCanonical(ranges);
        expect(listed(ranges)).toEqual([...twin].sort((a, b) => a - b));
      }),
    );
  });

  it('about what is missing between any two bounds', () => {
    fc.assert(
      fc.property(indexes, fc.nat({ max: END }), fc.nat({ max: END }), (added, from, to) => {
        const missing = missingIn(made(added), from, to);
        expectCanonical(missing);
        expect(listed(missing)).toEqual(numbers.filter((each) => each >= from && each < to && !added.includes(each)));
      }),
    );
  });

  it('made from sorted indexes at once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(index), (added) => {
        const sorted = added.toSorted((a, b) => a - b);
        expect(rangesOf(sorted)).toEqual(made(added));
      }),
    );
  });
});

it('an old value stays as it was', () => {
  const before = made([1, 2, 5]);
  withIndex(before, 3);
  withIndex(before, 6);
  expect(before).toEqual([
    { from: 1, to: 3 },
    { from: 5, to: 6 },
  ]);
});

it('adding what is there gives the same value', () => {
  const ranges = made([1, 2, 3]);
  expect(withIndex(ranges, 2)).toBe(ranges);
});

it('a terabyte in order is one range', () => {
  expect(missingIn([{ from: 0, to: 4_194_304 }], 0, 4_194_305)).toEqual([{ from: 4_194_304, to: 4_194_305 }]);
});
