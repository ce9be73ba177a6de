// What of a log counts.
import { expect, it } from 'vitest';
import { deletion, entry } from './conformance/store-life.test-kit.js';
import type { LogEntry } from './file.js';
import { type JudgedRecord, trustedOf, trustedRecords } from './store-port.js';

const SOUND = true;
const ROTTEN = false;
const record = (sequence: number, sound: boolean) => ({ ...of(entry(sequence)), sound });
const hollow = (one: LogEntry) => ({ ...of(one), hollow: true });

const deleted: LogEntry = { ...deletion(2, undefined), outcome: { result: 'deleted', found: true } };

function of(one: LogEntry): JudgedRecord & { readonly entry: LogEntry } {
  return { id: one.id, sound: true, hollow: false, entry: one };
}

it.each([
  ['all that stands in line behind the base', 3, [record(4, SOUND), record(5, SOUND)], '4 5'],
  ['nothing from a rotten record on', 0, [record(1, SOUND), record(2, ROTTEN), record(3, SOUND)], '1'],
  ['nothing from a gap on', 0, [record(1, SOUND), record(3, SOUND), record(4, SOUND)], '1'],
  ['nothing behind a base that is not followed', 3, [record(5, SOUND)], ''],
  ['what the base holds already', 3, [record(2, SOUND), record(3, SOUND), record(4, SOUND)], '2 3 4'],
  [
    'what is there twice, and what follows it',
    0,
    [record(1, SOUND), record(2, SOUND), record(1, SOUND), record(3, SOUND)],
    '1 2 1 3',
  ],
  ['nothing from a hollow record on', 0, [record(1, SOUND), hollow(entry(2)), of(entry(3, 1, '/b'))], '1'],
  [
    'a hollow record that was written once more',
    0,
    [hollow(entry(1)), of(entry(2, 1, '/b')), hollow(entry(1)), of(entry(1)), of(entry(3, 1, '/b'))],
    '1~ 2 1~ 1 3',
  ],
  [
    'what was written once more behind a hollow record, and nothing else that is behind it',
    0,
    [hollow(entry(1)), of(entry(2, 1, '/b')), hollow(entry(3, 1, '/c')), of(entry(4, 1, '/b')), of(entry(1))],
    '1~ 2 1',
  ],
  [
    'nothing from a hollow record on behind which only an earlier entry of its file was written once more',
    0,
    [hollow(entry(1)), hollow(entry(2)), of(entry(1))],
    '1~ 1',
  ],
  [
    'nothing that was written once more behind a rotten record',
    0,
    [hollow(entry(1)), record(2, ROTTEN), of(entry(1))],
    '',
  ],
  ['a hollow record once its file was replaced', 0, [hollow(entry(1)), of(entry(2))], '1~ 2'],
  ['a hollow record once its file was deleted', 0, [hollow(entry(1, 1, '/d')), of(deleted)], '1~ 2'],
  [
    'nothing from a hollow record on that nothing took the place of',
    0,
    [hollow(entry(1, 1, '/d')), of(deletion(2, 'none'))],
    '',
  ],
  ['nothing from a hollow record on that a hollow one replaced', 0, [hollow(entry(1)), hollow(entry(2))], ''],
  [
    'nothing from a hollow record on whose file was replaced behind another that counts for nothing',
    0,
    [hollow(entry(1)), hollow(entry(2, 1, '/b')), of(entry(3))],
    '',
  ],
  ['nothing from a hollow record on that was replaced behind a gap', 0, [hollow(entry(1)), of(entry(3))], ''],
  ['a hollow record that the base holds', 3, [hollow(entry(3)), of(entry(4, 1, '/b'))], '3~ 4'],
])('counts %s', (_, base, records, counted) => {
  const all: readonly ReturnType<typeof of>[] = records;
  const words = trustedOf(base, all, ({ entry }) => entry).map(
    ({ id, hollow }) => `${id.sequence}${hollow ? '~' : ''}`,
  );
  expect(words.join(' ')).toBe(counted);
});

it('reads no entry where no record is hollow', () => {
  const unread = (): never => {
    throw new Error('it was read');
  };
  expect(trustedOf(0, [record(1, SOUND), record(3, SOUND)], unread)).toHaveLength(1);
});

it('counts nothing behind a rotten base, though it were the first entries', () => {
  const entries = [1, 2].map((sequence) => ({ entry: entry(sequence), sound: true, hollow: false }));
  expect(trustedRecords({ base: undefined, baseSound: true, entries })).toEqual(entries);
  expect(trustedRecords({ base: undefined, baseSound: false, entries })).toEqual([]);
});
