// Any views and whatever is said in them, for planning; and a ring that does what it is planned to do.
import fc from 'fast-check';
import { NO_ENTRY } from '../ids.js';
import type { Facts } from './facts.js';
import { factsOf, planOf, saying } from './facts.test-kit.js';
import type { KeptLog, Registration, ShardLearner } from './registration.js';
import { type Chain, type Member, makeView, type View } from './view.js';
import { smallSettings } from './views.test-kit.js';

const RING = [...'abcdefgh'];
const NEWCOMERS = [...'pqr'];

const chainOn = (ids: readonly string[]): fc.Arbitrary<Chain> =>
  fc
    .record({
      order: fc.shuffledSubarray([...ids, 'y', 'z'], { minLength: ids.length + 2 }),
      length: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom('living', 'living', 'learning', 'lost'),
    })
    .map(({ order, length, kind }) => {
      if (kind === 'lost') {
        return { members: [], learners: [], lost: order.slice(0, length).map((id) => ({ id, incarnation: 1 })) };
      }
      const present = order.filter((id) => ids.includes(id));
      const learners = kind === 'learning' ? present.slice(length, length + 1) : [];
      return { members: present.slice(0, length), learners, lost: [] };
    });

export const anyViews: fc.Arbitrary<View> = fc
  .shuffledSubarray(RING, { minLength: 1 })
  .chain((ids) =>
    fc.record({
      ring: fc.constant(ids.map((id, i): Member => ({ id, incarnation: i + 2, address: `${id}:1` }))),
      chainLength: fc.integer({ min: 1, max: 4 }),
      chains: fc.array(chainOn(ids), { minLength: 1, maxLength: 6 }),
    }),
  )
  .map(({ ring, chainLength, chains }) =>
    makeView({
      epoch: 7,
      clusterId: 'test',
      settings: { ...smallSettings, chainLength, shards: chains.length },
      ring,
      chains,
    }),
  );

const shardOf = (view: View): fc.Arbitrary<number> => fc.nat({ max: view.chains.length - 1 });

/** Mostly of learners that there are. */
function learnersOf(view: View): fc.Arbitrary<readonly ShardLearner[]> {
  const those = view.chains.flatMap(({ learners }, shard) => learners.map((learner) => ({ shard, learner })));
  const others = fc.record({ shard: shardOf(view), learner: fc.constantFrom(...RING) });
  return fc.oneof(fc.subarray(those), fc.subarray(those), fc.array(others, { maxLength: 2 }));
}

function keptOf(view: View): fc.Arbitrary<readonly KeptLog[]> {
  const written = fc.record({ epoch: fc.integer({ min: 1, max: 2 }), sequence: fc.integer({ min: 1, max: 2 }) });
  const last = fc.oneof({ weight: 2, arbitrary: written }, { weight: 1, arbitrary: fc.constant(NO_ENTRY) });
  const log = fc.record({ last, suspect: fc.boolean() });
  const logs = view.chains.map((_, shard) =>
    fc.option(
      log.map((each) => ({ shard, ...each })),
      { nil: undefined, freq: 5 },
    ),
  );
  return fc.tuple(...logs).map((all) => all.filter((each) => each !== undefined));
}

function saidOn(view: View, { id, incarnation }: Member): fc.Arbitrary<Registration> {
  return fc
    .record({
      ready: learnersOf(view),
      stalled: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: learnersOf(view) }),
      kept: keptOf(view),
      leaving: fc.constantFrom('no', 'no', 'no', 'handing-over', 'idle'),
      epoch: fc.constantFrom(7, 7, 7, 7, 6),
    })
    .map((facts) => saying(id, { incarnation, ...facts }));
}

function newcomerOn(view: View, id: string): fc.Arbitrary<Registration> {
  const { ring } = view;
  return fc
    .record({
      position: fc.nat({ max: ring.length - 1 }),
      steps: fc.constantFrom(1, 1, 1, 2),
      facts: fc.record({
        epoch: fc.constantFrom(7, 7, 7, 6),
        leaving: fc.constantFrom('no', 'no', 'no', 'idle'),
        clusterId: fc.constantFrom('test', 'test', 'test', 'other'),
      }),
    })
    .map(({ position, steps, facts }) => {
      const after = (ring[(position + steps) % ring.length] as Member).id;
      return saying(id, { seat: { before: (ring[position] as Member).id, after }, incarnation: 9, ...facts });
    });
}

export interface Plannable {
  readonly view: View;
  readonly facts: Facts;
}

export const plannable: fc.Arbitrary<Plannable> = anyViews.chain((view) => {
  const said = [...view.ring.map((member) => saidOn(view, member)), ...NEWCOMERS.map((id) => newcomerOn(view, id))];
  return fc
    .record({
      all: fc.tuple(...said.map((each) => fc.option(each, { nil: undefined, freq: 5 }))),
      reviveWaited: fc.boolean(),
      learningMax: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ all, reviveWaited, learningMax }) => {
      const registrations = all.filter((each) => each !== undefined);
      return { view, facts: factsOf(registrations, { task: 'plan', reviveWaited, learningMax }) };
    });
});

interface Wishes {
  /** Who wants to leave. */
  readonly leaving: readonly string[];
  /** Who wants to join. */
  readonly coming: readonly string[];
  /** Something was ever written. */
  readonly written: boolean;
}

/** What everybody says who does what the view asks for; of the learners only these are caught up. */
function obeying(view: View, wishes: Wishes, isReady: (shard: number) => boolean): readonly Registration[] {
  const { epoch } = view;
  const members = view.ring.map(({ id, incarnation }) => {
    const ready = view.chains.flatMap(({ members: chain, learners }, shard) =>
      chain.at(-1) === id && isReady(shard) ? learners.map((learner) => ({ shard, learner })) : [],
    );
    const leaving = wishes.leaving.includes(id) ? 'idle' : 'no';
    return saying(id, { incarnation, epoch, ready, leaving, written: wishes.written });
  });
  const waiting = wishes.coming.filter((id) => !view.positions.has(id));
  const [before, after] = [view.ring[0], view.ring[1 % view.ring.length]] as [Member, Member];
  return [...members, ...waiting.map((id) => saying(id, { epoch, seat: { before: before.id, after: after.id } }))];
}

/**
 * Every view that follows until nothing is left to do. Learners catch up sooner or later: `patterns` says which do in
 * each view.
 */
export function courseOf(view: View, wishes: Wishes, patterns: readonly number[], learningMax = 4): readonly View[] {
  const course = [view];
  let idle = 0;
  while (idle < 2 && course.length < 1000) {
    const present = course.at(-1) as View;
    const pattern = (patterns[course.length % patterns.length] ?? 0) + idle * 1000;
    const isReady = (shard: number): boolean => idle > 0 || ((pattern >> (shard % 8)) & 1) === 1;
    const next = planOf(present, obeying(present, wishes, isReady), { learningMax });
    // Nothing to do with some learners: once more with all of them, before it counts as rest.
    idle = next === undefined ? idle + 1 : 0;
    if (next !== undefined) course.push(next);
  }
  return course;
}
