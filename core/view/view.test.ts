// Ring arithmetic against walking from one member to the next, and where paths go.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../refusals.js';
import {
  chainOf,
  distance,
  headOf,
  isMember,
  makeView,
  NO_VIEW,
  nearestHolder,
  neighbour,
  shardOf,
  tailOf,
  type View,
} from './view.js';
import { ringOf } from './views.test-kit.js';

const ids = fc.uniqueArray(fc.constantFrom(...'abcdefghij'), { minLength: 1 });

const codeUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));

/** One link clockwise. */
function next(ring: readonly string[], id: string): string {
  return ring[ring.indexOf(id) + 1] ?? (ring[0] as string);
}

describe('ring arithmetic agrees with walking', () => {
  it('distance', () => {
    fc.assert(
      fc.property(ids, (ring) => {
        const view = ringOf(ring.join(' '));
        for (const from of ring) {
          let at = from;
          for (let walked = 0; walked < ring.length; walked++) {
            expect(distance(view, from, at)).toBe(walked);
            at = next(ring, at);
          }
          expect(at).toBe(from);
        }
      }),
    );
  });

  it('neighbour, clockwise and back, also round and round', () => {
    fc.assert(
      fc.property(ids, fc.nat({ max: 35 }), (ring, steps) => {
        const view = ringOf(ring.join(' '));
        for (const from of ring) {
          let at = from;
          for (let i = 0; i < steps; i++) at = next(ring, at);
          expect(neighbour(view, from, steps).id).toBe(at);
          expect(neighbour(view, at, -steps).id).toBe(from);
        }
      }),
    );
  });
});

describe('what is asked of a stranger', () => {
  const view = ringOf('a b c');

  it('is a bug', () => {
    expect(() => neighbour(view, 'x', 1)).toThrow(InvariantError);
    expect(() => distance(view, 'a', 'x')).toThrow(InvariantError);
    expect(() => distance(view, 'x', 'a')).toThrow(InvariantError);
    expect(() => chainOf(view, 1)).toThrow(InvariantError);
    expect(() => neighbour(NO_VIEW, 'a', 1)).toThrow(InvariantError);
  });

  it('a member in another life is none', () => {
    expect(isMember(view, 'b', 1)).toBe(true);
    expect(isMember(view, 'b', 2)).toBe(false);
    expect(isMember(view, 'x', 1)).toBe(false);
  });
});

describe('impossible views are refused', () => {
  const good = ringOf('a b', 'a b');
  const twice: Partial<View> = { ring: [...good.ring, ...good.ring] };
  it.each<[string, Partial<View>]>([
    ['a member that stands in the ring twice', twice],
    ['a shard without a chain', { chains: [] }],
    ['more chains than shards', { chains: [...good.chains, ...good.chains] }],
    ['an empty chain', { chains: [{ members: [], learners: ['a'], lost: [] }] }],
    ['two transit slots', { settings: { ...good.settings, transitSlots: 2 } }],
  ])('%s', (_, change) => {
    expect(() => makeView({ ...good, ...change })).toThrow(InvariantError);
  });
});

it('a chain begins with its head and ends with its tail', () => {
  const view = ringOf('a b c', 'b c a', 'c + a');
  expect([headOf(view, 0), tailOf(view, 0)]).toEqual(['b', 'a']);
  expect([headOf(view, 1), tailOf(view, 1)]).toEqual(['c', 'c']);
});

describe('the nearest holder', () => {
  const view = ringOf('a b c d e', 'c e a', 'b');
  it.each([
    ['d', 'c'],
    ['b', 'a'],
    // Of those who keep the file themselves: never they themselves.
    ['a', 'e'],
    ['c', 'a'],
  ])('of %s is %s', (id, holder) => {
    expect(nearestHolder(view, 0, id)).toBe(holder);
  });

  it('is nobody where there is no other', () => {
    expect(nearestHolder(view, 1, 'b')).toBeUndefined();
    expect(nearestHolder(view, 1, 'c')).toBe('b');
  });
});

describe('the shard of a path', () => {
  it.each([
    ['/', 16, 9],
    ['/a', 16, 11],
    ['/docs/report.pdf', 16, 7],
    ['/docs/report.pdf', 1024, 855],
    ['/\u{1f600}', 16, 13],
  ])('%s, of %i, is the same for ever', (path, shards, shard) => {
    expect(shardOf(path, shards)).toBe(shard);
  });

  it('is one of the shards', () => {
    fc.assert(
      fc.property(fc.string({ unit: codeUnit }), fc.integer({ min: 1, max: 4096 }), (path, shards) => {
        const shard = shardOf(path, shards);
        expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
      }),
    );
  });

  it.each([
    ['numbered files', (i: number) => `/load/file-${i}`],
    ['numbers in front', (i: number) => `/${i}/data.bin`],
    ['padded numbers', (i: number) => `/logs/${String(i).padStart(8, '0')}`],
    ['names of one length', (i: number) => `/${(i * 2654435761).toString(36).slice(0, 6)}/${i % 7}`],
  ])('%s are spread evenly', (_, pathOf) => {
    const files = 20_000;
    for (const shards of [2, 3, 16, 64, 100]) {
      const counts = new Array<number>(shards).fill(0);
      for (let i = 0; i < files; i++) {
        const shard = shardOf(pathOf(i), shards);
        counts[shard] = (counts[shard] ?? 0) + 1;
      }
      const mean = files / shards;
      // Five standard deviations of a fair draw.
      const allowed = 5 * Math.sqrt(mean);
      expect(Math.max(...counts.map((count) => Math.abs(count - mean)))).toBeLessThan(allowed);
    }
  });
});
