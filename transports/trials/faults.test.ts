// A few random faults under load, with real processes. The whole trial is `npm run test:faults`.
import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type Fault, runFaultsTrial } from './faults-trial.js';

it('servers that are killed and stand still at random break nothing that was promised', async () => {
  const faults: Fault[] = [];
  const report = await runFaultsTrial({
    ...{ seed: 3, seconds: 2, clients: 4, durability: 'os' },
    progress: () => undefined,
    done: (fault) => faults.push(fault),
  });
  await rm(report.history, { force: true });
  expect(report.failures).toEqual([]);
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['kill', 'freeze']));
  expect(Math.max(...faults.map(({ away }) => away))).toBeLessThanOrEqual(2);
  expect(report.operations.answered).toBeGreaterThan(50);
}, 90_000);
