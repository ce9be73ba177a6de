// The checker agrees with its dumb twin on random histories, finds what was tampered with, and stops at its limits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bruteForce } from './brute-force.test-kit.js';
import { checkLinearizable, defaultLimits } from './check.js';
import { fileSpecification } from './file-model.js';
import { fileHistory, kvHistory, type Plan, plans, registerHistory, type Shape } from './histories.test-kit.js';
import { kvAppendSpecification } from './kv-append-model.js';
import type { Specification, TimedOperation } from './model.js';
import { type RegisterOperation, registerSpecification } from './register-model.js';

const small: Shape = {
  count: { minLength: 0, maxLength: 7 },
  callMax: 14,
  lengthMax: 8,
  oneFalseIn: 6,
  picks: 6,
};
/** Few values and much concurrency. */
const crowded: Shape = { ...small, callMax: 5, picks: 3, oneFalseIn: 4 };

function agreesWithTwin<State, Operation extends TimedOperation>(
  shape: Shape,
  history: (planned: readonly Plan[]) => Operation[],
  specification: Specification<State, Operation>,
): void {
  const seen = { linearizable: 0, 'not linearizable': 0, undecided: 0 };
  fc.assert(
    fc.property(plans(shape), (planned) => {
      const operations = history(planned);
      const { verdict } = checkLinearizable(operations, specification);
      seen[verdict] += 1;
      expect(verdict).toBe(bruteForce(operations, specification) ? 'linearizable' : 'not linearizable');
    }),
    { numRuns: Number(process.env['PPNFS_PROPERTY_RUNS'] ?? 2000) },
  );
  // Both verdicts must really occur, or the property says little.
  expect(seen.linearizable).toBeGreaterThan(100);
  expect(seen['not linearizable']).toBeGreaterThan(100);
  expect(seen.undecided).toBe(0);
}

describe('agrees with trying every order', () => {
  it.each([
    ['small', small],
    ['crowded', crowded],
  ])('register, %s', (_, shape) => agreesWithTwin(shape, registerHistory, registerSpecification(null)));

  it.each([
    ['small', { ...small, picks: 2 }],
    ['crowded', { ...crowded, picks: 2 }],
  ])('strings with append, %s', (_, shape) => agreesWithTwin(shape, kvHistory, kvAppendSpecification('')));

  it.each([
    ['small', small],
    ['crowded', { ...crowded, picks: 6 }],
  ])('file, %s', (_, shape) => agreesWithTwin(shape, fileHistory, fileSpecification));
});

describe('long histories', () => {
  const long: Shape = {
    count: { minLength: 2500, maxLength: 3000 },
    callMax: 10_000,
    lengthMax: 12,
    oneFalseIn: 0,
    picks: 8,
  };

  it('a true one is linearizable, and quickly so', () => {
    for (const planned of fc.sample(fc.noBias(plans(long)), { numRuns: 3, seed: 1 })) {
      const answered = planned.map((plan): Plan => ({ ...plan, fate: 'answered' }));
      const file = checkLinearizable(fileHistory(answered), fileSpecification);
      expect(file).toMatchObject({ verdict: 'linearizable' });
      expect(file.steps).toBeLessThan(100_000);
      const register = checkLinearizable(registerHistory(answered), registerSpecification(null));
      expect(register).toMatchObject({ verdict: 'linearizable' });
      expect(register.steps).toBeLessThan(100_000);
    }
  });

  it('one falsified read among thousands is found', () => {
    const operations: RegisterOperation[] = [];
    for (let turn = 0; turn < 3000; turn++) {
      operations.push({ call: turn * 4, end: turn * 4 + 5, op: 'write', value: turn });
      operations.push({ call: turn * 4 + 6, end: turn * 4 + 7, op: 'read', result: turn === 2000 ? 7 : turn });
    }
    const found = checkLinearizable(operations, registerSpecification(null));
    expect(found).toMatchObject({ verdict: 'not linearizable', contradiction: { unplaced: [4001] } });
  });

  it('order of input does not matter', () => {
    const [planned = []] = fc.sample(plans({ ...long, count: { minLength: 200, maxLength: 200 } }), {
      numRuns: 1,
      seed: 2,
    });
    const operations = fileHistory(planned);
    const verdicts = [operations, operations.toReversed()].map(
      (each) => checkLinearizable(each, fileSpecification).verdict,
    );
    expect(verdicts).toEqual(['linearizable', 'linearizable']);
  });
});

