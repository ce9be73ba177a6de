// Operation ids: what the server makes is what it accepts, and sorts by time of birth.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialState } from '../state.js';
import type { Turn } from '../turn.js';
import { birthMs, isOperationId, makeOperationId } from './operation-ids.js';

const good = '01890a5d-ac96-774b-bcce-b302099a8057';
const bornMs = 0x01890a5dac96;

function turnAt(now: number, seed: number): Turn {
  const state = { ...initialState({ id: 'n1', incarnation: 1, address: 'n1:1', clusterId: 'c', seed }) };
  return { now, state, outputs: [], launched: [], settled: 0, newView: undefined };
}

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const seeds = fc.nat({ max: 2 ** 32 - 1 });

describe('accepted', () => {
  it('a UUIDv7, with the time it was born', () => {
    expect(isOperationId(good, bornMs, 0)).toBe(true);
    expect(birthMs(good)).toBe(bornMs);
  });

  it('of any age, but not from too far ahead', () => {
    expect(isOperationId(good, bornMs + 1e12, 0)).toBe(true);
    expect(isOperationId(good, bornMs - 60_000, 60_000)).toBe(true);
    expect(isOperationId(good, bornMs - 60_001, 60_000)).toBe(false);
  });
});

describe('turned down', () => {
  it.each([
    ['nothing', ''],
    ['upper case', good.toUpperCase()],
    ['another version', good.replace('-774b', '-474b')],
    ['another variant', good.replace('-bcce', '-7cce')],
    ['braces', `{${good}}`],
    ['a line break behind it', `${good}\n`],
    ['something before it', ` ${good}`],
    ['no hyphens', good.replaceAll('-', '')],
    ['too short', good.slice(0, -1)],
    ['a letter that is no digit', good.replace('b302', 'g302')],
  ])('%s', (_, id) => {
    expect(isOperationId(id, bornMs, 60_000)).toBe(false);
  });
});

describe('made', () => {
  it('always the same for a seed and a time', () => {
    expect(makeOperationId(turnAt(bornMs, 1))).toBe('01890a5d-ac96-7a08-beaf-49c98706c4eb');
  });

  it('valid at once, with the present time', () => {
    fc.assert(
      fc.property(times, seeds, (now, seed) => {
        const id = makeOperationId(turnAt(now, seed));
        expect(isOperationId(id, now, 0)).toBe(true);
        expect(birthMs(id)).toBe(now);
      }),
    );
  });

  it('sorted as text, sorted by time', () => {
    fc.assert(
      fc.property(times, times, seeds, (one, other, seed) => {
        const turn = turnAt(one, seed);
        const [a, b] = [makeOperationId(turn), makeOperationId({ ...turn, now: other })];
        if (one !== other) expect(a < b).toBe(one < other);
      }),
    );
  });

  it('no two alike in one millisecond', () => {
    const turn = turnAt(bornMs, 7);
    const ids = Array.from({ length: 5000 }, () => makeOperationId(turn));
    expect(new Set(ids).size).toBe(ids.length);
    // All four variants are used.
    expect(new Set(ids.map((id) => id.charAt(19)))).toEqual(new Set('89ab'));
  });
});
