/**
 * Operation ids as a well-behaved client makes them: UUIDv7 (RFC 9562, method 3: microseconds in the first 12 random
 * bits), so that ids sorted as text are sorted by birth time. Pure but for the random stream it is given.
 */
import type { OperationId } from '../../core/ids.js';
import type { RandomStream } from '../world-api.js';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** @param us microseconds since 1970; safe up to the year 2255. */
export function makeOperationId(us: number, random: RandomStream): OperationId {
  const time = hex(Math.floor(us / 1000), 12);
  const fraction = Math.floor(((us % 1000) * 4096) / 1000);
  const variant = 0x8000 + random.int(0, 0x3fff);
  const rest = hex(random.int(0, 0xffffff), 6) + hex(random.int(0, 0xffffff), 6);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(fraction, 3)}-${hex(variant, 4)}-${rest}`;
}
