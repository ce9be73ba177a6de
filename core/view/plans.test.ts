// What is true of every plan, and that plans come to rest.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareEntryIds, type MemberId } from '../ids.js';
import type { Facts } from './facts.js';
import { factsOf } from './facts.test-kit.js';
import { nextView } from './next-view.js';
import { foundingView } from './placement.js';
import { anyViews, courseOf, plannable } from './plans.test-kit.js';
import type { KeptLog, Registration } from './registration.js';
import { type Chain, isMember, type View } from './view.js';
import { membersOf, smallSettings } from './views.test-kit.js';

const numRuns = Number(process.env['PPNFS_PROPERTY_RUNS'] ?? 600);

interface Change {
  readonly view: View;
  readonly next: View;
  readonly facts: Facts;
  /** The registration of a member, if it speaks in this view. */
  readonly says: (id: MemberId | undefined) => Registration | undefined;
  /** Wants to leave; if all want to, the one with the lowest id is not let go. */
  readonly leaves: (id: MemberId) => boolean;
}

function everyPlan(check: (change: Change) => void): void {
  let changes = 0;
  fc.assert(
    fc.property(plannable, ({ view, facts }) => {
      const next = nextView(view, facts);
      if (next === undefined) return;
      changes++;
      const says: Change['says'] = (id) =>
        facts.registrations.find(
          (each) => each.member === id && each.epoch === view.epoch && isMember(view, each.member, each.incarnation),
        );
      const wish = (id: MemberId): boolean => (says(id)?.leaving ?? 'no') !== 'no';
      const lowest = view.ring.map(({ id }) => id).sort()[0];
      const leaves = (id: MemberId): boolean =>
        wish(id) && !(id === lowest && view.ring.every((each) => wish(each.id)));
      check({ view, next, facts, says, leaves });
    }),
    { numRuns },
  );
  expect(changes).toBeGreaterThan(numRuns / 2);
}

function everyChain(check: (before: Chain, after: Chain, shard: number, change: Change) => void): void {
  everyPlan((change) => {
    for (const [shard, after] of change.next.chains.entries()) {
      check(change.view.chains[shard] as Chain, after, shard, change);
    }
  });
}

