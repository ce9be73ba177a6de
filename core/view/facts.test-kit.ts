// Facts for the next view, in few words.
import fc from 'fast-check';
import type { MemberId } from '../ids.js';
import type { Facts } from './facts.js';
import { nextView } from './next-view.js';
import type { Registration, Seat } from './registration.js';
import { type Chain, type Member, makeView, type View } from './view.js';
import { smallSettings } from './views.test-kit.js';

const listOf = (ids: string): readonly MemberId[] => (ids === '' ? [] : ids.split(' '));

/** Of epoch 7 and the first life, as `ringOf` makes them; says nothing but what is given. */
export const saying = (member: MemberId, facts: Partial<Registration> = {}): Registration => ({
  member,
  incarnation: 1,
  address: `${member}:1`,
  clusterId: 'test',
  store: `store of ${member}`,
  life: `life of ${member}`,
  written: true,
  epoch: 7,
  brokenIn: false,
  brokenOut: false,
  probes: [],
  seat: undefined,
  ready: [],
  stalled: [],
  kept: [],
  leaving: 'no',
  ...facts,
});

/** Nothing was waited for, and nothing is planned. */
export const factsOf = (registrations: readonly Registration[], facts: Partial<Facts> = {}): Facts => ({
  registrations,
  waited: 'hasty',
  task: 'repair',
  reviveWaited: false,
  deadRing: false,
  fullDisks: new Set(),
  learningMax: 16,
  ...facts,
});

/** The next view where things are planned. */
export const planOf = (
  view: View,
  registrations: readonly Registration[],
  facts: Partial<Facts> = {},
): View | undefined => nextView(view, factsOf(registrations, { task: 'plan', ...facts }));

/** The links to both are up: `a b` is between a and b. */
export function seat(text: string): Seat {
  const [before, after] = text.split(' ') as [MemberId, MemberId];
  return { before, after };
}

const report = (member: MemberId, brokenIn: boolean, brokenOut: boolean, hears: string): Registration =>
  saying(member, { brokenIn, brokenOut, probes: listOf(hears) });

/** It does not hear its predecessor, but these. */
export const deaf = (member: MemberId, hears = ''): Registration => report(member, true, false, hears);
/** Its successor does not hear it. */
export const unheard = (member: MemberId): Registration => report(member, false, true, '');
/** Both. */
export const cutOff = (member: MemberId, hears = ''): Registration => report(member, true, true, hears);

interface Broken {
  readonly view: View;
  /** Valid, one for each member at most. */
  readonly reports: readonly Registration[];
}

/** Ids in the ring are in no order, since the lowest id breaks ties. */
const rings: fc.Arbitrary<readonly Member[]> = fc
  .integer({ min: 1, max: 8 })
  .chain((size) => fc.shuffledSubarray([...'abcdefgh'], { minLength: size, maxLength: size }))
  .map((ids) => ids.map((id, i) => ({ id, incarnation: i + 2, address: `${id}:1` })));

const chainsIn = (ids: readonly MemberId[]): fc.Arbitrary<Chain> =>
  fc
    .record({
      order: fc.shuffledSubarray([...ids], { minLength: ids.length }),
      length: fc.integer({ min: 1, max: 3 }),
      learner: fc.boolean(),
      isLost: fc.integer({ min: 0, max: 4 }).map((drawn) => drawn === 0),
    })
    .map(({ order, length, learner, isLost }) => {
      if (isLost)
        return { members: [], learners: [], lost: order.slice(0, length).map((id) => ({ id, incarnation: 1 })) };
      return { members: order.slice(0, length), learners: learner ? order.slice(length, length + 1) : [], lost: [] };
    });

const viewOn = (ring: readonly Member[]): fc.Arbitrary<View> =>
  fc
    .record({
      epoch: fc.integer({ min: 1, max: 9 }),
      chains: fc.array(chainsIn(ring.map(({ id }) => id)), { minLength: 1, maxLength: 4 }),
    })
    .map(({ epoch, chains }) =>
      makeView({ epoch, clusterId: 'test', settings: { ...smallSettings, shards: chains.length }, ring, chains }),
    );

/** It hears some, or nearly all, of those who are not its predecessor. */
function hearingOf(ring: readonly Member[], index: number): fc.Arbitrary<readonly MemberId[]> {
  const before = ring[(index + ring.length - 1) % ring.length] as Member;
  const others = ring.map(({ id }) => id).filter((id, i) => i !== index && id !== before.id);
  return fc.oneof(fc.shuffledSubarray(others), fc.shuffledSubarray(others, { minLength: others.length >> 1 }));
}

