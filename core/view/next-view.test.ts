// What becomes of the ring when links break. Members are single letters, clockwise; reports are of epoch 7.
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../ids.js';
import type { Waited } from './facts.js';
import { cutOff, deaf, factsOf, saying, seat, unheard } from './facts.test-kit.js';
import { nextView, withoutMembers } from './next-view.js';
import type { Registration } from './registration.js';
import type { View } from './view.js';
import { chainsOf, idsOf, lostWith, ringOf } from './views.test-kit.js';

const next = (ring: string, reports: readonly Registration[], waited: Waited): string | undefined =>
  idsOf(nextView(ringOf(ring), factsOf(reports, { waited })));

/** The ring after each degree of patience. */
const course = (view: View, reports: readonly Registration[]): (string | undefined)[] =>
  (['hasty', 'settled', 'patient'] as const).map((waited) => idsOf(nextView(view, factsOf(reports, { waited }))));

describe('nothing broken', () => {
  it('no report, no change', () => {
    expect(course(ringOf('a b c'), [])).toEqual([undefined, undefined, undefined]);
  });

  it('links that work again call for nothing', () => {
    const healed = { ...deaf('b', 'a'), brokenIn: false };
    expect(course(ringOf('a b c'), [healed])).toEqual([undefined, undefined, undefined]);
  });

  it('a ring of one has nothing to lose', () => {
    expect(course(ringOf('a'), [cutOff('a')])).toEqual([undefined, undefined, undefined]);
  });
});

describe('crashes', () => {
  it('one crash: it goes at once, in the next epoch', () => {
    const view = nextView(ringOf('a b c d e'), factsOf([unheard('b'), deaf('d', 'b')]));
    expect(idsOf(view)).toBe('a b d e');
    expect(view?.epoch).toBe(8);
  });

  it('the ring may be joined across its numbering', () => {
    expect(next('a b c', [unheard('c'), deaf('b', 'c')], 'hasty')).toBe('b c');
    expect(next('a b c', [unheard('b'), deaf('a', 'b')], 'hasty')).toBe('a b');
  });

  it('two adjacent crashes: both go', () => {
    expect(next('a b c d e', [unheard('b'), deaf('e', 'b')], 'hasty')).toBe('a b e');
  });

  it('a live server between two crashed ones stays', () => {
    expect(next('a b c d e f', [unheard('b'), cutOff('d', 'b'), deaf('f', 'd')], 'hasty')).toBe('a b d f');
  });

  it('as long as it has not found anybody, it is waited for', () => {
    const reports = [unheard('b'), cutOff('d'), deaf('f', 'b')];
    expect(course(ringOf('a b c d e f'), reports)).toEqual([undefined, undefined, 'a b f']);
  });

  it('one survivor of two goes on alone', () => {
    expect(course(ringOf('a b'), [cutOff('b')])).toEqual([undefined, undefined, 'b']);
  });

  it('one survivor of three waits: it might be the one that is cut off', () => {
    expect(course(ringOf('a b c'), [cutOff('b')])).toEqual([undefined, undefined, 'b']);
  });
});

describe('a split', () => {
  const view = ringOf('a b c d e f g');
  const larger = [deaf('a', 'd'), unheard('d')];
  const smaller = [deaf('e', 'g'), unheard('g')];

  it('with both sides reporting, the larger stays, once it is settled that the other cannot be reached', () => {
    expect(course(view, [...larger, ...smaller])).toEqual([undefined, 'a b c d', 'a b c d']);
  });

  it('with only the larger side reporting, it stays at once', () => {
    expect(course(view, larger)).toEqual(['a b c d', 'a b c d', 'a b c d']);
  });

  it('with only the smaller side reporting, the silent majority is waited for', () => {
    expect(course(view, smaller)).toEqual([undefined, undefined, 'e f g']);
  });

  it('a side that cannot close to a ring stays out, even if it is the larger', () => {
    expect(next('a b c d e f g', [deaf('a'), unheard('d'), ...smaller], 'patient')).toBe('e f g');
  });

  it('nothing is given up while no side can close to a ring', () => {
    expect(course(view, [deaf('a'), unheard('d'), deaf('e')])).toEqual([undefined, undefined, undefined]);
  });
});

