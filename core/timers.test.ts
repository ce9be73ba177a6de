// The next timer against looking at all of them.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NEVER, NO_TIMERS, nextTimer, TIMER_NAMES, type Timers } from './timers.js';

const at = fc.oneof(fc.nat({ max: 5 }), fc.constant(NEVER));
const someTimers: fc.Arbitrary<Timers> = fc
  .tuple(...TIMER_NAMES.map((name) => at.map((time) => [name, time] as const)))
  .map((entries) => Object.fromEntries(entries) as Timers);

it('none is set at first', () => {
  expect(Object.keys(NO_TIMERS)).toEqual(TIMER_NAMES);
  expect(nextTimer(NO_TIMERS)).toBeUndefined();
});

it('the earliest comes first, of equals the one that stands first in the table', () => {
  fc.assert(
    fc.property(someTimers, (timers) => {
      const earliest = Math.min(...TIMER_NAMES.map((name) => timers[name]));
      const name = TIMER_NAMES.find((each) => timers[each] === earliest);
      expect(nextTimer(timers)).toEqual(earliest === NEVER ? undefined : { name, at: earliest });
    }),
  );
});

it('the order of the record plays no part', () => {
  fc.assert(
    fc.property(someTimers, (timers) => {
      const reversed = Object.fromEntries(Object.entries(timers).reverse()) as Timers;
      expect(nextTimer(reversed)).toEqual(nextTimer(timers));
    }),
  );
});
