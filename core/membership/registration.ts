/**
 * What this server tells the others through the coordinator: that it lives, and the facts that only it knows. Computed
 * from the state, and published only when there is something new to say: a view that changes must not make every server
 * write.
 */
import * as coordination from '../coordination/client.js';
import { hasWritten } from '../coordination/registration.js';
import type { NodeState } from '../state.js';
import type { Turn } from '../turn.js';
import type { Registration } from '../view/registration.js';
import { changeMembership } from './change.js';
import { probes } from './links.js';

export function ownRegistration(turn: Turn): Registration {
  const { self, incarnation, address, clusterId, view, links, membership, status } = turn.state;
  const { coordination: coordinationState } = turn.state;
  const { seat, ready, stalled, kept, leaving } = membership;
  const { store, life } = coordinationState;
  const isInRing = status === 'member';
  return {
    member: self,
    incarnation,
    address,
    clusterId,
    store,
    life,
    written: hasWritten(turn.state),
    epoch: view.epoch,
    brokenIn: isInRing && links.brokenIn,
    brokenOut: isInRing && links.brokenOut,
    probes: isInRing && links.brokenIn ? probes(turn) : [],
    seat,
    ready,
    stalled,
    kept,
    leaving,
  };
}

/** Nothing is said before the coordinator has given this life its number. */
export function publishFacts(turn: Turn): void {
  const { incarnation, status, membership } = turn.state;
  if (incarnation === 0 || status === 'removed') return;
  const next = ownRegistration(turn);
  if (!isNews(membership.published, next)) return;
  changeMembership(turn, { published: next });
  coordination.publish(turn, next);
}

/** Facts of an older epoch count as nothing, so they need not be taken back. */
function isNews(last: Registration | undefined, next: Registration): boolean {
  if (last === undefined || last.incarnation !== next.incarnation || last.clusterId !== next.clusterId) return true;
  if (last.written !== next.written) return true;
  const isSilent = !saysAnything(next);
  if (isSilent && (last.epoch !== next.epoch || !saysAnything(last))) return false;
  // Both were made by the same literal: equal ones have equal texts.
  return JSON.stringify(last) !== JSON.stringify(next);
}

function saysAnything(registration: Registration): boolean {
  const { brokenIn, brokenOut, seat, ready, stalled, kept, leaving } = registration;
  if (brokenIn || brokenOut || seat !== undefined || leaving !== 'no') return true;
  return ready.length + stalled.length + kept.length > 0;
}

/** Whether this step has touched anything that a registration tells: cheap enough to be asked after every step. */
export function mayHaveNews(before: NodeState, state: NodeState): boolean {
  const { incarnation, view, membership, links, status, writes } = state;
  if (before.incarnation !== incarnation || before.view !== view || before.membership !== membership) return true;
  if (before.writes.size !== writes.size) return true;
  if (before.status !== status || before.links === links) return before.status !== status;
  if (before.links.brokenIn !== links.brokenIn || before.links.brokenOut !== links.brokenOut) return true;
  return links.brokenIn && before.links.table !== links.table;
}