describe('equal halves', () => {
  const reports = [deaf('a', 'b'), unheard('b'), deaf('c', 'd'), unheard('d')];
  const kept = (...chains: string[]): string | undefined =>
    idsOf(nextView(ringOf('c d a b', ...chains), factsOf(reports, { waited: 'patient' })));

  it('the half with more last copies stays', () => {
    expect(kept('a c', 'd')).toBe('c d');
    expect(kept('d', 'a', 'c')).toBe('c d');
  });

  it('otherwise the half with the lowest id', () => {
    expect(kept('a c', 'd b')).toBe('a b');
    expect(kept('a', 'd')).toBe('a b');
  });

  it('the last copies of the dead count for nobody', () => {
    const view = withoutMembers(ringOf('c x y d a b', 'x', 'y', 'b'), new Set(['x', 'y']));
    const reports = [deaf('a', 'b'), unheard('b'), deaf('c', 'd'), unheard('d')].map((each) => ({ ...each, epoch: 8 }));
    expect(idsOf(nextView(view, factsOf(reports, { waited: 'patient' })))).toBe('a b');
  });

  it('the last copies of a half in pieces count together', () => {
    // b and c hear each other past x, which crashed.
    const inPieces = [cutOff('b', 'c'), cutOff('c', 'b'), deaf('a', 'd'), unheard('d')];
    expect(idsOf(nextView(ringOf('b x c a d', 'a', 'b', 'c'), factsOf(inPieces, { waited: 'patient' })))).toBe('b c');
    expect(idsOf(nextView(ringOf('b x c a d', 'a', 'b'), factsOf(inPieces, { waited: 'patient' })))).toBe('a d');
  });

  it('two servers that do not hear each other: one goes on', () => {
    expect(course(ringOf('b a', 'a b'), [cutOff('a'), cutOff('b')])).toEqual([undefined, undefined, 'a']);
  });
});

describe('one broken edge', () => {
  const view = ringOf('a b c d e');

  it('is waited for, and then costs one server', () => {
    expect(course(view, [deaf('a', 'd'), unheard('e')])).toEqual([undefined, undefined, 'a b c d']);
  });

  it('costs as few as possible of those who are not heard', () => {
    expect(next('a b c d e', [deaf('a', 'b c')], 'patient')).toBe('a b c');
  });

  it('one in the middle of the numbering, too', () => {
    expect(next('a b c d e', [deaf('c', 'a e')], 'patient')).toBe('a c d e');
  });

  it('costs nothing if the link has come up meanwhile', () => {
    expect(next('a b c d e', [deaf('a', 'e')], 'patient')).toBeUndefined();
  });

  it('costs the one who hears nobody', () => {
    expect(course(view, [deaf('a'), unheard('e')])).toEqual([undefined, undefined, 'b c d e']);
  });

  it('costs the one who says nothing', () => {
    expect(course(view, [unheard('e')])).toEqual([undefined, undefined, 'b c d e']);
  });

  it('between two servers leaves one of them', () => {
    expect(course(ringOf('a b'), [deaf('a')])).toEqual([undefined, undefined, 'b']);
  });
});

describe('one server with dead links and a live session', () => {
  it('does not evict the others: they say that they hear each other', () => {
    const reports = [unheard('b'), cutOff('c'), deaf('d', 'b')];
    expect(course(ringOf('a b c d e'), reports)).toEqual([undefined, 'a b d e', 'a b d e']);
  });

  it('waits for them as long as they say nothing', () => {
    expect(course(ringOf('a b c d e'), [cutOff('c')]).slice(0, 2)).toEqual([undefined, undefined]);
  });

  it('does not take the others with it when it hears but is not heard', () => {
    // x and y crashed; q hears a, but c does not hear q.
    const reports = [unheard('a'), cutOff('q', 'a'), deaf('c', 'a')];
    expect(course(ringOf('c d b a x q y'), reports)).toEqual([undefined, 'c d b a', 'c d b a']);
  });
});

describe('reports that say nothing here', () => {
  const other = (change: Partial<Registration>): readonly Registration[] =>
    [unheard('b'), deaf('d', 'b')].map((report) => ({ ...report, ...change }));

  it.each([
    ['of an older epoch', other({ epoch: 6 })],
    ['of a later epoch', other({ epoch: 8 })],
    ['of an earlier life', other({ incarnation: 0 })],
    ['of another cluster', other({ clusterId: 'other' })],
    ['of a stranger', other({ member: 'x' })],
  ])('%s', (_, reports) => {
    expect(course(ringOf('a b c d e'), reports)).toEqual([undefined, undefined, undefined]);
  });

  it('do not hide those that do', () => {
    const reports = [unheard('b'), deaf('d', 'b'), ...other({ epoch: 6, brokenIn: false, brokenOut: false })];
    expect(next('a b c d e', reports, 'hasty')).toBe('a b d e');
  });
});

describe('a member that has begun another life', () => {
  const again = (id: MemberId): Registration => saying(id, { incarnation: 2, epoch: 0 });

  it.each(['repair', 'plan'] as const)('goes at once, whatever the links say: %s', (task) => {
    expect(idsOf(nextView(ringOf('a b c'), factsOf([again('b')], { task })))).toBe('a c');
    expect(idsOf(nextView(ringOf('a b c'), factsOf([again('b'), deaf('a', 'b')], { task })))).toBe('a c');
  });

  it('does not go for a registration of an older life or of another cluster', () => {
    const others = [saying('b', { incarnation: 0 }), saying('b', { incarnation: 2, clusterId: 'other' })];
    expect(nextView(ringOf('a b c'), factsOf(others))).toBeUndefined();
  });

  it('where all have, the ring begins again with the first of them', () => {
    const next = nextView(ringOf('b a', 'b a', 'a'), factsOf([again('b'), again('a')]));
    expect(next?.ring).toEqual([{ id: 'a', incarnation: 2, address: 'a:1' }]);
    expect(next?.chains).toEqual([lostWith('b a'), lostWith('a')]);
  });
});

