// How much is asked for at once: bounded in chunks and in bytes, whatever the size of the files.
import { describe, expect, it } from 'vitest';
import { copyOfState } from '../copies.js';
import type { Limits } from '../limits.js';
import { countOf } from '../ranges.js';
import { initialState } from '../state.js';
import type { Turn } from '../turn.js';
import { ringOf, smallSettings } from '../view/views.test-kit.js';
import { askFor, beginRound, isRoundOver } from './fetching.js';
import { NOT_LEARNED } from './learning.js';
import { FRESH_SHARD } from './shards.js';

const { chunkBytes } = smallSettings;

function turnWith(limits: Partial<Limits>): Turn {
  const born = initialState({ id: 'a', incarnation: 1, address: 'a:1', clusterId: 'test', seed: 1, limits });
  const state = copyOfState({ ...born, status: 'member', view: ringOf('a b') });
  return { now: 0, state, outputs: [], launched: [], settled: 0, newView: undefined };
}

/** A file of which nothing is here. */
const file = (upload: string, length: number) => {
  const chunks = Math.ceil(length / chunkBytes);
  return { upload, length, chunkBytes, missing: chunks > 0 ? [{ from: 0, to: chunks }] : [] };
};

describe('a round of asking', () => {
  it('takes many small files, up to so many chunks', () => {
    const turn = turnWith({ repairChunksMax: 100, repairFullChunksMax: 4 });
    const round = beginRound(turn, 0, 'b');
    let files = 0;
    while (!isRoundOver(round)) askFor(turn, round, file(`f${++files}`, 1));
    expect([files, round.asked]).toEqual([100, 100]);
    expect(turn.launched).toHaveLength(100);
  });

  it('takes no more bytes than so many full chunks have', () => {
    const turn = turnWith({ repairChunksMax: 100, repairFullChunksMax: 4 });
    const round = beginRound(turn, 0, 'b');
    expect(askFor(turn, round, file('first', 3 * chunkBytes))).toEqual([{ from: 0, to: 3 }]);
    expect(askFor(turn, round, file('second', 3 * chunkBytes))).toEqual([{ from: 0, to: 1 }]);
    expect([isRoundOver(round), askFor(turn, round, file('third', 1))]).toEqual([true, []]);
    expect(turn.launched).toMatchObject([
      { kind: 'fetch', purpose: 'repair', upload: 'first', lastStop: 'b' },
      { kind: 'fetch', purpose: 'repair', upload: 'second', lastStop: 'b' },
    ]);
  });

  it('takes a share where several shards are learned, and a few at least', () => {
    const turn = turnWith({ repairChunksMax: 100, repairFullChunksMax: 4 });
    const learning = { ...FRESH_SHARD, learning: NOT_LEARNED };
    const learns = (count: number): void => {
      for (let shard = 0; shard < count; shard++) turn.state.shards = turn.state.shards.set(shard, learning);
    };
    // One that is kept asks for nothing.
    turn.state.shards = turn.state.shards.set(1000, FRESH_SHARD);
    const shares = [1, 4, 50].map((count) => {
      learns(count);
      const { chunksLeft, bytesLeft } = beginRound(turn, 0, 'b');
      return [chunksLeft, bytesLeft / chunkBytes];
    });
    expect(shares).toEqual([
      [100, 4],
      [25, 1],
      [4, 1],
    ]);
  });

  it('asks for nothing where nothing is missing, and says so', () => {
    const turn = turnWith({});
    const round = beginRound(turn, 0, 'b');
    expect(askFor(turn, round, { ...file('f', chunkBytes), missing: [] })).toEqual([]);
    expect([round.asked, turn.launched.length, turn.outputs.length]).toEqual([0, 0, 0]);
  });

  it('counts every chunk as a full one when the length is not known', () => {
    const turn = turnWith({ repairFullChunksMax: 2 });
    const missing = [
      { from: 3, to: 4 },
      { from: 7, to: 20 },
    ];
    const ranges = askFor(turn, beginRound(turn, 0, 'b'), { upload: 'f', chunkBytes, missing });
    expect([ranges, countOf(ranges)]).toEqual([[missing[0], { from: 7, to: 8 }], 2]);
  });
});
