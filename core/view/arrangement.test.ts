// A ring in which nothing was ever written: its chains become what founding would have made them. Members are single letters.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, planOf, saying } from './facts.test-kit.js';
import { nextView } from './next-view.js';
import { foundingView } from './placement.js';
import { courseOf } from './plans.test-kit.js';
import type { Registration } from './registration.js';
import { type Chain, makeView, type View } from './view.js';
import { membersOf, ringWith, smallSettings, textsOf } from './views.test-kit.js';

const numRuns = Number(process.env['PPNFS_PROPERTY_RUNS'] ?? 200);
const WISHES = { leaving: [], coming: [], written: false };

/** Chains of two, unless said otherwise, after one view. */
function planned(ring: string, chains: readonly string[], told: readonly Registration[] = [], chainLength = 2): string {
  const view = ringWith({ chainLength }, ring, ...chains);
  const silent = view.ring.filter(({ id }) => !told.some(({ member }) => member === id));
  const all = [...told, ...silent.map(({ id }) => saying(id, { written: false }))];
  return (textsOf(planOf(view, all)) ?? []).join(', ');
}

describe('an unwritten ring', () => {
  it('has heads moved on to where too few are', () => {
    expect(planned('a b c d', ['a b', 'a b', 'a b', 'c d'])).toBe('a b, a b + c, a b + d, c d');
  });

  it('promotes and shortens in one', () => {
    const ready = saying('b', { written: false, ready: [{ shard: 1, learner: 'c' }] });
    expect(planned('a b c d', ['a b', 'a b + c', 'c d', 'd a'], [ready])).toBe('a b, b c, c d, d a');
  });

  it('where a member stands too far ahead, has it leave and come back behind the others', () => {
    expect(planned('a b c', ['a c b', 'a b c', 'c a b'], [], 3)).toBe('');
    expect(planned('a b c d', ['a c b'], [], 3)).toBe('a c b + d');
    const ready = saying('b', { written: false, ready: [{ shard: 0, learner: 'd' }] });
    expect(planned('a b c d', ['a c b + d'], [ready], 3)).toBe('a b d + c');
  });

  it('of which a chain takes all is laid anew while chains grow, and none is ever shorter than it was', () => {
    const ready = [1, 2].map((shard) => ({ shard, learner: 'c' }));
    const tail = saying('b', { written: false, ready });
    expect(planned('a b c', ['a b + c', 'a b + c', 'a b + c'], [tail], 3)).toBe('a b + c, b c + a, b c + a');
  });

  it('is one of which every member says so', () => {
    const chains = ['a b', 'a b', 'a b', 'a b'];
    expect(planned('a b c d', chains)).not.toBe('');
    for (const id of 'abcd') expect(planned('a b c d', chains, [saying(id, { written: true })])).not.toContain('+ b');
    const view = ringWith({ chainLength: 2 }, 'a b', 'a b', 'a b');
    expect(nextView(view, factsOf([saying('a', { written: false })], { task: 'plan' }))).toBeUndefined();
  });

  it('of any epoch, and not of another cluster', () => {
    const chains = ['a b', 'a b', 'a b', 'a b'];
    const all = planned('a b c d', chains);
    expect(planned('a b c d', chains, [saying('d', { written: false, epoch: 3 })])).toBe(all);
    expect(planned('a b c d', chains, [saying('d', { written: false, clusterId: 'other' })])).not.toBe(all);
  });
});

const headsOf = (view: View): readonly number[] =>
  view.ring.map(({ id }) => view.chains.filter(({ members }) => members[0] === id).length);
const loadsOf = (view: View): readonly number[] =>
  view.ring.map(({ id }) => view.chains.filter(({ members }) => members.includes(id)).length);
const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

describe('a ring that grows before anything is written', () => {
  /** Founded by one, the others put in at any places, some first and the rest later. */
  const growing = fc.record({
    order: fc.shuffledSubarray([...'abcdefgh'], { minLength: 1 }),
    first: fc.nat({ max: 7 }),
    shards: fc.integer({ min: 1, max: 40 }),
    chainLength: fc.integer({ min: 1, max: 4 }),
    learningMax: fc.integer({ min: 1, max: 40 }),
    patterns: fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 5 }),
  });

  /** The same chains in a larger ring. */
  const grown = (view: View, ids: readonly string[]): View =>
    makeView({ ...view, ring: ids.map((id) => ({ id, incarnation: 1, address: `${id}:1` })) });

  it('comes to rest as it would have been founded: even heads, even loads, consecutive members', () => {
    fc.assert(
      fc.property(growing, ({ order, first, shards, chainLength, learningMax, patterns }) => {
        const settings = { ...smallSettings, shards, chainLength };
        const founder = order[0] as string;
        const alone = foundingView([{ id: founder, incarnation: 1, address: `${founder}:1` }], 'test', settings);
        const some = order.slice(0, 1 + (first % order.length)).sort();
        let course = courseOf(grown(alone, some), WISHES, patterns, learningMax);
        course = [
          ...course,
          ...courseOf(grown(course.at(-1) as View, [...order].sort()), WISHES, patterns, learningMax),
        ];
        const last = course.at(-1) as View;
        expect(course.length).toBeLessThan(20 + 8 * shards * chainLength);
        expect([spread(headsOf(last)) <= 1, spread(loadsOf(last)) <= 1]).toEqual([true, true]);
        const length = Math.min(chainLength, last.ring.length);
        for (const { members, learners } of last.chains) {
          const start = last.positions.get(members[0] as string) as number;
          const wanted = members.map((_, i) => last.ring[(start + i) % last.ring.length]?.id);
          expect([members, learners]).toEqual([wanted.slice(0, length), []]);
        }
      }),
      { numRuns },
    );
  });

  it('never shortens a chain that is not too long', () => {
    fc.assert(
      fc.property(growing, ({ order, shards, chainLength, learningMax, patterns }) => {
        const founder = { id: order[0] as string, incarnation: 1, address: 'x:1' };
        const alone = foundingView([founder], 'test', { ...smallSettings, shards, chainLength });
        const course = courseOf(grown(alone, [...order].sort()), WISHES, patterns, learningMax);
        course.slice(1).forEach((view, i) => {
          view.chains.forEach(({ members }: Chain, shard) => {
            const before = course[i]?.chains[shard] as Chain;
            expect(members.length).toBeGreaterThanOrEqual(Math.min(before.members.length, chainLength, order.length));
          });
        });
      }),
      { numRuns },
    );
  });
});

it('a founded ring is left as it is', () => {
  for (const [servers, shards] of [
    [3, 16],
    [5, 128],
    [65, 65],
    [128, 64],
  ] as const) {
    const founded = foundingView(membersOf(servers), 'test', { ...smallSettings, chainLength: 3, shards });
    const registrations = founded.ring.map(({ id }) => saying(id, { written: false }));
    expect(nextView(founded, factsOf(registrations, { task: 'plan' }))).toBeUndefined();
  }
});
