/**
 * Names that a server makes for itself: drawn from the seed in its state, so that the same life makes the same names.
 */
import { nextRandom } from '../random.js';
import type { Turn } from '../turn.js';

/** 64 bits, as hex digits. */
export function madeName(turn: Turn): string {
  let name = '';
  for (let i = 0; i < 2; i++) {
    const { value, seed } = nextRandom(turn.state.seed);
    turn.state.seed = seed;
    name += value.toString(16).padStart(8, '0');
  }
  return name;
}

/** A UUID of version 4: 122 bits of its 128 are drawn. */
export function madeUuid(turn: Turn): string {
  const digits = madeName(turn) + madeName(turn);
  const variant = ((Number.parseInt(digits.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    variant + digits.slice(17, 20),
    digits.slice(20),
  ].join('-');
}
