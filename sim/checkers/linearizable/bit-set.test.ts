// The bit set against a plain Set.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BitSet, isSubset } from './bit-set.js';

const size = 80;
const changes = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: size - 1 })), { maxLength: 200 });

function run(steps: readonly (readonly [boolean, number])[]): { bits: BitSet; plain: Set<number> } {
  const bits = new BitSet(size);
  const plain = new Set<number>();
  for (let bit = 0; bit < 40; bit++) {
    bits.add(bit);
    plain.add(bit);
  }
  for (const [isAdded, bit] of steps) {
    if (isAdded) bits.add(bit);
    else bits.delete(bit);
    if (isAdded) plain.add(bit);
    else plain.delete(bit);
  }
  return { bits, plain };
}

it('has equal keys for equal sets, different keys for different sets, and knows subsets', () => {
  fc.assert(
    fc.property(changes, changes, (one, other) => {
      const [a, b] = [run(one), run(other)];
      const isEqual = a.plain.size === b.plain.size && [...a.plain].every((bit) => b.plain.has(bit));
      expect(a.bits.windowKey() === b.bits.windowKey()).toBe(isEqual);
      expect(a.bits.wholeKey() === b.bits.wholeKey()).toBe(isEqual);
      const inner = [...a.plain].every((bit) => b.plain.has(bit));
      expect(isSubset(a.bits.wholeKey(), b.bits.wholeKey())).toBe(inner);
      const rebuilt = run([]).bits;
      for (let bit = 0; bit < size; bit++) {
        if (a.plain.has(bit)) rebuilt.add(bit);
        else rebuilt.delete(bit);
      }
      expect(rebuilt.windowKey()).toBe(a.bits.windowKey());
    }),
  );
});

it('has a short key for a large prefix', () => {
  const bits = new BitSet(100_000);
  for (let bit = 0; bit < 99_990; bit++) bits.add(bit);
  expect(bits.windowKey().length).toBeLessThan(10);
  bits.delete(0);
  expect(bits.windowKey().length).toBeGreaterThan(6000);
});
