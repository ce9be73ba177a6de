// Whatever a loss of power leaves: the store opens, what it has answered is there, and it goes on.
import { describe, expect, it } from 'vitest';
import { powerLosses } from './run.test-kit.js';

/** So many images for each durability; more with PPNFS_POWER_LOSS_IMAGES. */
const IMAGES = Number(process.env['PPNFS_POWER_LOSS_IMAGES'] ?? 300);
const SEED = Number(process.env['PPNFS_POWER_LOSS_SEED'] ?? 1);
const IMAGES_OF_A_RUN = 50;

describe('a store whose machine loses power', () => {
  it.each(['fsync', 'os'] as const)('keeps under %s what it promised', { timeout: 3_600_000 }, async (durability) => {
    const faults: string[] = [];
    let looked = 0;
    for (let seed = SEED; looked < IMAGES; seed++) {
      const verdict = await powerLosses(seed, durability, IMAGES_OF_A_RUN);
      looked += verdict.images;
      faults.push(...verdict.faults);
    }
    expect(faults.slice(0, 10)).toEqual([]);
  });
});
