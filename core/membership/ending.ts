/** How a life ends, and what it hands to the next one. */
import * as coordination from '../coordination/client.js';
import type { Carry } from '../store-port.js';
import { NO_TIMERS } from '../timers.js';
import { put, type Turn, tell } from '../turn.js';
import { closeAll } from './links.js';

/** A member that stayed in for so many back-offs has made good for the removals before. */
const FORGIVEN_AFTER = 64;
/** The first back-off, and this often doubled. */
const DOUBLED_AT_MOST = 6;

/** Of a life that lost its place just now. */
export function carryOfRemoved(turn: Turn): Carry {
  const { membership, limits } = turn.state;
  const { memberSinceMs, carry } = membership;
  const isForgiven = memberSinceMs !== 0 && turn.now - memberSinceMs >= FORGIVEN_AFTER * limits.readmitMs;
  return { removals: (isForgiven ? 0 : carry.removals) + 1, removedAtMs: turn.now };
}

/** When a server with this behind it may look for a seat again. A clock that was set back must not keep it out. */
export function seekAt({ removals, removedAtMs }: Carry, readmitMs: number, now: number): number {
  if (removals === 0) return now;
  return Math.min(now, removedAtMs) + readmitMs * 2 ** Math.min(removals - 1, DOUBLED_AT_MOST);
}

/** Nothing more comes of this life: its links and its entry at the coordinator go. */
export function endLife(turn: Turn): void {
  closeAll(turn);
  turn.state.timers = NO_TIMERS;
  turn.state.status = 'removed';
  coordination.close(turn);
}

/** For good: no other life is wanted. */
export function stop(turn: Turn, why: string): void {
  endLife(turn);
  tell(turn, { fact: 'life-ends', why });
  put(turn, { kind: 'stop', why });
}

/** It must not take part in this cluster, whatever it tries. */
export function keepOut(turn: Turn, why: string): void {
  tell(turn, { fact: 'kept-out', why });
  endLife(turn);
  put(turn, { kind: 'stop', why });
}
