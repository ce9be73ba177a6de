// How much of a log counts.
import { expect, it } from 'vitest';
import { entry } from './conformance/store-life.test-kit.js';
import { trustedCount, trustedRecords } from './store-port.js';

const SOUND = true;
const ROTTEN = false;
const record = (sequence: number, sound: boolean) => ({ id: { epoch: 1, sequence }, sound });

it.each([
  ['all that stands in line behind the base', 3, [record(4, SOUND), record(5, SOUND)], 2],
  ['nothing from a rotten record on', 0, [record(1, SOUND), record(2, ROTTEN), record(3, SOUND)], 1],
  ['nothing from a gap on', 0, [record(1, SOUND), record(3, SOUND), record(4, SOUND)], 1],
  ['nothing behind a base that is not followed', 3, [record(5, SOUND)], 0],
  ['what the base holds already', 3, [record(2, SOUND), record(3, SOUND), record(4, SOUND)], 3],
  [
    'what is there twice, and what follows it',
    0,
    [record(1, SOUND), record(2, SOUND), record(1, SOUND), record(3, SOUND)],
    4,
  ],
] as const)('counts %s', (_, base, records, count) => {
  expect(trustedCount(base, records)).toBe(count);
});

it('counts nothing behind a rotten base, though it were the first entries', () => {
  const entries = [1, 2].map((sequence) => ({ entry: entry(sequence), sound: true }));
  expect(trustedRecords({ base: undefined, baseSound: true, entries })).toEqual(entries);
  expect(trustedRecords({ base: undefined, baseSound: false, entries })).toEqual([]);
});
