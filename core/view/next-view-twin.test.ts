// The next view against trying every subset of the members, and what is true of every next view.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../ids.js';
import type { Waited } from './facts.js';
import { brokenRings, factsOf, hollowReports, saying } from './facts.test-kit.js';
import { nextView } from './next-view.js';
import { Twin } from './next-view-twin.test-kit.js';
import type { Chain, Member, View } from './view.js';
import { idsOf } from './views.test-kit.js';

const waits: readonly Waited[] = ['hasty', 'settled', 'patient'];
const waited = fc.constantFrom(...waits);
const numRuns = Number(process.env['PPNFS_PROPERTY_RUNS'] ?? 1500);

it.each(waits)('agrees with trying everything, %s', (patience) => {
  const seen = { change: 0, none: 0, joined: 0, moved: patience === 'hasty' ? numRuns : 0 };
  fc.assert(
    fc.property(withRestarts, ({ view, reports }) => {
      const rings = new Twin(view, reports).rings(patience);
      const next = nextView(view, factsOf(reports, { waited: patience }));
      if (rings.length === 0) expect(idsOf(next)).toBeUndefined();
      else expect(rings).toContain(idsOf(next));
      seen[next === undefined ? 'none' : 'change']++;
      if ((next?.ring.length ?? 0) > 1) seen.joined++;
      if (next?.ring.length === view.ring.length) seen.moved++;
    }),
    { numRuns },
  );
  // All of it must really occur, or the property says little. The rarest does in one run of sixty or so, give or take.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(numRuns / 300);
});

/** Some members have begun another life; the last of them lives on as it is. */
const withRestarts = brokenRings.chain(({ view, reports }) =>
  fc
    .oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(view.ring.slice(0, -1)) })
    .map((again) => {
      const others = reports.filter(({ member }) => !again.some(({ id }) => id === member));
      const restarted = again.map(({ id, incarnation }) => saying(id, { incarnation: incarnation + 1, epoch: 0 }));
      return { view, reports: [...others, ...restarted] };
    }),
);

function everyChange(check: (view: View, next: View, twin: Twin) => void): void {
  fc.assert(
    fc.property(withRestarts, waited, ({ view, reports }, patience) => {
      const next = nextView(view, factsOf(reports, { waited: patience }));
      if (next !== undefined) check(view, next, new Twin(view, reports));
    }),
    { numRuns },
  );
}

describe('every next view', () => {
  it('is of the next epoch, and otherwise of the same cluster', () => {
    everyChange((view, next) => {
      expect(next.epoch).toBe(view.epoch + 1);
      expect([next.clusterId, next.settings]).toEqual([view.clusterId, view.settings]);
    });
  });

  it('keeps some members but not all, in their order and in their lives, or moves one and keeps the chains', () => {
    everyChange((view, next) => {
      const sorted = (ring: readonly Member[]): readonly Member[] => ring.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(next.ring.length).toBeGreaterThan(0);
      if (next.ring.length < view.ring.length) {
        expect(next.ring).toEqual(view.ring.filter((member) => next.ring.includes(member)));
        return;
      }
      expect(sorted(next.ring)).toEqual(sorted(view.ring));
      expect(next.chains).toEqual(view.chains);
      const without = (ring: readonly Member[], moved: MemberId): string =>
        ring
          .filter(({ id }) => id !== moved)
          .map(({ id }) => id)
          .join(' ');
      expect(view.ring.filter(({ id }) => without(view.ring, id) === without(next.ring, id)).length).toBeGreaterThan(0);
    });
  });

  it('links its members over what works already, but for the edge that a dead or deaf one leaves', () => {
    everyChange((view, next, twin) => {
      const ids = next.ring.map(({ id }) => id);
      const gone = view.ring.filter((member) => !next.ring.includes(member));
      if (ids.length === 1 || gone.some(({ id }) => twin.hasBegunAgain(id))) return;
      const unlinked = ids.map((id, i) => `${ids.at(i - 1)} ${id}`).filter((link) => !twin.isUp(link));
      expect(unlinked.length).toBeLessThanOrEqual(gone.length === 1 ? 1 : 0);
    });
  });

  it('has in each chain those who stayed, and remembers those who went all together', () => {
    everyChange((view, next) => {
      const gone = view.ring.map(({ id }) => id).filter((id) => !next.positions.has(id));
      next.chains.forEach(({ members, learners, lost }, shard) => {
        const before = view.chains[shard] as Chain;
        const stayed = before.members.filter((id) => !gone.includes(id));
        expect(members).toEqual(stayed);
        if (stayed.length > 0) expect(learners).toEqual(before.learners.filter((id) => !gone.includes(id)));
        else
          expect(lost.map(({ id }) => id)).toEqual(
            before.lost.length > 0 ? before.lost.map(({ id }) => id) : before.members,
          );
      });
    });
  });

  it('is the same for everybody, in whatever order the reports are read, whatever else is among them', () => {
    const read = withRestarts.chain(({ view, reports }) =>
      fc.record({
        view: fc.constant(view),
        reports: fc.constant(reports),
        others: hollowReports(view).chain((hollow) => {
          const all = [...reports, ...hollow];
          return fc.shuffledSubarray(all, { minLength: all.length });
        }),
      }),
    );
    fc.assert(
      fc.property(read, waited, ({ view, reports, others }, patience) => {
        const all = [...others, ...reports].slice(0, others.length);
        expect(nextView(view, factsOf(all, { waited: patience }))).toEqual(
          nextView(view, factsOf(reports, { waited: patience })),
        );
      }),
      { numRuns },
    );
  });

  it('is decided at last if it is decided in haste', () => {
    fc.assert(
      fc.property(withRestarts, ({ view, reports }) => {
        const [hasty, settled, patient] = waits.map((patience) =>
          idsOf(nextView(view, factsOf(reports, { waited: patience }))),
        );
        if (hasty !== undefined) expect(settled).toBe(hasty);
        if (settled !== undefined) expect(patient).toBe(settled);
      }),
      { numRuns },
    );
  });
});