describe('every plan', () => {
  it('leaves each chain its members in their order, but for one of a chain that is too long', () => {
    everyChain((before, after, _, { view, next, leaves }) => {
      if (before.lost.length > 0) return;
      const staying = next.ring.filter(({ id }) => !leaves(id)).length;
      const stayed = before.members.filter((id) => after.members.includes(id));
      expect(after.members.filter((id) => before.members.includes(id))).toEqual(stayed);
      expect(after.members.slice(0, stayed.length)).toEqual(stayed);
      expect(before.members.length - stayed.length).toBeLessThanOrEqual(1);
      expect(after.members.length).toBeGreaterThan(0);
      const wanted = Math.min(view.settings.chainLength, staying);
      if (stayed.length < before.members.length) expect(after.members.length).toBeGreaterThanOrEqual(wanted);
    });
  });

  it('drops whoever leaves before anybody else', () => {
    everyChain((before, after, _, { leaves }) => {
      const dropped = before.members.find((id) => !after.members.includes(id));
      if (dropped !== undefined && !leaves(dropped)) expect(after.members.filter(leaves)).toEqual([]);
    });
  });

  it('promotes learners only by the word of the present tail, and none that is stalled', () => {
    everyChain((before, after, shard, { says }) => {
      const promoted = before.lost.length > 0 ? [] : after.members.filter((id) => !before.members.includes(id));
      if (promoted.length === 0) return;
      expect(promoted).toEqual(before.learners);
      const tail = says(before.members.at(-1));
      expect(tail?.ready).toContainEqual({ shard, learner: promoted[0] });
      expect(tail?.stalled).not.toContainEqual({ shard, learner: promoted[0] });
    });
  });

  it('has one learner for a chain at most, who is not in it and stays', () => {
    everyChain((before, after, _, { facts, next, leaves }) => {
      expect(after.learners.length).toBeLessThanOrEqual(1);
      for (const id of after.learners) {
        expect(after.members).not.toContain(id);
        if (before.learners.includes(id)) continue;
        expect([id, leaves(id)]).toEqual([id, false]);
        const learns = next.chains.filter(({ learners }) => learners.includes(id)).length;
        expect(learns).toBeLessThanOrEqual(facts.learningMax);
      }
    });
  });

  it('keeps the ring in its order, and puts newcomers where their seats are', () => {
    everyPlan(({ view, next, facts }) => {
      const old = next.ring.filter(({ id }) => view.positions.has(id));
      expect(old).toEqual(view.ring.filter(({ id }) => next.positions.has(id)));
      next.ring.forEach(({ id }, i) => {
        if (view.positions.has(id)) return;
        const seat = facts.registrations.find(({ member }) => member === id)?.seat;
        expect(seat?.before).toBe(next.ring.at(i - 1)?.id);
        expect(seat?.after).toBe(next.ring.at((i + 1) % next.ring.length)?.id);
      });
    });
  });

  it('lets go only those who are idle and whom no chain needs', () => {
    everyPlan(({ view, next, says }) => {
      for (const { id } of view.ring) {
        if (next.positions.has(id)) continue;
        expect(says(id)?.leaving).toBe('idle');
        expect(view.chains.filter((chain) => [...chain.members, ...chain.learners].includes(id))).toEqual([]);
      }
    });
  });

  it('is the same for everybody, in whatever order registrations are read', () => {
    const read = plannable.chain(({ view, facts }) =>
      fc
        .shuffledSubarray([...facts.registrations], { minLength: facts.registrations.length })
        .map((registrations) => ({ view, facts, other: { ...facts, registrations } })),
    );
    fc.assert(
      fc.property(read, ({ view, facts, other }) => {
        expect(nextView(view, other)).toEqual(nextView(view, facts));
      }),
      { numRuns },
    );
  });

  it('is none while anything is broken', () => {
    fc.assert(
      fc.property(plannable, fc.nat(), ({ view, facts }, drawn) => {
        const registrations = facts.registrations.map((each, i) =>
          i === drawn % facts.registrations.length ? { ...each, brokenIn: true } : each,
        );
        const told = registrations.filter(({ epoch, member }) => epoch === view.epoch && view.positions.has(member));
        if (told.every(({ brokenIn }) => !brokenIn)) return;
        expect(nextView(view, { ...facts, registrations })).toBeUndefined();
      }),
      { numRuns },
    );
  });
});

describe('every revival', () => {
  function everyRevival(
    check: (after: Chain, logs: ReadonlyMap<MemberId, KeptLog>, lost: readonly MemberId[], change: Change) => void,
  ): void {
    let revivals = 0;
    everyChain((before, after, shard, change) => {
      if (before.lost.length === 0 || after.members.length === 0) return;
      revivals++;
      const lost = before.lost.map(({ id }) => id);
      const logs = new Map<MemberId, KeptLog>();
      for (const id of lost) {
        const log = change.says(id)?.kept.find((each) => each.shard === shard);
        if (log !== undefined) logs.set(id, log);
      }
      check(after, logs, lost, change);
    });
    expect(revivals).toBeGreaterThan(numRuns / 10);
  }

  it('is by lost members who have reported, all that have the same', () => {
    everyRevival(({ members }, logs, lost) => {
      const heads = members.map((id) => logs.get(id)?.last);
      expect(heads.every((last) => last !== undefined)).toBe(true);
      expect(new Set(heads.map((last) => JSON.stringify(last))).size).toBe(1);
      expect(members).toEqual(lost.filter((id) => members.includes(id)));
    });
  });

  it('never has less than anybody, if all have reported', () => {
    everyRevival(({ members }, logs, lost) => {
      const best = logs.get(members[0] as MemberId) as KeptLog;
      if (logs.size < lost.length) return;
      for (const [id, { last, suspect }] of logs) {
        const order = compareEntryIds(last, best.last);
        expect(order).toBeLessThanOrEqual(0);
        expect([id, suspect, members.includes(id)]).toEqual([id, suspect, order === 0]);
      }
    });
  });

  it('waits for the others, and trusts no suspect log, unless all have reported', () => {
    everyRevival(({ members }, logs, lost, { facts }) => {
      if (logs.size === lost.length) return;
      expect(facts.reviveWaited).toBe(true);
      expect(members.filter((id) => logs.get(id)?.suspect !== false)).toEqual([]);
    });
  });

  it('is never by who has nothing, if anybody who may speak has anything', () => {
    everyRevival(({ members }, logs, lost) => {
      if (members.every((id) => (logs.get(id)?.last.sequence ?? 0) > 0)) return;
      for (const { last, suspect } of logs.values()) {
        if (logs.size === lost.length || !suspect) expect(last.sequence).toBe(0);
      }
    });
  });
});

