// The kernel agrees with its dumb twin: an array sorted by time, then by the order of scheduling.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel } from './kernel.js';

/** Each event, when it runs, schedules more events after so many µs. */
interface Plan {
  readonly afterUs: number;
  readonly causes: readonly Plan[];
}

const plan: fc.Arbitrary<Plan> = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    afterUs: fc.oneof(fc.constant(0), fc.nat(5), fc.nat(1_000_000)),
    causes: fc.oneof({ depthSize: 'small' }, fc.constant([]), fc.array(tie('plan'), { maxLength: 4 })),
  }),
})).plan;

type Schedule = (atUs: number, action: () => void) => void;

/** Runs the plans and notes when which event ran. */
function play(plans: readonly Plan[], nowUs: () => number, schedule: Schedule, runAll: () => void): readonly string[] {
  const story: string[] = [];
  let count = 0;
  const add = ({ afterUs, causes }: Plan): void => {
    const name = count++;
    schedule(nowUs() + afterUs, () => {
      story.push(`${nowUs()} #${name}`);
      for (const next of causes) add(next);
    });
  };
  for (const one of plans) add(one);
  runAll();
  return story;
}

function onKernel(plans: readonly Plan[]): readonly string[] {
  const kernel = new Kernel();
  return play(
    plans,
    () => kernel.nowUs,
    (atUs, action) => kernel.schedule(atUs, { run: action }),
    () => {
      while (kernel.nextUs !== undefined) expect(kernel.runNext()).toBe(true);
      expect(kernel.runNext()).toBe(false);
      expect(kernel.size).toBe(0);
    },
  );
}

function onSortedArray(plans: readonly Plan[]): readonly string[] {
  const waiting: { readonly atUs: number; readonly order: number; readonly action: () => void }[] = [];
  let nowUs = 0;
  let order = 0;
  return play(
    plans,
    () => nowUs,
    (atUs, action) => waiting.push({ atUs, order: order++, action }),
    () => {
      while (waiting.length > 0) {
        waiting.sort((a, b) => a.atUs - b.atUs || a.order - b.order);
        const next = waiting.shift();
        nowUs = next?.atUs ?? nowUs;
        next?.action();
      }
    },
  );
}

describe('the kernel', () => {
  it('runs what a sorted array would run, in the same order', () => {
    fc.assert(
      fc.property(fc.array(plan, { maxLength: 40 }), (plans) => {
        expect(onKernel(plans)).toEqual(onSortedArray(plans));
      }),
    );
  });

  it('grows', () => {
    const plans = Array.from({ length: 2000 }, (_, i) => ({ afterUs: (i * 7919) % 997, causes: [] }));
    expect(onKernel(plans)).toEqual(onSortedArray(plans));
  });

  it('knows how many events are to come, and when the next one is', () => {
    const kernel = new Kernel();
    expect([kernel.size, kernel.nextUs]).toEqual([0, undefined]);
    kernel.schedule(0, { run: () => undefined });
    kernel.schedule(9, { run: () => undefined });
    expect([kernel.size, kernel.nextUs]).toEqual([2, 0]);
    kernel.runNext();
    expect([kernel.size, kernel.nextUs, kernel.nowUs]).toEqual([1, 9, 0]);
    kernel.runNext();
    expect([kernel.size, kernel.nextUs, kernel.nowUs]).toEqual([0, undefined, 9]);
  });

  it('goes neither back nor between microseconds', () => {
    const kernel = new Kernel();
    kernel.schedule(10, { run: () => undefined });
    kernel.runNext();
    expect(() => kernel.schedule(9, { run: () => undefined })).toThrow('events lie ahead');
    expect(() => kernel.schedule(10.5, { run: () => undefined })).toThrow('events lie ahead');
    expect(() => kernel.schedule(Number.NaN, { run: () => undefined })).toThrow('events lie ahead');
  });
});
