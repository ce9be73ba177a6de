// How chains are refilled, shortened and evened out. Members are single letters, clockwise; registrations are of epoch 7.
import { describe, expect, it } from 'vitest';
import { planOf, saying } from './facts.test-kit.js';
import { withoutMembers } from './next-view.js';
import { foundingView } from './placement.js';
import type { Registration } from './registration.js';
import type { View } from './view.js';
import { membersOf, ringWith, smallSettings, textsOf } from './views.test-kit.js';

const leaving = (ids: string): readonly Registration[] =>
  ids.split(' ').map((id) => saying(id, { leaving: 'handing-over' }));

/** Chains of three. */
const planned = (ring: string, chains: readonly string[], told: readonly Registration[] = []): readonly string[] =>
  textsOf(planOf(ringWith({ chainLength: 3 }, ring, ...chains), told)) ?? [];

describe('a short chain', () => {
  it('gets the first learner clockwise behind its tail', () => {
    expect(planned('a b c d e', ['a b'])).toEqual(['a b + c']);
    expect(planned('a b c d e', ['d a'])).toEqual(['d a + b']);
    expect(planned('a b c d e', ['d e'])).toEqual(['d e + a']);
    expect(planned('a b c d e', ['c'])).toEqual(['c + d']);
  });

  it('rather a learner between tail and head than between head and tail', () => {
    expect(planned('a b c d', ['a c'])).toEqual(['a c + d']);
    expect(planned('a b c', ['a c'])).toEqual(['a c + b']);
  });

  it('passes over those who have their share', () => {
    expect(planned('a b c d e f', ['c d e', 'd c f', 'a b'])).toEqual(['c d e', 'd c f', 'a b + e']);
  });

  it('gets one at a time', () => {
    expect(planned('a b c', ['a + b'])).toEqual([]);
  });

  it('is as long as the ring, if that is shorter', () => {
    expect(planned('a b', ['a b', 'b'])).toEqual(['a b', 'b + a']);
    expect(planned('a', ['a'])).toEqual([]);
  });

  it('gets none whose disk is full, and none at all where all are', () => {
    const view = ringWith({ chainLength: 3 }, 'a b c d e', 'a b');
    expect(textsOf(planOf(view, [], { fullDisks: new Set('cd') }))).toEqual(['a b + e']);
    expect(planOf(view, [], { fullDisks: new Set('cde') })).toBeUndefined();
  });

  it('that is lost gets none', () => {
    expect(planned('a b c', ['lost x'])).toEqual([]);
  });

  it('with fewer copies comes first where not all can be refilled', () => {
    const view = ringWith({ chainLength: 3 }, 'a b c', 'a b', 'b', 'a b');
    expect(textsOf(planOf(view, [], { learningMax: 1 }))).toEqual(['a b', 'b + c', 'a b']);
    expect(textsOf(planOf(view, [], { learningMax: 2 }))).toEqual(['a b + c', 'b + c', 'a b']);
  });
});

describe('a chain that is too long', () => {
  it('loses the member that serves most', () => {
    expect(planned('a b c d', ['a b c d', 'b c', 'c a'])[0]).toBe('a b d');
  });

  it('of several the nearest to the head', () => {
    expect(planned('a b c d', ['a b c d'])).toEqual(['b c d']);
  });

  it('loses one at a time', () => {
    expect(planned('a b c d e', ['a b c d e'])).toEqual(['b c d e']);
  });

  it('loses those who leave first', () => {
    expect(planned('a b c d', ['a b c d', 'a b c'], leaving('d'))[0]).toBe('a b c');
  });
});

describe('those who leave', () => {
  it('are replaced first and dropped then', () => {
    expect(planned('a b c d', ['a b c'], leaving('b'))).toEqual(['a b c + d']);
    const told = [saying('c', { ready: [{ shard: 0, learner: 'd' }] }), ...leaving('b')];
    expect(planned('a b c d', ['a b c + d'], told)).toEqual(['a c d']);
  });

  it('learn nothing', () => {
    expect(planned('a b c d', ['a b'], leaving('c'))).toEqual(['a b + d']);
  });

  it('are dropped without a replacement where none stays for it', () => {
    expect(planned('a b c', ['a b c'], leaving('c'))).toEqual(['a b']);
    expect(planned('a b', ['b'], leaving('b'))).toEqual(['b + a']);
  });

  it('leave the last copy to somebody who stays, if only to one of them', () => {
    expect(planned('a b c', ['a b c', 'c'], leaving('a b c'))).toEqual(['a b', 'c + a']);
  });
});

describe('even loads', () => {
  it('a newcomer takes over from those who serve most, near the tails of their chains', () => {
    expect(planned('a b c d', ['a b c', 'a b c', 'a b c', 'a b c'])).toEqual([
      'a b c + d',
      'a b c + d',
      'a b c + d',
      'a b c',
    ]);
  });

  it('only a few at a time', () => {
    const view = ringWith({ chainLength: 1 }, 'a b', 'a', 'a', 'a', 'a', 'a', 'a', 'a');
    expect(textsOf(planOf(view, [], { learningMax: 2 }))?.filter((text) => text !== 'a')).toEqual(['a + b', 'a + b']);
  });

  it('are good enough with a difference of one', () => {
    expect(planned('a b c d', ['a b c', 'd a b'])).toEqual([]);
  });

  it.each([
    ['while a chain is short', ['a b c', 'a b c', 'a b c', 'a b'], ['a b c', 'a b c', 'a b c', 'a b + d']],
    ['while anybody learns', ['a b c', 'a b c', 'a b c', 'a b + d'], []],
  ])('are no business %s', (_, chains, expected) => {
    expect(planned('a b c d', chains)).toEqual(expected);
  });
});

it('the chains of a dead server spread over many helpers on a large ring, and over the next few on a small one', () => {
  const helpers = (servers: number, shards: number): readonly number[] => {
    const founded: View = foundingView(membersOf(servers), 'test', { ...smallSettings, shards, chainLength: 3 });
    const next = planOf(withoutMembers(founded, new Set(['n2'])), [], { learningMax: 64 });
    const learners = next?.chains.flatMap((chain) => chain.learners) ?? [];
    expect(learners).toHaveLength((3 * shards) / servers);
    return [...new Set(learners)].map((id) => learners.filter((each) => each === id).length);
  };
  const [few, many] = [helpers(5, 10), helpers(100, 1000)];
  expect(few.length).toBeGreaterThan(2);
  expect(many.length).toBe(30);
  expect(Math.max(...many)).toBe(1);
});
