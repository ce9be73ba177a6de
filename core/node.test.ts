// The operator around the machine: one state for each subscription, one batch for each input.
import { from, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Input } from './input.js';
import { node, type Step, type Stepped } from './node.js';
import { initialState } from './state.js';

const initial = initialState({ id: 'n1', incarnation: 1, address: 'n1:1', clusterId: 'c', seed: 0 });
const wake = (now: number): Input => ({ kind: 'wake', now });

/** Counts inputs in the seed, and asks for as many wake-ups as it has counted. */
const counting: Step = (state, input) => ({
  state: { ...state, seed: state.seed + 1 },
  outputs: Array.from({ length: state.seed }, () => ({ kind: 'wake-at', at: input.now, why: 'test' })),
});

function run(step: Step, inputs: readonly Input[]): { steps: Stepped[]; error: unknown } {
  const steps: Stepped[] = [];
  let error: unknown;
  from(inputs)
    .pipe(node(step, initial))
    .subscribe({ next: (stepped) => steps.push(stepped), error: (thrown) => (error = thrown) });
  return { steps, error };
}

it('hands each input the state that the one before left', () => {
  const { steps } = run(counting, [wake(1), wake(2), wake(3)]);
  expect(steps.map(({ state }) => state.seed)).toEqual([1, 2, 3]);
});

it('one input, one batch, however many outputs', () => {
  const { steps } = run(counting, [wake(1), wake(2), wake(3)]);
  expect(steps.map(({ outputs }) => outputs.length)).toEqual([0, 1, 2]);
});

it('every subscription has a state of its own', () => {
  const inputs = new Subject<Input>();
  const nodes = inputs.pipe(node(counting, initial));
  const [early, late]: [number[], number[]] = [[], []];
  nodes.subscribe(({ state }) => early.push(state.seed));
  inputs.next(wake(1));
  nodes.subscribe(({ state }) => late.push(state.seed));
  inputs.next(wake(2));
  expect([early, late]).toEqual([[1, 2], [1]]);
  expect(initial.seed).toBe(0);
});

describe('a throw', () => {
  const breaking: Step = (state, input) => {
    if (input.now === 2) throw new Error('broken');
    return counting(state, input);
  };

  it('is the error of the stream, and its end', () => {
    const { steps, error } = run(breaking, [wake(1), wake(2), wake(3)]);
    expect(error).toEqual(new Error('broken'));
    expect(steps).toHaveLength(1);
  });
});
