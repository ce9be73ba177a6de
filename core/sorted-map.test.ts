// The sorted map against a plain Map that is sorted whenever it is looked at.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedMap } from './sorted-map.js';

interface Branch {
  readonly size: number;
  readonly left: Branch | undefined;
  readonly right: Branch | undefined;
}

const rootOf = (map: SortedMap<number, unknown>): Branch | undefined =>
  (map as unknown as { readonly root: Branch | undefined }).root;
const depthOf = (tree: Branch | undefined): number =>
  tree === undefined ? 0 : 1 + Math.max(depthOf(tree.left), depthOf(tree.right));

/** Every branch counts what is below it, and neither side outweighs the other by more than three. */
function expectBalanced(tree: Branch | undefined): number {
  if (tree === undefined) return 0;
  const [l, r] = [expectBalanced(tree.left), expectBalanced(tree.right)];
  expect(tree.size).toBe(l + r + 1);
  if (l + r >= 2) expect(Math.max(l, r)).toBeLessThanOrEqual(3 * Math.min(l, r));
  return tree.size;
}

const twinEntries = <K extends string | number, V>(twin: ReadonlyMap<K, V>, from?: K): [K, V][] =>
  [...twin].filter(([key]) => from === undefined || key >= from).sort(([a], [b]) => (a < b ? -1 : 1));

type Change<K> = readonly ['set' | 'delete', K, number];

const changesOf = <K>(key: fc.Arbitrary<K>): fc.Arbitrary<Change<K>[]> =>
  fc.array(fc.tuple(fc.constantFrom('set' as const, 'set' as const, 'delete' as const), key, fc.nat()), {
    maxLength: 120,
  });

function agreesWithTwin<K extends string | number>(key: fc.Arbitrary<K>): void {
  fc.assert(
    fc.property(changesOf(key), fc.array(key, { maxLength: 5 }), (changes, looked) => {
      let map = SortedMap.empty<K, number>();
      const twin = new Map<K, number>();
      for (const [kind, at, value] of changes) {
        map = kind === 'set' ? map.set(at, value) : map.delete(at);
        if (kind === 'set') twin.set(at, value);
        else twin.delete(at);
        expect(map.size).toBe(twin.size);
      }
      const sorted = twinEntries(twin);
      expect([...map.entries()]).toEqual(sorted);
      expect([...map.keys()]).toEqual(sorted.map(([at]) => at));
      expect([...map.values()]).toEqual(sorted.map(([, value]) => value));
      expect(map.first()).toEqual(sorted[0]);
      for (const at of [...looked, ...twin.keys()]) {
        expect(map.get(at)).toBe(twin.get(at));
        expect(map.has(at)).toBe(twin.has(at));
        expect([...map.entries(at)]).toEqual(twinEntries(twin, at));
      }
    }),
  );
}

describe('agrees with a sorted Map', () => {
  it('for numbers', () => agreesWithTwin(fc.integer({ min: -40, max: 40 })));
  it('for text, in the order of code units', () =>
    agreesWithTwin(fc.constantFrom('', '/', '/A', '/Z', '/a', '/a/b', '/ab', '/é', '/\u{1f600}', '/\uffee')));
});

it('old versions stay as they were', () => {
  fc.assert(
    fc.property(changesOf(fc.nat({ max: 30 })), (changes) => {
      let map = SortedMap.empty<number, number>();
      const versions = [{ map, entries: [...map.entries()] }];
      for (const [kind, at, value] of changes) {
        map = kind === 'set' ? map.set(at, value) : map.delete(at);
        versions.push({ map, entries: [...map.entries()] });
      }
      for (const version of versions) expect([...version.map.entries()]).toEqual(version.entries);
    }),
  );
});

describe('stays balanced', () => {
  it('after any changes', () => {
    fc.assert(
      fc.property(changesOf(fc.nat({ max: 60 })), (changes) => {
        let map = SortedMap.empty<number, number>();
        for (const [kind, at, value] of changes) {
          map = kind === 'set' ? map.set(at, value) : map.delete(at);
          expectBalanced(rootOf(map));
        }
      }),
    );
  });

  it.each([
    ['rising', (i: number) => i],
    ['falling', (i: number) => -i],
    ['from both ends', (i: number) => (i % 2 === 0 ? i : -i)],
    ['scattered', (i: number) => (i * 7919) % 10_007],
  ])('5,000 keys, %s: no deeper than twice the best', (_, keyOf) => {
    let map = SortedMap.empty<number, number>();
    for (let i = 0; i < 5000; i++) map = map.set(keyOf(i), i);
    expect(depthOf(rootOf(map))).toBeLessThanOrEqual(2 * Math.log2(map.size));
    // As a log is trimmed: from the least key on.
    for (let key = map.first(); map.size > 500 && key !== undefined; key = map.first()) map = map.delete(key[0]);
    expectBalanced(rootOf(map));
    expect(depthOf(rootOf(map))).toBeLessThanOrEqual(2 * Math.log2(map.size));
  });
});

describe('says so when nothing changes', () => {
  it('deleting what is not there gives the same map', () => {
    const map = SortedMap.empty<number, string>().set(1, 'one');
    expect(map.delete(2)).toBe(map);
  });

  it('emptied, it is the one empty map', () => {
    expect(SortedMap.empty<number, string>().set(1, 'one').delete(1)).toBe(SortedMap.empty());
  });

  it('an undefined value is there all the same', () => {
    const map = SortedMap.empty<string, undefined>().set('a', undefined);
    expect([map.has('a'), map.get('a'), map.size]).toEqual([true, undefined, 1]);
  });
});

it('may be changed while its entries are being read', () => {
  let map = SortedMap.empty<number, number>();
  for (let i = 0; i < 20; i++) map = map.set(i, i);
  const read: number[] = [];
  for (const [key] of map.entries()) {
    read.push(key);
    map = map.delete(key + 1);
  }
  expect(read).toEqual(Array.from({ length: 20 }, (_, i) => i));
});
