// Founding placement: every member has its even share, whatever the numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foundingView, placeChains } from './placement.js';
import { neighbour } from './view.js';
import { membersOf, smallSettings } from './views.test-kit.js';

const sizes = fc.record({
  members: fc.integer({ min: 1, max: 24 }),
  chainLength: fc.integer({ min: 1, max: 6 }),
  shards: fc.integer({ min: 1, max: 80 }),
});
type Sizes = typeof sizes extends fc.Arbitrary<infer S> ? S : never;

function everyPlacement(check: (sizes: Sizes, chains: readonly (readonly string[])[]) => void): void {
  fc.assert(
    fc.property(sizes, (drawn) => {
      const chains = placeChains(membersOf(drawn.members), { ...smallSettings, ...drawn });
      check(
        drawn,
        chains.map((chain) => chain.members),
      );
    }),
    { numRuns: 200 },
  );
}

/** No member has more than one above what another has. */
function expectEven(members: number, chains: readonly (readonly string[])[]): void {
  const counts = membersOf(members).map(({ id }) => chains.filter((chain) => chain.includes(id)).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
}

describe('every placement', () => {
  it('gives each shard a chain of the length asked for, as far as there are members', () => {
    everyPlacement(({ members, chainLength, shards }, chains) => {
      expect(chains).toHaveLength(shards);
      expect(new Set(chains.map((chain) => chain.length))).toEqual(new Set([Math.min(chainLength, members)]));
    });
  });

  it('has no member twice in a chain', () => {
    everyPlacement((_, chains) => {
      expect(chains.filter((chain) => new Set(chain).size < chain.length)).toEqual([]);
    });
  });

  it('spreads heads evenly', () => {
    everyPlacement(({ members }, chains) =>
      expectEven(
        members,
        chains.map((chain) => chain.slice(0, 1)),
      ),
    );
  });

  it('spreads tails evenly', () => {
    everyPlacement(({ members }, chains) =>
      expectEven(
        members,
        chains.map((chain) => chain.slice(-1)),
      ),
    );
  });

  it('spreads copies evenly', () => {
    everyPlacement(({ members }, chains) => expectEven(members, chains));
  });
});

describe('what it keeps evenly at the sizes that scenarios use', () => {
  it.each([
    [3, 16, 2],
    [5, 16, 3],
    [4, 4, 1],
    [4, 12, 1],
    [65, 65, 3],
    [100, 100, 3],
    [128, 128, 3],
    [128, 64, 3],
  ])('%i members, %i shards, chains of %i', (members, shards, chainLength) => {
    const chains = placeChains(membersOf(members), { ...smallSettings, shards, chainLength });
    expectEven(
      members,
      chains.map((chain) => chain.members),
    );
  });
});

it('the founding view is the first, with consecutive members in each chain', () => {
  const view = foundingView(membersOf(5), 'test', { ...smallSettings, chainLength: 3, shards: 16 });
  expect(view.epoch).toBe(1);
  for (const { members, learners } of view.chains) {
    expect(learners).toEqual([]);
    const consecutive = members.map((_, i) => neighbour(view, members[0] as string, i).id);
    expect(members).toEqual(consecutive);
  }
});
