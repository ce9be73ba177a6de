// Who is put into the ring, and who is let go. Members are single letters, clockwise; registrations are of epoch 7.
import { describe, expect, it } from 'vitest';
import { factsOf, planOf, saying, seat } from './facts.test-kit.js';
import { nextView } from './next-view.js';
import type { Registration } from './registration.js';
import { idsOf, ringOf, textsOf } from './views.test-kit.js';

/** A server that has found a seat. */
const coming = (id: string, between: string, facts: Partial<Registration> = {}): Registration =>
  saying(id, { seat: seat(between), ...facts });

const joined = (ring: string, ...registrations: readonly Registration[]): string | undefined =>
  idsOf(planOf(ringOf(ring, 'a b'), registrations));

describe('joining', () => {
  it('puts a server where its links are up, in its present life and with its address', () => {
    const next = planOf(ringOf('a b c', 'a b'), [coming('x', 'b c', { incarnation: 4 })]);
    expect(next?.ring.map(({ id, incarnation, address }) => `${id} ${incarnation} ${address}`)).toEqual([
      'a 1 a:1',
      'b 1 b:1',
      'x 4 x:1',
      'c 1 c:1',
    ]);
    expect(next?.epoch).toBe(8);
    expect(textsOf(next)).toEqual(['a b']);
  });

  it('across the numbering: behind the last', () => {
    expect(joined('a b c', coming('x', 'c a'))).toBe('a b c x');
  });

  it('puts one into a gap, the lowest id first, and one into each of several gaps', () => {
    expect(joined('a b c', coming('y', 'a b'), coming('x', 'a b'), coming('z', 'b c'))).toBe('a x b z c');
  });

  it('a ring of one is before and behind', () => {
    expect(idsOf(planOf(ringOf('a', 'a'), [coming('x', 'a a')]))).toBe('a x');
    expect(idsOf(planOf(ringOf('a b', 'a b'), [coming('x', 'a a')]))).toBeUndefined();
  });

  it.each([
    ['a server without a seat', saying('x')],
    ['a seat that is none', coming('x', 'a c')],
    ['a seat beside a stranger', coming('x', 'a y')],
    ['a seat of another epoch', coming('x', 'a b', { epoch: 6 })],
    ['a server of another cluster', coming('x', 'a b', { clusterId: 'other' })],
    ['a server that wants to leave', coming('x', 'a b', { leaving: 'handing-over' })],
    ['a member', coming('a', 'b c')],
  ])('not %s', (_, registration) => {
    expect(joined('a b c', registration)).toBeUndefined();
  });

  it('waits until its older life is gone', () => {
    const again = coming('b', 'c a', { incarnation: 2 });
    const without = planOf(ringOf('a b c', 'a b'), [again]);
    expect(idsOf(without)).toBe('a c');
    expect(idsOf(without && planOf(without, [{ ...again, epoch: 8 }]))).toBe('a c b');
  });

  it('waits while anything is broken, and is no repair', () => {
    expect(joined('a b c', coming('x', 'a b'), saying('c', { brokenIn: true }))).toBeUndefined();
    expect(nextView(ringOf('a b c', 'a b'), factsOf([coming('x', 'a b')]))).toBeUndefined();
  });
});

describe('leaving the ring', () => {
  const idle = (id: string, facts: Partial<Registration> = {}): Registration =>
    saying(id, { leaving: 'idle', ...facts });

  it('is granted to one who is idle and in no chain', () => {
    expect(joined('a b c d', idle('c'), idle('d'))).toBe('a b');
  });

  it('is not granted while clients are served', () => {
    expect(joined('a b c', saying('c', { leaving: 'handing-over' }))).toBeUndefined();
  });

  it('is not granted to a keeper, but others are brought in for it', () => {
    const next = planOf(ringOf('a b c', 'a b'), [idle('b')]);
    expect(idsOf(next)).toBe('a b c');
    expect(textsOf(next)).toEqual(['a b + c']);
  });

  it('is not granted to one with a log of a lost shard', () => {
    const kept = [{ shard: 0, last: { epoch: 3, sequence: 1 }, suspect: false }];
    expect(idsOf(planOf(ringOf('a b', 'lost b c'), [idle('b', { kept })]))).toBeUndefined();
    expect(idsOf(planOf(ringOf('a b', 'lost b c'), [idle('b')]))).toBe('a');
  });

  it('is not granted to the last one', () => {
    expect(idsOf(planOf(ringOf('a', 'lost x'), [idle('a')]))).toBeUndefined();
    expect(idsOf(planOf(ringOf('b a', 'lost x'), [idle('a'), idle('b')]))).toBe('a');
  });

  it('comes before joining beside the one who goes', () => {
    const newcomers = [coming('x', 'b c'), coming('y', 'c d'), coming('z', 'd a')];
    expect(joined('a b c d', idle('c'), ...newcomers)).toBe('a b d z');
  });
});
