/**
 * What a workload draws: paths (uniform, Zipf, listed) and kinds of operation by weight. Pure but for the random stream.
 */
import type { PathChoice } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';

/** Draws an index by its weight. At least one weight must be above 0. */
export function byWeight(weights: readonly number[]): (random: RandomStream) => number {
  const sums: number[] = [];
  let total = 0;
  for (const weight of weights) {
    total += weight;
    sums.push(total);
  }
  if (!(total > 0)) throw new RangeError('all weights are 0');
  return (random) => {
    const drawn = random.unit() * total;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** `/w/<i>`, or one of a list. */
export function pathDrawer(paths: PathChoice): (random: RandomStream) => string {
  switch (paths.kind) {
    case 'list':
      return (random) => paths.paths[random.int(0, paths.paths.length - 1)] as string;
    case 'uniform':
      return (random) => `/w/${random.int(1, paths.count)}`;
    case 'zipf': {
      const rank = byWeight(Array.from({ length: paths.count }, (_, i) => 1 / (i + 1)));
      return (random) => `/w/${rank(random) + 1}`;
    }
  }
}

/** What all these paths begin with: the prefix that a list of this workload asks for. */
export function commonPrefix(paths: PathChoice): string {
  if (paths.kind !== 'list') return '/w/';
  const [first = '/', ...others] = paths.paths;
  let length = first.length;
  for (const path of others) {
    while (length > 0 && !path.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, first.lastIndexOf('/', length - 1) + 1);
}