/** Often a possible one. */
function seatOn(ring: readonly Member[]): fc.Arbitrary<Seat | undefined> {
  const places = fc.tuple(fc.nat({ max: ring.length - 1 }), fc.integer({ min: 1, max: 2 }));
  const seats = places.map(([position, steps]) => ({
    before: (ring[position] as Member).id,
    after: (ring[(position + steps) % ring.length] as Member).id,
  }));
  return fc.option(seats, { nil: undefined, freq: 2 });
}

/** What each member says, or undefined. Any mixture: also of what could never be true at once. */
function reportsOn(view: View): fc.Arbitrary<readonly Registration[]> {
  const said = view.ring.map(({ id, incarnation }, index) =>
    fc.option(
      fc
        .record({
          incarnation: fc.constant(incarnation),
          epoch: fc.constant(view.epoch),
          brokenIn: fc.boolean(),
          brokenOut: fc.boolean(),
          probes: hearingOf(view.ring, index),
          seat: seatOn(view.ring),
        })
        .map((facts) => saying(id, facts)),
      { nil: undefined, freq: 4 },
    ),
  );
  return fc.tuple(...said).map((all) => all.filter((each) => each !== undefined));
}

/** What is told where some have crashed, some links are cut, and some who live say nothing. */
function truthOn(view: View): fc.Arbitrary<readonly Registration[]> {
  const some = fc.array(fc.nat({ max: view.ring.length - 1 }), { maxLength: 3 });
  const pairs = fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 })), { maxLength: 3 });
  return fc
    .record({ dead: some, cut: pairs, silent: fc.oneof(fc.constant<number[]>([]), some) })
    .map(({ dead, cut, silent }) => {
      const size = view.ring.length;
      const hears = (to: number, from: number): boolean =>
        !dead.includes(to) && !dead.includes(from) && !cut.some(([a, b]) => a === to && b === from);
      return view.ring.flatMap(({ id, incarnation }, i): Registration[] => {
        const [before, after] = [(i + size - 1) % size, (i + 1) % size];
        const [brokenIn, brokenOut] = [!hears(i, before), !hears(after, i)];
        if (dead.includes(i) || silent.includes(i) || !(brokenIn || brokenOut)) return [];
        const probes = view.ring
          .filter((_, from) => from !== i && from !== before && hears(i, from))
          .map((each) => each.id);
        return [saying(id, { incarnation, epoch: view.epoch, brokenIn, brokenOut, probes: brokenIn ? probes : [] })];
      });
    });
}

/** One edge is broken, and who is not heard over it may have found another seat. */
function oneEdgeOn(view: View): fc.Arbitrary<readonly Registration[]> {
  const size = view.ring.length;
  return fc
    .nat({ max: size - 1 })
    .chain((index) =>
      fc.record({ index: fc.constant(index), probes: hearingOf(view.ring, index), place: seatOn(view.ring) }),
    )
    .map(({ index, probes, place }) => {
      const first = view.ring[index] as Member;
      const last = view.ring[(index + size - 1) % size] as Member;
      const { epoch } = view;
      const found = saying(last.id, { incarnation: last.incarnation, epoch, brokenOut: true, seat: place });
      if (size === 1) return [found];
      return [saying(first.id, { incarnation: first.incarnation, epoch, brokenIn: true, probes }), found];
    });
}

export const brokenRings: fc.Arbitrary<Broken> = rings
  .chain(viewOn)
  .chain((view) =>
    fc.record({ view: fc.constant(view), reports: fc.oneof(reportsOn(view), truthOn(view), oneEdgeOn(view)) }),
  );

/** Registrations that say nothing in this view: of another epoch, an older life, a stranger, or another cluster. */
export function hollowReports(view: View): fc.Arbitrary<readonly Registration[]> {
  const loud = { brokenIn: true, brokenOut: true, probes: view.ring.map(({ id }) => id) };
  const hollow = view.ring.flatMap(({ id, incarnation }): Registration[] => [
    saying(id, { ...loud, incarnation, epoch: view.epoch - 1 }),
    saying(id, { ...loud, incarnation, epoch: view.epoch + 1 }),
    saying(id, { ...loud, incarnation: incarnation - 1, epoch: view.epoch }),
    saying(id, { ...loud, incarnation: incarnation + 1, epoch: view.epoch, clusterId: 'other' }),
    saying('stranger', { ...loud, incarnation, epoch: view.epoch }),
  ]);
  return fc.shuffledSubarray(hollow);
}
