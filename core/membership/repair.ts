/**
 * What a server does while one of its two ring links is broken: redial, look further back for somebody who lives,
 * publish that at the coordinator, gather what the others publish, and propose the next view (brief §3.3).
 * Decides by the pure function nextView alone.
 */
import { proposeView, publish, readRegistrations, readView } from '../coordination/client.js';
import { isLinked, type Turn, tell, wakeBy } from '../turn.js';
import type { Waited } from '../view/facts.js';
import { nextView } from '../view/next-view.js';
import type { Registration } from '../view/registration.js';
import { neighbour } from '../view/view.js';
import { changeLinks, dial, onDialFailed, predecessorOf, probes } from './links.js';
import { ownRegistration } from './registration.js';

/** The repair timer. */
export function repair(turn: Turn): void {
  const { state, now } = turn;
  if (!isLinked(turn)) return;
  expireDials(turn);
  const lostSinceMs = sinceMs(turn);
  if (lostSinceMs === 0) {
    if (state.links.reported) publish(turn, ownRegistration(turn));
    if (state.links.reported) changeLinks(turn, { reported: false });
    return;
  }
  outboundOverdue(turn);
  if (state.links.lostInSinceMs !== 0 && state.links.inbound === 0) dial(turn, predecessorOf(turn));
  if (turn.state.links.brokenIn) probeFurther(turn);
  const { brokenIn, brokenOut, reported } = turn.state.links;
  if (brokenIn || brokenOut) {
    publish(turn, ownRegistration(turn));
    // The first time the others are given a moment to publish theirs.
    if (reported) readRegistrations(turn);
    changeLinks(turn, { reported: true });
  }
  const paceMs = Math.max(state.limits.gatherMs, Math.min(state.limits.heartbeatMs, (now - lostSinceMs) >> 2));
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

/** A dial that hangs has failed. */
function expireDials(turn: Turn): void {
  const { links, limits } = turn.state;
  for (const [peer, since] of links.dialling.entries()) {
    if (turn.now - since >= limits.dialMs) onDialFailed(turn, peer);
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

/** Everybody's registrations: perhaps the facts call for another view. */
export function onRegistrationsRead(turn: Turn, registrations: readonly Registration[]): void {
  const { state } = turn;
  if (!isLinked(turn)) return;
  const lostSinceMs = sinceMs(turn);
  const { brokenIn, brokenOut } = state.links;
  if (lostSinceMs === 0 || !(brokenIn || brokenOut)) return;
  const facts = [...registrations.filter(({ member }) => member !== state.self), ownRegistration(turn)];
  const next = nextView(state.view, {
    registrations: facts,
    waited: waitedFor(turn, turn.now - lostSinceMs),
    task: 'repair',
    reviveWaited: false,
    deadRing: false,
    learningMax: state.limits.learningMax,
  });
  if (next === undefined || turn.now - state.links.proposedAtMs < state.limits.dialMs) return;
  changeLinks(turn, { proposedAtMs: turn.now });
  const kept = next.positions;
  const removed = state.view.ring.map((member) => member.id).filter((id) => !kept.has(id));
  tell(turn, { fact: 'view-proposed', epoch: next.epoch, removed, added: [] });
  proposeView(turn, next);
}

function waitedFor(turn: Turn, waitedMs: number): Waited {
  const { limits } = turn.state;
  if (waitedMs >= limits.patienceMs) return 'patient';
  return waitedMs >= limits.dialMs + limits.gatherMs ? 'settled' : 'hasty';
}

/** The neighbour's pong names a later epoch than ours: ask the register. */
export function onPong(turn: Turn, epoch: number): void {
  if (epoch > turn.state.view.epoch) readView(turn);
}
