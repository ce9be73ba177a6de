/**
 * What every member does in turn: looks at all registrations and proposes what is due, joins, promotions and placement
 * in one change (brief §3.3). The ring's first member does it most often; the others stand in for it.
 */
import * as coordination from '../coordination/client.js';
import type { Incarnation } from '../ids.js';
import { put, setTimer, type Turn, tell, wakeBy } from '../turn.js';
import type { Registration } from '../view/registration.js';
import { isMember, type View } from '../view/view.js';
import { changeMembership } from './change.js';
import { proposeNext } from './proposing.js';
import { isBroken, repairBy } from './repair.js';
import { endSearch, onRegistrationsWhileJoining } from './seat.js';

/** A view has us as a member: what was said of the last one is over, and everybody's turn to plan begins anew. */
export function onView(turn: Turn, before: View): void {
  const { now, state } = turn;
  const { membership, view, self, incarnation } = state;
  const isNew = !isMember(before, self, incarnation);
  endSearch(turn);
  changeMembership(turn, {
    ready: [],
    stalled: [],
    asked: 'no',
    memberSinceMs: isNew ? now : membership.memberSinceMs,
    lostSinceMs: lostSince(turn, before),
  });
  setTimer(turn, 'plan', now + planEveryMs(turn));
  const { store } = state.coordination;
  const identity = { clusterId: state.clusterId, store, incarnation, since: since(turn), epoch: view.epoch };
  if (store !== '') put(turn, { kind: 'write-identity', identity });
}

/**
 * The first life that was a member with this store: what lives before it had is not on this disk (hazard 9). Nor is what a
 * lost life had that the disk did not know when we began: it is a copy from before that, and must not come to speak for it by
 * having been a member with us.
 */
function since(turn: Turn): Incarnation {
  const { view, self, incarnation, membership, recovered } = turn.state;
  let first = membership.disk?.since ?? incarnation;
  for (const { lost } of view.chains) {
    const own = lost.find(({ id }) => id === self);
    if (own !== undefined && own.incarnation > recovered.life) first = Math.max(first, own.incarnation + 1);
  }
  return first;
}

/** Since when the shard has been lost that was lost last; 0: none is. Tells of those that were not before. */
function lostSince(turn: Turn, before: View): number {
  let since = 0;
  turn.state.view.chains.forEach(({ lost }, shard) => {
    if (lost.length === 0) return;
    const wasLost = before.chains[shard]?.lost.length !== 0;
    if (!wasLost) tell(turn, { fact: 'shard-lost', shard, lost: lost.map(({ id }) => id) });
    const knownSinceMs = turn.state.membership.lostSinceMs;
    since = Math.max(since, wasLost && knownSinceMs !== 0 ? knownSinceMs : turn.now);
  });
  return since;
}

function planEveryMs(turn: Turn): number {
  const { view, self, limits } = turn.state;
  const place = 1 + (view.positions.get(self) ?? 0);
  // So that all members of a large ring together read little more than the first one alone.
  return limits.planMs * place * place;
}

/** The plan timer. */
export function plan(turn: Turn): void {
  if (turn.state.status !== 'member') return;
  ask(turn, 'plan');
  wakeBy(turn, 'plan', turn.now + planEveryMs(turn));
}

/** A learner holds up its tail: that cannot wait for anybody's turn. */
export function onStalled(turn: Turn): void {
  ask(turn, 'repair');
}

function ask(turn: Turn, asked: 'plan' | 'repair'): void {
  changeMembership(turn, { asked: turn.state.membership.asked === 'plan' ? 'plan' : asked });
  coordination.readRegistrations(turn);
}

/** Everybody's registrations, for whoever has asked for them. */
export function onRegistrations(turn: Turn, registrations: readonly Registration[]): void {
  const { status, membership } = turn.state;
  if (status === 'joining') onRegistrationsWhileJoining(turn, registrations);
  if (status !== 'member') return;
  if (isBroken(turn)) {
    repairBy(turn, registrations);
    return;
  }
  const { asked } = membership;
  if (asked === 'no') return;
  changeMembership(turn, { asked: 'no' });
  proposeNext(turn, registrations, { task: asked, waited: 'hasty' });
}
