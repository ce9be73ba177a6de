import { describe, expect, it } from 'vitest';
import type { Frame, Parcel, RingFrame, Shuttle, Want } from './frame.js';
import { NO_ENTRY } from './ids.js';
import { Ring, viewOf } from './membership/ring.test-kit.js';
import { implausibility, LARGE_PARCEL, STRANGER, WRONG_SHARD } from './plausibility.js';

const VIEW = viewOf(7, 'n1 n2 n3');
const route = { epoch: 7, origin: 'n1', lastStop: 'n2' } as const;
const chunk = { upload: 'n1.1.1', index: 0, length: 1, checksum: 0, payload: undefined };

function shuttleWith(change: Partial<Want>): Shuttle {
  const asks = { id: 1, copy: 0, path: '/a', shard: 0, known: undefined, stamp: undefined, need: undefined, seen: 0 };
  const want = { origin: 'n1', ...asks, awaitedBy: ['n1'], ...change };
  return {
    kind: 'shuttle',
    ...route,
    lastStop: 'n1',
    number: 1,
    boarded: 1,
    comesAgain: false,
    isGapped: false,
    awaitedBy: [],
    wants: [want],
  };
}

function parcelOf(length: number): Parcel {
  const proposal = {
    operation: 'o',
    path: '/a',
    change: { kind: 'delete' },
    precondition: undefined,
    fingerprint: '',
  } as const;
  return {
    kind: 'parcel',
    ...route,
    shard: 0,
    entryIncarnation: 1,
    attempt: 1,
    proposal,
    chunk: { ...chunk, length },
  };
}

const beyond: readonly RingFrame[] = [
  { kind: 'chunk', ...route, purpose: 'upload', shard: 1, chunk, boarding: 0, served: 0 },
  { kind: 'chunk', ...route, epoch: 6, purpose: 'upload', shard: 1, chunk, boarding: 0, served: 0 },
  { kind: 'marker', ...route, operation: 'o', shard: 1, upload: 'n1.1.1', from: 0, to: 1, missing: [] },
  { kind: 'replicate', ...route, shard: 1, committed: NO_ENTRY, durable: 0, entries: [] },
  { kind: 'commit', ...route, shard: 1, upTo: NO_ENTRY, chainLength: 1, outcomes: [] },
  { kind: 'learned', ...route, shard: 1, upTo: NO_ENTRY },
  shuttleWith({ shard: 1 }),
  { kind: 'fetch', ...route, purpose: 'read', shard: 1, upload: 'n1.1.1', ranges: [], seen: 0, again: false },
];
const strangers: readonly RingFrame[] = [
  { kind: 'gone', ...route, origin: 'x', upload: 'n1.1.1' },
  { kind: 'space', ...route, lastStop: 'x', full: true },
  shuttleWith({ origin: 'x' }),
  shuttleWith({ awaitedBy: ['n1', 'x'] }),
  { ...shuttleWith({}), awaitedBy: ['x'] },
  { kind: 'fetch', ...route, origin: 'x', purpose: 'read', shard: 0, upload: 'u', ranges: [], seen: 0, again: true },
];

function linkInto(ring: Ring, id: string): number {
  return ring.state(id).links.inbound;
}

/** n2 hears this of its predecessor. */
function refusals(frame: Frame): readonly string[] {
  const ring = Ring.of(VIEW);
  ring.feed('n2', { kind: 'frame', link: linkInto(ring, 'n2'), frame });
  return ring.told('link-refused', 'n2').map((fact) => (fact.fact === 'link-refused' ? fact.why : ''));
}

describe('a peer that says what cannot be loses its link, and stops nobody', () => {
  it.each(beyond.map((frame) => [frame.kind, frame.epoch, frame] as const))(
    'a %s of epoch %i for a shard beyond the settings',
    (_, __, frame) => {
      expect(refusals(frame)).toEqual([WRONG_SHARD]);
    },
  );

  it.each(strangers.map((frame) => [frame.kind, frame] as const))('a %s from or to a stranger', (_, frame) => {
    expect(refusals(frame)).toEqual([STRANGER]);
  });
});

it('a parcel that is no small file loses its link: these are bytes past the credits', () => {
  const most = VIEW.settings.chunkBytes / 16;
  expect(implausibility(VIEW, parcelOf(most))).toBeUndefined();
  expect(refusals(parcelOf(most + 1))).toEqual([LARGE_PARCEL]);
});

it('a frame of a former view may name those who are gone by now', () => {
  const frame = { ...(beyond[1] as RingFrame), origin: 'x', shard: 0 } as RingFrame;
  expect(implausibility(VIEW, frame)).toBeUndefined();
  expect(refusals(frame)).toEqual([]);
});
