// Random numbers from a seed: the same seed gives the same ones.
import { nextRandom } from '../../../../core/random.js';

export class Random {
  constructor(private seed: number) {}

  /** An integer in [0, count). */
  below(count: number): number {
    const { value, seed } = nextRandom(this.seed);
    this.seed = seed;
    return value % count;
  }

  /** In so many of a hundred cases. */
  in100(cases: number): boolean {
    return this.below(100) < cases;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