describe('time', () => {
  const write = (call: number, end: number | null, value: number): RegisterOperation => ({
    call,
    end,
    op: 'write',
    value,
  });
  const read = (call: number, end: number, result: number | null): RegisterOperation => ({
    call,
    end,
    op: 'read',
    result,
  });
  const verdict = (...operations: RegisterOperation[]): string =>
    checkLinearizable(operations, registerSpecification(null)).verdict;

  it('what touches is concurrent, what follows is not', () => {
    expect(verdict(write(0, 5, 1), read(5, 6, null))).toBe('linearizable');
    expect(verdict(write(0, 5, 1), read(6, 7, null))).toBe('not linearizable');
  });

  it('without an answer an operation happens at any time, or never, but not before its call', () => {
    expect(verdict(write(0, null, 1), read(1, 2, null), read(90, 91, 1))).toBe('linearizable');
    expect(verdict(write(0, null, 1), read(90, 91, null))).toBe('linearizable');
    expect(verdict(write(5, null, 1), read(3, 4, 1))).toBe('not linearizable');
    expect(verdict(write(0, null, 1), read(3, 4, 1), read(5, 6, null))).toBe('not linearizable');
  });

  it('an empty history is linearizable', () => {
    expect(checkLinearizable([], registerSpecification(null))).toEqual({
      verdict: 'linearizable',
      partition: undefined,
      steps: 0,
    });
  });
});

describe('limits', () => {
  /** All writes at once, then reads of every one of them in an impossible order. */
  const hard = (count: number): RegisterOperation[] => [
    ...Array.from({ length: count }, (_, value): RegisterOperation => ({ call: 0, end: 1000, op: 'write', value })),
    ...Array.from(
      { length: count },
      (_, value): RegisterOperation => ({ call: 1, end: 999, op: 'read', result: value }),
    ),
    { call: 2, end: 3, op: 'read', result: -1 },
  ];

  it('of steps', () => {
    const found = checkLinearizable(hard(24), registerSpecification(null), { ...defaultLimits, stepsMax: 10_000 });
    expect(found).toMatchObject({ verdict: 'undecided', partition: 'register', limit: 'stepsMax' });
    expect(found.steps).toBeLessThan(11_000);
  });

  it('of memory', () => {
    const limits = { ...defaultLimits, visitedBytesMax: 100_000 };
    const found = checkLinearizable(hard(24), registerSpecification(null), limits);
    expect(found).toMatchObject({ verdict: 'undecided', limit: 'visitedBytesMax' });
  });

  it('of steps, for thousands of operations without an answer', () => {
    const operations = Array.from(
      { length: 3000 },
      (_, value): RegisterOperation =>
        ({ call: value, end: null, op: 'cas', from: value % 50, to: (value * 7) % 50 }) as RegisterOperation,
    );
    operations.push({ call: 5000, end: 5001, op: 'read', result: -1 }, { call: 0, end: 1, op: 'write', value: 1 });
    const found = checkLinearizable(operations, registerSpecification(null), { ...defaultLimits, stepsMax: 200_000 });
    expect(found.verdict).not.toBe('linearizable');
    expect(found.steps).toBeLessThan(210_000);
  });

  it('a contradiction outweighs what stays undecided', () => {
    const specification = kvAppendSpecification('');
    const puts = Array.from(
      { length: 30 },
      (_, n) => ({ call: 0, end: 99, key: 'hard', op: 'append', value: `${n};` }) as const,
    );
    const gets = [
      { call: 100, end: 101, key: 'hard', op: 'get', result: 'x' },
      { call: 0, end: 1, key: 'easy', op: 'get', result: 'y' },
    ] as const;
    const limits = { ...defaultLimits, stepsMax: 1000 };
    expect(checkLinearizable([...puts, gets[0]], specification, limits)).toMatchObject({ verdict: 'undecided' });
    expect(checkLinearizable([...puts, ...gets], specification, limits)).toMatchObject({
      verdict: 'not linearizable',
      partition: 'easy',
    });
  });
});