describe('plans come to rest', () => {
  const patterns = fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 5 });

  function expectRest(course: readonly View[], leaving: readonly string[], coming: readonly string[]): void {
    const [first, last] = [course[0], course.at(-1)] as [View, View];
    expect(course.length).toBeLessThan(20 + 8 * first.settings.shards * first.settings.chainLength);
    const staying = last.ring.map(({ id }) => id).filter((id) => !leaving.includes(id));
    expect(last.ring.length - staying.length).toBeLessThanOrEqual(staying.length === 0 ? 1 : 0);
    expect(coming.filter((id) => !last.positions.has(id))).toEqual([]);
    const living = last.chains.filter(({ lost }) => lost.length === 0);
    const length = Math.min(last.settings.chainLength, last.ring.length);
    for (const { members, learners } of living) expect([members.length, learners.length]).toEqual([length, 0]);
    const loads = last.ring.map(({ id }) => living.filter(({ members }) => members.includes(id)).length);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
  }

  it('from any view, with full chains, even loads, everybody in who wants in, and out who wants out', () => {
    const wishes = fc.record({
      leaving: fc.subarray([...'abcdefgh'], { maxLength: 4 }),
      coming: fc.subarray([...'pqr']),
      written: fc.boolean(),
    });
    fc.assert(
      fc.property(
        anyViews,
        wishes,
        patterns,
        fc.integer({ min: 1, max: 4 }),
        (view, { leaving, coming, written }, ready, max) => {
          const course = courseOf(view, { leaving, coming, written }, ready, max);
          expectRest(course, leaving, coming);
        },
      ),
      { numRuns: numRuns / 3 },
    );
  });

  it('after servers were lost and others came, on rings and with shards of any number', () => {
    const sizes = fc.record({
      servers: fc.integer({ min: 1, max: 14 }),
      shards: fc.integer({ min: 1, max: 40 }),
      chainLength: fc.integer({ min: 1, max: 4 }),
      leaving: fc.subarray(['n1', 'n2', 'n3']),
      coming: fc.subarray(['p', 'q', 'r']),
    });
    fc.assert(
      fc.property(sizes, patterns, ({ servers, leaving, coming, ...settings }, ready) => {
        const founded = foundingView(membersOf(servers), 'test', { ...smallSettings, ...settings });
        expectRest(courseOf(founded, { leaving, coming, written: true }, ready), leaving, coming);
      }),
      { numRuns: numRuns / 15 },
    );
  });

  it('a founded ring is at rest', () => {
    for (const [servers, shards] of [
      [3, 16],
      [5, 16],
      [65, 65],
      [128, 64],
      [20, 100],
    ] as const) {
      const founded = foundingView(membersOf(servers), 'test', { ...smallSettings, chainLength: 3, shards });
      expect(nextView(founded, factsOf([], { task: 'plan' }))).toBeUndefined();
    }
  });
});
