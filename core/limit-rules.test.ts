// Limits that make no sense together are found before they are used, and named.
import { describe, expect, it } from 'vitest';
import { limitProblems } from './limit-rules.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { initialState } from './state.js';

const whys = (limits: Partial<Limits>): readonly string[] =>
  limitProblems({ ...DEFAULT_LIMITS, ...limits }).map(({ why }) => why);

describe('limits', () => {
  it('are in order by default', () => {
    expect(whys({})).toEqual([]);
  });

  it.each([
    [{ pollMs: 2_000 }, /^pollMs \(2000\) must be less than sessionMs \(2000\): a session in which nothing happens /],
    [{ sessionMs: 900 }, /^pollMs \(1000\) must be less than sessionMs \(900\)/],
    [{ heartbeatMs: 175 }, /^2 times heartbeatMs \(175\) must be less than silenceMs \(350\)/],
    [{ tokenLostMs: 20 }, /^tokenIdleMs \(20\) must be less than tokenLostMs \(20\)/],
    [{ operationMs: 300 }, /^retryMs \(400\) must be less than operationMs \(300\)/],
    [{ batchEntriesMax: 300 }, /^batchEntriesMax \(300\) must not be more than logEntriesMax \(256\)/],
    [{ linksMax: 0 }, /^linksMax is 0: it must be a whole number from 1 on/],
    [{ hopMs: -1 }, /^hopMs is -1: it must be a whole number from 0 on/],
    [{ planMs: 1.5 }, /^planMs is 1.5: /],
    [{ planMs: Number.NaN }, /^planMs is NaN: /],
  ])('%j are refused', (limits, why) => {
    expect(whys(limits)).toHaveLength(1);
    expect(whys(limits)[0]).toMatch(why);
  });

  it('may say never, or at once', () => {
    expect(whys({ idleChunkMs: 0, gatherMs: 0 })).toEqual([]);
  });

  it('are never used when they are not in order', () => {
    const identity = { id: 'n1', address: 'n1:1', clusterId: 'c', seed: 1 };
    expect(() => initialState({ ...identity, limits: { pollMs: 5_000 } })).toThrow(
      'must be less than sessionMs (2000)',
    );
  });
});
