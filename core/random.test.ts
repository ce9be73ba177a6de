// The random numbers: always the same for a seed (stored runs depend on them), and spread evenly.
import { describe, expect, it } from 'vitest';
import { nextRandom } from './random.js';

function draws(seed: number, count: number): number[] {
  const values: number[] = [];
  let at = seed;
  for (let i = 0; i < count; i++) {
    const drawn = nextRandom(at);
    values.push(drawn.value);
    at = drawn.seed;
  }
  return values;
}

describe('the same for ever', () => {
  it.each([
    [0, [1144304738, 1416247, 958946056]],
    [1, [2693262067, 11749833, 2265367787]],
    [0xffffffff, [3850105811, 813802916, 3073704848]],
  ])('seed %i', (seed, values) => {
    expect(draws(seed, 3)).toEqual(values);
  });

  it('a seed outside of 32 bits counts as its lowest 32', () => {
    expect(draws(2 ** 32 + 7, 5)).toEqual(draws(7, 5));
    expect(draws(-1, 5)).toEqual(draws(2 ** 32 - 1, 5));
  });
});

describe('spread', () => {
  const count = 64_000;
  const values = draws(20_260_101, count);

  it('whole numbers of 32 bits', () => {
    expect(values.filter((value) => value !== value >>> 0)).toEqual([]);
  });

  it('as many in each of 64 parts, give or take a tenth', () => {
    const parts = new Array<number>(64).fill(0);
    for (const value of values) parts[value >>> 26] = (parts[value >>> 26] ?? 0) + 1;
    for (const part of parts) expect(Math.abs(part - count / 64)).toBeLessThan(count / 640);
  });

  it('every bit is set half of the time', () => {
    for (let bit = 0; bit < 32; bit++) {
      const set = values.filter((value) => (value >>> bit) & 1).length;
      expect(Math.abs(set - count / 2)).toBeLessThan(count / 100);
    }
  });

  it('hardly ever the same twice, from neighbouring seeds, too', () => {
    const seen = new Set(Array.from({ length: 1000 }, (_, seed) => draws(seed, 3)).flat());
    expect(seen.size).toBeGreaterThan(2998);
  });
});
