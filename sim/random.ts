/**
 * Random streams by name: each draws from a generator seeded by (seed of the run, name), so that taking one user away
 * does not move the others. xoroshiro128+ of pure-rand, our own seeding and ranges.
 * Knows nothing of who draws. Must never be seeded by anything but its arguments.
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { invariant } from '../core/refusals.js';
import { hashText } from './hash.js';
import type { Span } from './scenario/scenario.js';
import type { RandomStream } from './world-api.js';

const TWO_TO_21 = 2 ** 21;
const TWO_TO_32 = 2 ** 32;
const TWO_TO_MINUS_53 = 2 ** -53;

class NamedStream implements RandomStream {
  constructor(private readonly generator: RandomGenerator) {}

  int(min: number, max: number): number {
    const count = max - min + 1;
    invariant(count >= 1 && Number.isSafeInteger(count), 'a range of whole numbers', min, max);
    if (count === 1) return min;
    if (count > TWO_TO_32) return min + Math.floor(this.unit() * count);
    return min + Math.floor(((this.generator.next() >>> 0) / TWO_TO_32) * count);
  }

  unit(): number {
    const high = this.generator.next() >>> 0;
    const low = this.generator.next() >>> 11;
    return (high * TWO_TO_21 + low) * TWO_TO_MINUS_53;
  }
}

/** A stream that nobody else shares. */
export function randomStream(seed: number, name: string): RandomStream {
  const text = `${seed}/${name}`;
  const state = [hashText(text, 1), hashText(text, 2), hashText(text, 3), hashText(text, 4) | 1];
  return new NamedStream(xoroshiro128plusFromState(state));
}

/** The streams of one run: the same name is the same stream. */
export class RandomStreams {
  private readonly streams = new Map<string, RandomStream>();

  constructor(private readonly seed: number) {}

  named(name: string): RandomStream {
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = randomStream(this.seed, name);
      this.streams.set(name, stream);
    }
    return stream;
  }
}

/** @returns whole microseconds within the span; one that leaves no choice draws nothing. */
export function drawUs(stream: RandomStream, span: Span): number {
  return span.minUs === span.maxUs ? span.minUs : stream.int(span.minUs, span.maxUs);
}
