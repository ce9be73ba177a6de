// What becomes of the ring when links break. Members are single letters, clockwise; reports are of epoch 7.
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../ids.js';
import { cutOff, deaf, unheard } from './facts.test-kit.js';
import { nextView, type Waited, withoutMembers } from './next-view.js';
import type { Report } from './report.js';
import type { View } from './view.js';
import { chainsOf, idsOf, ringOf } from './views.test-kit.js';

const next = (ring: string, reports: readonly Report[], waited: Waited): string | undefined =>
  idsOf(nextView(ringOf(ring), reports, waited));

/** The ring after each degree of patience. */
const course = (view: View, reports: readonly Report[]): (string | undefined)[] =>
  (['hasty', 'settled', 'patient'] as const).map((waited) => idsOf(nextView(view, reports, waited)));

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
    const view = nextView(ringOf('a b c d e'), [unheard('b'), deaf('d', 'b')], 'hasty');
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
    idsOf(nextView(ringOf('c d a b', ...chains), reports, 'patient'));

  it('the half with more last copies stays', () => {
    expect(kept('a c', 'd')).toBe('c d');
    expect(kept('d', 'a', 'c')).toBe('c d');
  });

  it('otherwise the half with the lowest id', () => {
    expect(kept('a c', 'd b')).toBe('a b');
    expect(kept('a', 'd')).toBe('a b');
  });

  it('the last copies of the dead count for nobody', () => {
    expect(kept('x', 'x', 'b')).toBe('a b');
  });

  it('the last copies of a half in pieces count together', () => {
    // b and c hear each other past x, which crashed.
    const inPieces = [cutOff('b', 'c'), cutOff('c', 'b'), deaf('a', 'd'), unheard('d')];
    expect(idsOf(nextView(ringOf('b x c a d', 'a', 'b', 'c'), inPieces, 'patient'))).toBe('b c');
    expect(idsOf(nextView(ringOf('b x c a d', 'a', 'b'), inPieces, 'patient'))).toBe('a d');
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
  const other = (change: Partial<Report>): readonly Report[] =>
    [unheard('b'), deaf('d', 'b')].map((report) => ({ ...report, ...change }));

  it.each([
    ['of an older epoch', other({ epoch: 6 })],
    ['of a later epoch', other({ epoch: 8 })],
    ['of an earlier life', other({ incarnation: 0 })],
    ['of a later life', other({ incarnation: 2 })],
    ['of a stranger', other({ member: 'x' })],
  ])('%s', (_, reports) => {
    expect(course(ringOf('a b c d e'), reports)).toEqual([undefined, undefined, undefined]);
  });

  it('do not hide those that do', () => {
    const reports = [unheard('b'), deaf('d', 'b'), ...other({ epoch: 6, brokenIn: false, brokenOut: false })];
    expect(next('a b c d e', reports, 'hasty')).toBe('a b d e');
  });
});

describe('chains', () => {
  const without = (chain: string, ...gone: MemberId[]): View => withoutMembers(ringOf('a b c d', chain), new Set(gone));

  it.each([
    ['close up', 'a b c', 'a c'],
    ['lose their head', 'b c', 'c'],
    ['lose their tail', 'a b', 'a'],
    ['keep their only member listed, dead as it is', 'b', 'b'],
    ['lose a learner', 'a + b', 'a'],
    ['do not promote a learner', 'b + a', 'b + a'],
  ])('without b they %s', (_, before, after) => {
    expect(without(before, 'b').chains).toEqual(chainsOf([after]));
  });

  it('of those who go together the tail stays listed: it has what was acknowledged and nothing else', () => {
    expect(without('b c', 'b', 'c').chains).toEqual(chainsOf(['c']));
  });

  it('the dead one stays listed in the views that follow', () => {
    const first = without('b', 'b');
    const second = withoutMembers(first, new Set(['c']));
    expect(idsOf(second)).toBe('a d');
    expect(second.epoch).toBe(9);
    expect(second.chains).toEqual(chainsOf(['b']));
  });
});
