// A ring with backpressure never deadlocks: insertion leaves a slot free, and a free slot lets some frame move.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advances, emptySlots, insertions, isDeadlock, type Rule, reachable } from './bubble-rule.test-kit.js';
import { FlowRing } from './flow-ring.test-kit.js';

const bubble = 2;
const planted = 1;

describe('the rule, in every interleaving', () => {
  const small: readonly Omit<Rule, 'insertionNeeds'>[] = [
    { servers: 2, slots: 2 },
    { servers: 2, slots: 3 },
    { servers: 3, slots: 2 },
  ];

  it.each(small)('$servers servers with $slots slots never deadlock', (sizes) => {
    const rule = { ...sizes, insertionNeeds: bubble };
    const rings = reachable(rule);
    expect(rings.filter((ring) => isDeadlock(rule, ring))).toEqual([]);
    // The tightest ring was among them: one free slot in all.
    const used = Math.max(...rings.map((ring) => ring.flat().length));
    expect(used).toBe(sizes.servers * sizes.slots - 1);
  });

  it.each(small)('$servers servers with $slots slots deadlock if an insertion needs one free slot only', (sizes) => {
    const rule = { ...sizes, insertionNeeds: planted };
    expect(reachable(rule).some((ring) => isDeadlock(rule, ring))).toBe(true);
  });
});

describe('the rule, in any interleaving of larger rings', () => {
  /** Follows the choices; insertions come first in the list, and so often. */
  function neverDeadlocks(insertionNeeds: number): boolean {
    const runs = fc.tuple(
      fc.integer({ min: 2, max: 7 }),
      fc.integer({ min: 2, max: 4 }),
      fc.array(fc.nat({ max: 9999 }), { minLength: 50, maxLength: 200, size: 'max' }),
    );
    const result = fc.check(
      fc.property(runs, ([servers, slots, choices]) => {
        const rule = { servers, slots, insertionNeeds };
        let ring = emptySlots(rule);
        for (const choice of choices) {
          const moves = [...insertions(rule, ring), ...advances(rule, ring)];
          ring = moves[choice % moves.length] ?? ring;
          if (isDeadlock(rule, ring)) return false;
        }
        return true;
      }),
    );
    return !result.failed;
  }

  it('never deadlocks', () => expect(neverDeadlocks(bubble)).toBe(true));
  it('deadlocks if an insertion needs one free slot only', () => expect(neverDeadlocks(planted)).toBe(false));
});

describe('a ring of real flows', () => {
  const rings = fc.record({
    size: fc.integer({ min: 2, max: 6 }),
    slots: fc.integer({ min: 3, max: 5 }),
    wireFramesMax: fc.integer({ min: 1, max: 3 }),
  });
  const choices = fc.array(fc.tuple(fc.nat({ max: 9999 }), fc.nat({ max: 9999 }), fc.boolean()), {
    maxLength: 300,
    size: 'max',
  });
  type Chosen = readonly (readonly [number, number, boolean])[];

  /** Lets things happen as chosen, then whatever is left. @returns the fewest slots that were ever free. */
  function run(ring: FlowRing, size: number, chosen: Chosen): number {
    let tightest = ring.freeSlots;
    for (const [one, other, inserts] of chosen) {
      const { events } = ring;
      if (inserts || events.length === 0) ring.insert(one % size, 1 + (other % size));
      else events[one % events.length]?.();
      tightest = Math.min(tightest, ring.freeSlots);
    }
    for (let i = 0; ring.events.length > 0; i++) {
      const { events } = ring;
      const [at] = chosen[i % Math.max(1, chosen.length)] ?? [0];
      events[at % events.length]?.();
      tightest = Math.min(tightest, ring.freeSlots);
    }
    return tightest;
  }

  it('brings every frame home, in whatever order frames, credits and drains are delivered', () => {
    fc.assert(
      fc.property(rings, choices, ({ size, slots, wireFramesMax }, chosen) => {
        const ring = new FlowRing(size, slots, wireFramesMax);
        expect(run(ring, size, chosen)).toBeGreaterThanOrEqual(1);
        expect(ring.arrived).toBe(ring.inserted);
      }),
    );
  });

  it('really fills all slots but one', () => {
    const runs = fc.sample(choices, { seed: 1, numRuns: 50 });
    expect(Math.min(...runs.map((chosen) => run(new FlowRing(2, 3, 3), 2, chosen)))).toBe(1);
  });
});
