/**
 * What a server does while one of its two ring links is broken: redial, look further back for somebody who lives,
 * report through the coordinator, gather what the others report, and propose the next view (brief §3.3).
 * Decides by the pure function nextView alone.
 */
import { isLinked, put, type Turn, tell, wakeBy } from '../turn.js';
import type { Waited } from '../view/facts.js';
import { nextView } from '../view/next-view.js';
import type { Registration } from '../view/registration.js';
import type { Report } from '../view/report.js';
import { neighbour, type View } from '../view/view.js';
import { changeLinks, dial, onDialFailed, predecessorOf, probes } from './links.js';

function ownReport(turn: Turn): Report {
  const { self, incarnation, view, links } = turn.state;
  const { brokenIn, brokenOut } = links;
  return { member: self, incarnation, epoch: view.epoch, brokenIn, brokenOut, probes: brokenIn ? probes(turn) : [] };
}

/** The repair timer. */
export function repair(turn: Turn): void {
  const { state, now } = turn;
  if (!isLinked(turn)) return;
  expireDials(turn);
  const lostSinceMs = sinceMs(turn);
  if (lostSinceMs === 0) {
    if (state.links.reported) put(turn, { kind: 'report', report: ownReport(turn) });
    if (state.links.reported) changeLinks(turn, { reported: false });
    return;
  }
  outboundOverdue(turn);
  if (state.links.lostInSinceMs !== 0 && state.links.inbound === 0) dial(turn, predecessorOf(turn));
  if (turn.state.links.brokenIn) probeFurther(turn);
  const { brokenIn, brokenOut, reported } = turn.state.links;
  if (brokenIn || brokenOut) {
    put(turn, { kind: 'report', report: ownReport(turn) });
    // The first report gives the others a moment to tell theirs.
    if (reported) put(turn, { kind: 'read-reports' });
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

/** All reports that are there, beside the register's value: perhaps the facts call for another view. */
export function onReportsRead(turn: Turn, view: View, reports: readonly Report[]): void {
  const { state } = turn;
  if (view.epoch > state.view.epoch) {
    turn.newView = view;
    return;
  }
  if (!isLinked(turn) || view.epoch < state.view.epoch) return;
  const lostSinceMs = sinceMs(turn);
  const { brokenIn, brokenOut } = state.links;
  if (lostSinceMs === 0 || !(brokenIn || brokenOut)) return;
  const told = [...reports.filter((report) => report.member !== state.self), ownReport(turn)];
  const next = nextView(state.view, {
    registrations: told.map((report) => registrationOf(report, state.view)),
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
  put(turn, { kind: 'propose-view', expectedEpoch: state.view.epoch, view: next });
}

/** A report says what a registration says of links, and nothing else. */
function registrationOf(report: Report, { clusterId }: View): Registration {
  const silence = { seat: undefined, ready: [], stalled: [], kept: [], leaving: 'no' } as const;
  return { ...report, ...silence, clusterId, address: '', store: '', life: '' };
}

function waitedFor(turn: Turn, waitedMs: number): Waited {
  const { limits } = turn.state;
  if (waitedMs >= limits.patienceMs) return 'patient';
  return waitedMs >= limits.dialMs + limits.gatherMs ? 'settled' : 'hasty';
}

/** The neighbour's pong names a later epoch than ours: ask the register. */
export function onPong(turn: Turn, epoch: number): void {
  if (epoch > turn.state.view.epoch) put(turn, { kind: 'read-view' });
}
