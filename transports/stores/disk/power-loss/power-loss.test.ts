// Whatever a loss of power leaves: the store opens, what it has answered is there, and it goes on.
import { describe, expect, it } from 'vitest';
import type { Durability } from '../../../../core/view/view.js';
import { powerLosses } from './run.test-kit.js';

/** So many images for each durability; more with PPNFS_POWER_LOSS_IMAGES. */
const IMAGES = Number(process.env['PPNFS_POWER_LOSS_IMAGES'] ?? 300);
const SEED = Number(process.env['PPNFS_POWER_LOSS_SEED'] ?? 1);
const IMAGES_OF_A_RUN = 50;
/** Of a run whose disk fails fewer: it is the runs that differ. */
const IMAGES_OF_A_FAILURE = 5;
const TIMEOUT_MS = 3_600_000;

async function faultsOf(durability: Durability, fails: boolean): Promise<readonly string[]> {
  const faults: string[] = [];
  let looked = 0;
  for (let seed = SEED; looked < IMAGES / (fails ? 2 : 1); seed++) {
    const verdict = await powerLosses(seed, durability, fails ? IMAGES_OF_A_FAILURE : IMAGES_OF_A_RUN, fails);
    looked += verdict.images;
    faults.push(...verdict.faults);
  }
  return faults.slice(0, 10);
}

describe.each(['fsync', 'os'] as const)('what a store promised under %s', (durability) => {
  it('is kept when its machine loses power', { timeout: TIMEOUT_MS }, async () => {
    expect(await faultsOf(durability, false)).toEqual([]);
  });

  it('is kept when its disk fails, or is full for a while, and then its machine loses power', {
    timeout: TIMEOUT_MS,
  }, async () => {
    expect(await faultsOf(durability, true)).toEqual([]);
  });
});