describe('another order instead of an eviction', () => {
  const view = ringOf('a b c d e', 'd e a', 'e');
  const moving = [deaf('a', 'd'), saying('e', { brokenOut: true, seat: seat('b c') })];

  it('moves the one that is not heard to the seat it has found, as soon as it is settled', () => {
    expect(course(view, moving)).toEqual([undefined, 'a b e c d', 'a b e c d']);
  });

  it('changes neither lives nor chains', () => {
    const next = nextView(view, factsOf(moving, { waited: 'settled' }));
    expect(next?.ring.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(view.ring);
    expect(next?.chains).toEqual(view.chains);
    expect(next?.epoch).toBe(8);
  });

  it('keeps the numbering of the others, wherever the broken edge is', () => {
    const deafOne = [deaf('c', 'a'), saying('b', { seat: seat('d e') })];
    expect(next('a b c d e', deafOne, 'settled')).toBe('a c d b e');
    expect(next('a b c d e', [deaf('b', 'e'), saying('a', { seat: seat('c d') })], 'settled')).toBe('b c a d e');
    expect(next('a b c d e', [deaf('c', 'a'), saying('b', { seat: seat('e a') })], 'settled')).toBe('a c d e b');
  });

  it.each([
    ['the gap where it is', [deaf('a', 'd'), saying('e', { seat: seat('d a') })]],
    ['no gap of the ring', [deaf('a', 'd'), saying('e', { seat: seat('a c') })]],
    ['a seat of another epoch', [deaf('a', 'd'), saying('e', { seat: seat('b c'), epoch: 6 })]],
    ['the seat of somebody else', [deaf('a', 'd'), saying('d', { seat: seat('b c') })]],
  ])('not to %s', (_, told) => {
    expect(course(view, told)).toEqual([undefined, undefined, 'a b c d']);
  });

  it('not if the one before it is not heard either', () => {
    const told = [deaf('a', 'c'), saying('e', { seat: seat('b c') })];
    expect(course(view, told)).toEqual([undefined, undefined, 'a b c']);
  });
});

describe('a dead ring', () => {
  const stranger = (id: MemberId): Registration => saying(id, { incarnation: 5, epoch: 0 });
  const deadRing = true;

  it('begins again with the registered server of the lowest id; all shards are lost', () => {
    const before = withoutMembers(ringOf('a b c', 'a b', 'c'), new Set(['c']));
    const next = nextView(before, factsOf([stranger('d'), stranger('c')], { deadRing }));
    expect(next?.ring).toEqual([{ id: 'c', incarnation: 5, address: 'c:1' }]);
    expect(next?.chains).toEqual([lostWith('a b'), lostWith('c')]);
    expect(next?.epoch).toBe(9);
  });

  it('is not dead while one of its members is registered', () => {
    expect(nextView(ringOf('a b'), factsOf([stranger('d'), saying('b', { epoch: 3 })], { deadRing }))).toBeUndefined();
  });

  it('is not begun by a server of another cluster, or by one that leaves', () => {
    const others = [saying('c', { clusterId: 'other' }), saying('d', { leaving: 'idle' })];
    expect(nextView(ringOf('a b'), factsOf(others, { deadRing }))).toBeUndefined();
  });
});

describe('chains', () => {
  const without = (chain: string, ...gone: MemberId[]): View => withoutMembers(ringOf('a b c d', chain), new Set(gone));

  it.each([
    ['close up', 'a b c', 'a c'],
    ['lose their head', 'b c', 'c'],
    ['lose their tail', 'a b', 'a'],
    ['lose a learner', 'a + b', 'a'],
  ])('without b they %s', (_, before, after) => {
    expect(without(before, 'b').chains).toEqual(chainsOf([after]));
  });

  it('that lose their only member remember it, and do not promote a learner', () => {
    expect(without('b', 'b').chains).toEqual([lostWith('b')]);
    expect(without('b + a', 'b').chains).toEqual([lostWith('b')]);
  });

  it('that lose all members at once remember all of them: each may have what was acknowledged', () => {
    expect(without('b c', 'b', 'c').chains).toEqual([lostWith('b c')]);
  });

  it('remember them in the views that follow', () => {
    const second = withoutMembers(without('b', 'b'), new Set(['c']));
    expect(idsOf(second)).toBe('a d');
    expect(second.epoch).toBe(9);
    expect(second.chains).toEqual([lostWith('b')]);
  });
});
