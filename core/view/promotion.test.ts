// What becomes of learners. Members are single letters, clockwise; registrations are of epoch 7.
import { describe, expect, it } from 'vitest';
import { factsOf, planOf, saying } from './facts.test-kit.js';
import { nextView } from './next-view.js';
import type { Registration } from './registration.js';
import type { View } from './view.js';
import { ringWith, textsOf } from './views.test-kit.js';

const ring = (...chains: readonly string[]): View => ringWith({ chainLength: 3 }, 'a b c d', ...chains);
const planned = (chain: string, ...registrations: readonly Registration[]): string | undefined =>
  textsOf(planOf(ring(chain), registrations))?.[0];
const ready = (tail: string, learner: string, shard = 0): Registration => saying(tail, { ready: [{ shard, learner }] });
const stalled = (tail: string, learner: string): Registration => saying(tail, { stalled: [{ shard: 0, learner }] });

describe('a learner that is caught up', () => {
  it('becomes the last member', () => {
    expect(planned('a b + c', ready('b', 'c'))).toBe('a b c');
  });

  it('makes room for the next one', () => {
    expect(planned('a + b', ready('a', 'b'))).toBe('a b + c');
  });

  it('several are promoted in one change', () => {
    const view = ring('a b + c', 'b c + d', 'c d + a');
    const next = planOf(view, [ready('b', 'c', 0), ready('d', 'a', 2)]);
    expect(textsOf(next)).toEqual(['a b c', 'b c + d', 'c d a']);
  });

  it.each([
    ['of another member than the tail', ready('a', 'c')],
    ['of the learner itself', ready('c', 'c')],
    ['of somebody else', ready('b', 'd')],
    ['of another shard', ready('b', 'c', 1)],
    ['of an older epoch', { ...ready('b', 'c'), epoch: 6 }],
    ['of an older life', { ...ready('b', 'c'), incarnation: 0 }],
  ])('not by the word %s', (_, told) => {
    expect(planned('a b + c', told)).toBeUndefined();
  });

  it('is not promoted by a repair, nor while anything is broken', () => {
    expect(nextView(ring('a b + c'), factsOf([ready('b', 'c')]))).toBeUndefined();
    expect(planned('a b + c', ready('b', 'c'), saying('d', { brokenOut: true }))).toBeUndefined();
  });
});

describe('a learner that holds up its tail', () => {
  it('goes at once, and another one is tried', () => {
    expect(textsOf(nextView(ring('a b + c'), factsOf([stalled('b', 'c')])))).toEqual(['a b + d']);
    expect(planned('a b + c', stalled('b', 'c'))).toBe('a b + d');
  });

  it('goes without another one where there is none', () => {
    const view = ringWith({ chainLength: 3 }, 'a b c', 'a b + c');
    expect(textsOf(nextView(view, factsOf([stalled('b', 'c')])))).toEqual(['a b']);
  });

  it('is not promoted, whatever else its tail says', () => {
    const both = { ...stalled('b', 'c'), ready: [{ shard: 0, learner: 'c' }] };
    expect(planned('a b + c', both)).toBe('a b + d');
  });

  it('stays by the word of anybody but its tail', () => {
    expect(planned('a b + c', stalled('a', 'c'))).toBeUndefined();
  });
});

it('a learner that wants to leave is taken off', () => {
  expect(planned('a b + c', ready('b', 'c'), saying('c', { leaving: 'handing-over' }))).toBe('a b + d');
});

it('a learner whose disk has run full is taken off, unless it is caught up', () => {
  const planned = (...told: readonly Registration[]): readonly string[] | undefined =>
    textsOf(planOf(ring('a b + c'), told, { fullDisks: new Set('c') }));
  expect(planned()).toEqual(['a b + d']);
  expect(planned(ready('b', 'c'))).toEqual(['a b c']);
});
