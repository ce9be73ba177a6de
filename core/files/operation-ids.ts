/** Operation ids: UUIDv7, whose time is the birth stamp of the write (brief §3.4.4). */
import type { OperationId } from '../ids.js';
import { nextRandom } from '../random.js';
import type { Turn } from '../turn.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Lower-case UUIDv7 whose time lies at most so far ahead. */
export function isOperationId(id: OperationId, now: number, aheadMs: number): boolean {
  return UUID_V7.test(id) && birthMs(id) <= now + aheadMs;
}

export function birthMs(id: OperationId): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** A fresh one, for a client that sent none. */
export function makeOperationId(turn: Turn): OperationId {
  const time = turn.now.toString(16).padStart(12, '0');
  const words: string[] = [];
  for (let i = 0; i < 3; i++) {
    const drawn = nextRandom(turn.state.seed);
    turn.state.seed = drawn.seed;
    words.push(drawn.value.toString(16).padStart(8, '0'));
  }
  const hex = words.join('');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(3), 16) & 3);
  const node = hex.slice(12, 24);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${node}`;
}
