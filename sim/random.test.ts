// Streams of a name are independent of all others, and stay in their ranges.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawUs, RandomStreams, randomStream } from './random.js';
import type { RandomStream } from './world-api.js';

const draw = (stream: RandomStream, count: number): readonly number[] =>
  Array.from({ length: count }, () => stream.int(0, 1_000_000));

describe('random streams', () => {
  it('are the same for the same seed and name, whoever else draws', () => {
    const alone = new RandomStreams(7).named('a');
    const streams = new RandomStreams(7);
    const others = draw(streams.named('b'), 5);
    const first = draw(streams.named('a'), 3);
    draw(streams.named('b'), 2);
    expect([...first, ...draw(streams.named('a'), 3)]).toEqual(draw(alone, 6));
    expect(others).not.toEqual(draw(randomStream(7, 'a'), 5));
    expect(draw(randomStream(8, 'a'), 5)).not.toEqual(draw(randomStream(7, 'a'), 5));
  });

  it('stay within their range', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(2 ** 31), fc.maxSafeNat(), (seed, low, more) => {
        const max = Math.min(low + more, Number.MAX_SAFE_INTEGER - 1);
        const stream = randomStream(seed, 'range');
        const drawn = stream.int(low, max);
        expect(Number.isSafeInteger(drawn) && drawn >= low && drawn <= max).toBe(true);
        const unit = stream.unit();
        expect(unit >= 0 && unit < 1).toBe(true);
      }),
    );
  });

  it('reach every number of a range about equally often', () => {
    const stream = randomStream(1, 'dice');
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 6000; i++) {
      const side = stream.int(0, 5);
      counts[side] = (counts[side] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  it('draw nothing where there is no choice', () => {
    const stream = randomStream(1, 'span');
    expect(drawUs(stream, { minUs: 5, maxUs: 5 })).toBe(5);
    expect(draw(stream, 3)).toEqual(draw(randomStream(1, 'span'), 3));
  });

  it('refuse an empty range', () => {
    expect(() => randomStream(1, 'none').int(2, 1)).toThrow('a range of whole numbers');
  });
});
