/**
 * Sessions with the coordinator and the calls in them. A session on which nothing was heard for sessionMs counts as
 * over, whatever the driver still believes (hazard 3): it is closed, and another is opened.
 * Knows no key and no value. Must never repeat a call by itself: what a lost answer means, only its errand knows.
 */
import type { CoordinationState, Errand } from '../coordination-state.js';
import type { CoordinatorRequest } from '../coordinator-port.js';
import { copyOfCoordination } from '../copies.js';
import { SortedMap } from '../sorted-map.js';
import { put, type Turn, tell, wakeBy } from '../turn.js';

/** How every reason begins for which nobody may join who reads nothing there. */
export const EMPTY = 'the register is empty';

export function change(turn: Turn, what: Partial<CoordinationState>): void {
  turn.state.coordination = Object.assign(copyOfCoordination(turn.state.coordination), what);
}

/** A new session owns nothing and watches nothing: we look for everything again. */
export function open(turn: Turn): void {
  const session = turn.state.coordination.session + 1;
  change(turn, {
    ...{ session, phase: 'connecting', owner: '', heardAtMs: turn.now, underWay: SortedMap.empty() },
    ...{ entry: 'none', written: undefined, writing: undefined, registered: false, retryAtMs: 0 },
  });
  put(turn, { kind: 'open-session', session });
  wakeBy(turn, 'coordinator', turn.now + turn.state.limits.sessionMs);
}

/** The coordinator, if it can be told, needs not wait for this session to expire. */
export function abandon(turn: Turn): void {
  put(turn, { kind: 'close-session', session: turn.state.coordination.session });
  change(turn, { phase: 'none', underWay: SortedMap.empty() });
}

/** The lease: @returns whether the session was given up, and another opened. */
export function renewIfOver(turn: Turn): boolean {
  const { coordination, limits } = turn.state;
  const { phase, heardAtMs, retryAtMs } = coordination;
  const wasRefused = phase === 'connecting' && retryAtMs !== 0 && turn.now >= retryAtMs;
  if (!wasRefused && turn.now - heardAtMs < limits.sessionMs) return false;
  if (phase === 'connected' || phase === 'disconnected') tell(turn, { fact: 'session', state: 'expired' });
  abandon(turn);
  open(turn);
  return true;
}

export function call(turn: Turn, errand: Errand, request: CoordinatorRequest): void {
  const { session, lastCall, underWay } = turn.state.coordination;
  const id = lastCall + 1;
  change(turn, { lastCall: id, underWay: underWay.set(id, errand) });
  put(turn, { kind: 'call-coordinator', session, call: id, request });
}

/** What is read behind this is at least as new as this moment: a follower's answer may be old. */
export function sync(turn: Turn): void {
  call(turn, 'sync', { op: 'sync' });
}

export function isUnderWay(turn: Turn, ...errands: readonly Errand[]): boolean {
  for (const errand of turn.state.coordination.underWay.values()) if (errands.includes(errand)) return true;
  return false;
}
