// The next view against trying every subset of the members, and what is true of every next view.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facts, hollowReports } from './facts.test-kit.js';
import { nextView, type Waited } from './next-view.js';
import { Twin } from './next-view-twin.test-kit.js';
import type { View } from './view.js';
import { idsOf } from './views.test-kit.js';

const waits: readonly Waited[] = ['hasty', 'settled', 'patient'];
const waited = fc.constantFrom(...waits);
const numRuns = Number(process.env['PPNFS_PROPERTY_RUNS'] ?? 1500);

it.each(waits)('agrees with trying everything, %s', (patience) => {
  const seen = { change: 0, none: 0, joined: 0 };
  fc.assert(
    fc.property(facts, ({ view, reports }) => {
      const rings = new Twin(view, reports).rings(patience);
      const next = nextView(view, reports, patience);
      if (rings.length === 0) expect(idsOf(next)).toBeUndefined();
      else expect(rings).toContain(idsOf(next));
      seen[next === undefined ? 'none' : 'change']++;
      if ((next?.ring.length ?? 0) > 1) seen.joined++;
    }),
    { numRuns },
  );
  // Both must really occur, or the property says little.
  expect(Math.min(seen.change, seen.none, seen.joined)).toBeGreaterThan(numRuns / 100);
});

function everyChange(check: (view: View, next: View, twin: Twin) => void): void {
  fc.assert(
    fc.property(facts, waited, ({ view, reports }, patience) => {
      const next = nextView(view, reports, patience);
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

  it('keeps some members but not all, in their order and in their lives', () => {
    everyChange((view, next) => {
      expect(next.ring.length).toBeGreaterThan(0);
      expect(next.ring.length).toBeLessThan(view.ring.length);
      expect(next.ring).toEqual(view.ring.filter((member) => next.ring.includes(member)));
    });
  });

  it('links its members over what works already, but for the edge that a deaf one leaves', () => {
    everyChange((view, next, twin) => {
      const ids = next.ring.map(({ id }) => id);
      const unlinked = ids.filter((id, i) => !twin.hears(id, ids[(i + ids.length - 1) % ids.length] as string));
      const isOneLess = ids.length === view.ring.length - 1;
      if (ids.length > 1) expect(unlinked.length).toBeLessThanOrEqual(isOneLess ? 1 : 0);
    });
  });

  it('has no empty chain, and lists only those in it who stayed, or one last', () => {
    everyChange((view, next) => {
      const gone = view.ring.map(({ id }) => id).filter((id) => !next.positions.has(id));
      next.chains.forEach(({ members, learners }, shard) => {
        const before = view.chains[shard];
        const stayed = before?.members.filter((id) => !gone.includes(id)) ?? [];
        expect(members).toEqual(stayed.length > 0 ? stayed : before?.members.slice(-1));
        expect(learners).toEqual(before?.learners.filter((id) => !gone.includes(id)));
      });
    });
  });

  it('is the same for everybody, in whatever order the reports are read, whatever else is among them', () => {
    const read = facts.chain(({ view, reports }) =>
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
        expect(nextView(view, all, patience)).toEqual(nextView(view, reports, patience));
      }),
      { numRuns },
    );
  });

  it('is decided at last if it is decided in haste', () => {
    fc.assert(
      fc.property(facts, ({ view, reports }) => {
        const [hasty, settled, patient] = waits.map((patience) => idsOf(nextView(view, reports, patience)));
        if (hasty !== undefined) expect(settled).toBe(hasty);
        if (settled !== undefined) expect(patient).toBe(settled);
      }),
      { numRuns },
    );
  });
});
