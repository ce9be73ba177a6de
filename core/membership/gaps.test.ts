import { describe, expect, it } from 'vitest';
import { compareNames, gapAt, gapBetween } from './gaps.js';
import { viewOf } from './ring.test-kit.js';

const namesOf = (gap: ReturnType<typeof gapAt>): string =>
  gap === undefined ? '' : `${gap.before.id} ${gap.after.id}`;

describe('names', () => {
  it.each([
    ['n2', 'n10', -1],
    ['n10', 'n9', 1],
    ['a', 'b', -1],
    ['n2', 'n2', 0],
    ['n2', 'n2b', -1],
    ['n02', 'n2', -1],
    ['2', 'n', -1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareNames(a, b))).toBe(sign);
    expect(Math.sign(compareNames(b, a)) + sign).toBe(0);
  });
});

describe('the gaps that a server tries', () => {
  it.each([
    ['n3', 'n1 n2 n4', ['n2 n4', 'n4 n1', 'n1 n2', 'n2 n4']],
    ['n0', 'n1 n2 n4', ['n4 n1', 'n1 n2']],
    ['n10', 'n1 n9 n11', ['n9 n11', 'n11 n1']],
    ['n2', 'n1', ['n1 n1', 'n1 n1']],
  ])('%s in %s', (self, ring, gaps) => {
    expect(gaps.map((_, i) => namesOf(gapAt(viewOf(1, ring), self, false, i)))).toEqual(gaps);
  });

  it('a life that is over does not stand between its neighbours', () => {
    expect(namesOf(gapAt(viewOf(1, 'n1 n2 n3'), 'n2', false, 0))).toBe('n1 n3');
    expect(gapAt(viewOf(1, 'n2'), 'n2', false, 0)).toBeUndefined();
  });

  it('a member leaves out the gap in which it stands', () => {
    const gaps = [0, 1, 2].map((i) => namesOf(gapAt(viewOf(1, 'n1 n2 n3 n4'), 'n2', true, i)));
    expect(gaps).toEqual(['n3 n4', 'n4 n1', 'n3 n4']);
    expect(gapAt(viewOf(1, 'n1 n2'), 'n2', true, 0)).toBeUndefined();
  });

  it('two are a gap while they stand side by side', () => {
    expect(namesOf(gapBetween(viewOf(1, 'n1 n2 n4'), 'n3', 'n2', 'n4'))).toBe('n2 n4');
    expect(gapBetween(viewOf(1, 'n1 n2 n4'), 'n3', 'n1', 'n4')).toBeUndefined();
    expect(gapBetween(viewOf(1, 'n1 n2 n4'), 'n3', 'n5', 'n1')).toBeUndefined();
  });
});
