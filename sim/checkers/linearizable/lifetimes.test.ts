// What is found without a search is a contradiction indeed, and quickly found among thousands of unknown outcomes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bruteForce } from './brute-force.test-kit.js';
import { checkFileHistory } from './check-file-history.js';
import { FileModel, fileSpecification } from './file-model.js';
import { fileHistory, type Plan, plans, type Shape } from './histories.test-kit.js';
import { findClash } from './lifetimes.js';

const small: Shape = { count: { minLength: 3, maxLength: 7 }, callMax: 14, lengthMax: 6, oneFalseIn: 4, picks: 6 };

describe('contradictions found without a search', () => {
  it('are contradictions to the dumb twin too', () => {
    const seen = { clashes: 0, missed: 0 };
    fc.assert(
      fc.property(plans(small), (planned) => {
        const operations = fileHistory(planned);
        const found = findClash(operations, new FileModel(operations));
        if (found !== undefined) {
          seen.clashes += 1;
          expect(bruteForce(operations, fileSpecification)).toBe(false);
        } else if (!bruteForce(operations, fileSpecification)) seen.missed += 1;
      }),
      { numRuns: Number(process.env['PPNFS_PROPERTY_RUNS'] ?? 2000) },
    );
    expect(seen.clashes).toBeGreaterThan(100);
    expect(seen.missed).toBeGreaterThan(10);
  });

  it('a stale read among thousands of operations, a third of them of unknown outcome', () => {
    const shape: Shape = { ...small, count: { minLength: 3000, maxLength: 3000 }, callMax: 10_000, oneFalseIn: 0 };
    const [planned = []] = fc.sample(fc.noBias(plans(shape)), { numRuns: 1, seed: 3 });
    expect(checkFileHistory(fileHistory(planned))).toMatchObject({ verdict: 'linearizable' });
    const isRead = (plan: Plan): boolean => plan.kind < 4 && plan.fate === 'answered' && plan.call > 9000;
    const victim = planned.findIndex(isRead);
    const early = planned.findIndex((plan) => plan.kind > 3 && plan.kind < 8 && plan.pickOne > 3 && plan.call < 1000);
    const tampered = planned.map((plan, index) =>
      index === victim ? { ...plan, kind: 1, isFalse: true, pickTwo: early } : plan,
    );
    expect(checkFileHistory(fileHistory(tampered))).toMatchObject({ verdict: 'not linearizable', steps: 0 });
  });
});
