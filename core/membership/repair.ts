/**
 * What a server does while one of its two ring links is broken: redial, look further back for somebody who lives,
 * tell it through the coordinator, gather what the others tell, and propose the next view (brief §3.3). Decides by the
 * pure function nextView alone.
 */
import * as coordination from '../coordination/client.js';
import { LEAST_PACE_MS } from '../timers.js';
import { isLinked, type Turn, wakeBy } from '../turn.js';
import type { Waited } from '../view/facts.js';
import type { Registration } from '../view/registration.js';
import { isMember, neighbour } from '../view/view.js';
import { changeMembership } from './change.js';
import { changeLinks, dial, onDialFailed, predecessorOf, probes, successorOf } from './links.js';
import { proposeNext } from './proposing.js';
import { endSearch } from './seat.js';

/** The repair timer. */
export function repair(turn: Turn): void {
  const { state, now } = turn;
  expireDials(turn);
  if (!isLinked(turn)) return;
  const lostSinceMs = sinceMs(turn);
  if (lostSinceMs === 0) {
    if (state.links.reported) changeLinks(turn, { reported: false });
    if (state.membership.isRelocating) endSearch(turn);
    return;
  }
  outboundOverdue(turn);
  if (state.links.lostInSinceMs !== 0 && state.links.inbound === 0) dial(turn, predecessorOf(turn));
  if (turn.state.links.brokenIn) probeFurther(turn);
  const { brokenIn, brokenOut, reported } = turn.state.links;
  if (brokenIn || brokenOut) {
    // What is broken is published at the end of this step: the others get a moment to tell theirs.
    if (reported) coordination.readRegistrations(turn);
    // A neighbour may have closed the link because the register is ahead of us.
    else coordination.readView(turn);
    changeLinks(turn, { reported: true });
  }
  const waitedMs = Math.min(state.limits.heartbeatMs, (now - lostSinceMs) >> 2);
  const paceMs = Math.max(LEAST_PACE_MS, state.limits.gatherMs, waitedMs);
  wakeBy(turn, 'repair', now + paceMs);
}

/** Since when a ring link has been missing; 0: none is. */
function sinceMs(turn: Turn): number {
  const { lostInSinceMs, lostOutSinceMs } = turn.state.links;
  if (lostInSinceMs === 0) return lostOutSinceMs;
  return lostOutSinceMs === 0 ? lostInSinceMs : Math.min(lostInSinceMs, lostOutSinceMs);
}

/** After a new view the successor must dial us; when it does not, that edge counts as broken too. */
function outboundOverdue(turn: Turn): void {
  const { links, limits } = turn.state;
  if (links.lostOutSinceMs === 0 || links.brokenOut) return;
  if (turn.now - links.lostOutSinceMs > limits.silenceMs) changeLinks(turn, { brokenOut: true });
}

/** A dial that hangs has failed; the others are looked at when they may have. */
function expireDials(turn: Turn): void {
  const { links, limits } = turn.state;
  for (const [peer, since] of links.dialling.entries()) {
    if (turn.now - since >= limits.dialMs) onDialFailed(turn, peer);
    else wakeBy(turn, 'repair', since + limits.dialMs);
  }
}

/** Dials ever further back, in batches of 1, 2, 4 …, until somebody answers; goes on if that does not suffice. */
function probeFurther(turn: Turn): void {
  const { links, view, limits, self } = turn.state;
  const underWay = links.dialling.size - (links.dialling.has(predecessorOf(turn).id) ? 1 : 0);
  if (underWay > 0 || unreadyProbes(turn)) return;
  if (probes(turn).length > 0 && turn.now - links.lostInSinceMs < 2 * limits.dialMs) return;
  const furthest = view.ring.length - 1;
  const from = links.probedTo >= furthest ? 1 : links.probedTo;
  const to = Math.min(furthest, from + Math.min(from, limits.probesMax));
  for (let steps = from + 1; steps <= to; steps++) {
    const member = neighbour(view, self, -steps);
    if (!probes(turn).includes(member.id)) dial(turn, member);
  }
  changeLinks(turn, { probedTo: to });
}

function unreadyProbes(turn: Turn): boolean {
  for (const link of turn.state.links.table.values()) {
    if (link.side === 'dialled' && !link.ready && link.id !== turn.state.links.inbound) return true;
  }
  return false;
}

/** One of the two edges of this server counts as broken. */
export function isBroken(turn: Turn): boolean {
  const { brokenIn, brokenOut } = turn.state.links;
  return isLinked(turn) && sinceMs(turn) !== 0 && (brokenIn || brokenOut);
}

/** All registrations, for a server with a broken link: perhaps the facts call for another view. */
export function repairBy(turn: Turn, registrations: readonly Registration[]): void {
  const { links, limits } = turn.state;
  considerRelocating(turn, registrations);
  if (turn.now - links.proposedAtMs < limits.dialMs) return;
  const waited = waitedFor(turn, turn.now - sinceMs(turn));
  // The register is given time to answer.
  if (proposeNext(turn, registrations, { task: 'repair', waited })) changeLinks(turn, { proposedAtMs: turn.now });
}

/**
 * We hear our predecessor, our successor does not hear us, and nothing else in the ring is broken: then it is this
 * edge alone, and another order of the ring costs nobody his place (brief §3.3).
 */
function considerRelocating(turn: Turn, registrations: readonly Registration[]): void {
  const { links, view, self, membership } = turn.state;
  const waited = waitedFor(turn, links.lostOutSinceMs === 0 ? 0 : turn.now - links.lostOutSinceMs);
  const isOurEdge = links.brokenOut && !links.brokenIn && links.lostInSinceMs === 0 && waited !== 'hasty';
  const successor = successorOf(turn);
  const isOnlyOne = registrations.every(({ member, incarnation, epoch, brokenIn, brokenOut }) => {
    if (member === self || epoch !== view.epoch || !isMember(view, member, incarnation)) return true;
    return !brokenOut && (!brokenIn || member === successor.id);
  });
  const isRelocating = isOurEdge && isOnlyOne && view.ring.length > 2;
  if (isRelocating && !membership.isRelocating) changeMembership(turn, { isRelocating });
  else if (!isRelocating && membership.isRelocating) endSearch(turn);
}

function waitedFor(turn: Turn, waitedMs: number): Waited {
  const { limits } = turn.state;
  if (waitedMs >= limits.patienceMs) return 'patient';
  return waitedMs >= limits.dialMs + limits.gatherMs ? 'settled' : 'hasty';
}

/** The neighbour's pong names a later epoch than ours: ask the register. */
export function onPong(turn: Turn, epoch: number): void {
  if (epoch > turn.state.view.epoch) coordination.readView(turn);
}
