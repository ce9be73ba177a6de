/**
 * Looks for a seat: two neighbours to whom both links are up, so that nobody has to be put into the ring over links
 * that are yet to be made (brief §3.3). Dials the one before, and asks the one after to dial us; when they do not answer
 * in time, the next gap clockwise is tried. A member that its successor cannot hear looks for another place likewise.
 */
import * as coordination from '../coordination/client.js';
import type { MemberId } from '../ids.js';
import { type Turn, tell, wakeBy } from '../turn.js';
import type { Registration } from '../view/registration.js';
import { isMember, type Member } from '../view/view.js';
import { changeMembership } from './change.js';
import { keepOut } from './ending.js';
import { countOthers, type Gap, gapAt, gapBetween } from './gaps.js';
import { dialledTo, greeted } from './link-table.js';
import { close, dial, send } from './links.js';
import { proposeNext } from './proposing.js';

/** A gap gets so many dials' time while somebody is about to answer, and this part of one when nobody is. */
const HOPEFUL_DIALS = 3;
const HOPELESS_DIALS = 1 / 4;

export function isSeeking(turn: Turn): boolean {
  const { status, membership, view, incarnation, coordination } = turn.state;
  if (incarnation === 0 || view.epoch === 0 || membership.leaving !== 'no') return false;
  // Not registered: another server may have this name, and be in the ring; nobody must take us for it.
  if (status === 'joining') return coordination.registered;
  return status === 'member' && membership.isRelocating;
}

/** At the end of every step in which this server has no seat, or must see whether it still has one. */
export function seek(turn: Turn): void {
  const { view, status, membership } = turn.state;
  if (status === 'joining' && !mayJoin(turn)) return;
  if (membership.search?.epoch !== view.epoch) reconsider(turn);
  judge(turn);
  if (status === 'joining') lookForLife(turn);
}

/** No seat is wanted any more, or none can be had in this view. */
export function endSearch(turn: Turn): void {
  changeMembership(turn, { seat: undefined, search: undefined, skipped: 0, isRelocating: false });
}

/** The back-off is over, and the register is not behind what this very disk has seen. */
function mayJoin(turn: Turn): boolean {
  const { now, state } = turn;
  const { seekAtMs, disk, behindSinceMs } = state.membership;
  const { read } = state.coordination;
  if (disk !== undefined && read !== undefined && read.epoch < disk.epoch) {
    // A read may be stale for a moment. A register that stays behind is another one, or was set back: stay out of it.
    if (behindSinceMs === 0) changeMembership(turn, { behindSinceMs: now });
    else if (now - behindSinceMs >= 2 * state.limits.pollMs) {
      keepOut(turn, `the disk has seen epoch ${disk.epoch}, the register holds ${read.epoch}`);
      return false;
    }
    wakeBy(turn, 'plan', turn.state.membership.behindSinceMs + 2 * state.limits.pollMs);
    return false;
  }
  if (behindSinceMs !== 0) changeMembership(turn, { behindSinceMs: 0 });
  if (seekAtMs <= now) return true;
  wakeBy(turn, 'plan', seekAtMs);
  return false;
}

/** Another view, or the first: whoever still stands side by side is still good; otherwise it begins again. */
function reconsider(turn: Turn): void {
  const { view, self, membership } = turn.state;
  const { search } = membership;
  changeMembership(turn, { failures: 0, aloneSinceMs: turn.now });
  if (search !== undefined && gapBetween(view, self, search.before, search.after) !== undefined) {
    changeMembership(turn, { search: { ...search, epoch: view.epoch } });
  } else {
    changeMembership(turn, { seat: undefined });
    tryGap(turn, 0);
  }
}

function tryGap(turn: Turn, skipped: number): void {
  const { view, self, status } = turn.state;
  const gap = gapAt(view, self, status === 'member', skipped);
  if (gap === undefined) {
    changeMembership(turn, { search: undefined, skipped: 0 });
    return;
  }
  const { before, after } = gap;
  const { id } = before;
  const search = { before: id, after: after.id, epoch: view.epoch, sinceMs: turn.now, hasAsked: false, knocked: 0 };
  changeMembership(turn, { search, skipped });
  closeOthers(turn, gap);
  dial(turn, before);
  ask(turn, gap);
}

/** Links of earlier tries. */
function closeOthers(turn: Turn, { before, after }: Gap): void {
  const { links, status } = turn.state;
  for (const { id, peer, side } of links.table.values()) {
    if (peer === undefined || peer === before.id || peer === after.id) continue;
    if (id === links.inbound || id === links.outbound || (status === 'member' && side === 'accepted')) continue;
    close(turn, id);
  }
}

/** What the two links say: a seat, more patience, or the next gap. */
function judge(turn: Turn): void {
  const { view, self, membership, limits } = turn.state;
  const { search, seat, skipped, failures } = membership;
  const gap = search === undefined ? undefined : gapBetween(view, self, search.before, search.after);
  if (search === undefined || gap === undefined) return;
  const { before, after } = gap;
  const inbound = greeted(turn, 'dialled', before);
  const outbound = greeted(turn, 'accepted', after);
  if (inbound !== undefined && outbound !== undefined) {
    if (seat === undefined) takeSeat(turn, gap);
    return;
  }
  if (seat !== undefined) {
    changeMembership(turn, { seat: undefined });
    tryGap(turn, 0);
    return;
  }
  ask(turn, gap);
  const isHopeful = isUnderWay(turn, gap.before) && (outbound !== undefined || isUnderWay(turn, gap.after));
  const giveUpAt = search.sinceMs + Math.ceil((isHopeful ? HOPEFUL_DIALS : HOPELESS_DIALS) * limits.dialMs);
  const isGivenUp = turn.now >= giveUpAt;
  if (isGivenUp) {
    changeMembership(turn, { failures: failures + 1 });
    tryGap(turn, skipped + 1);
  }
  wakeBy(turn, timerOf(turn), isGivenUp ? turn.now + Math.ceil(HOPELESS_DIALS * limits.dialMs) : giveUpAt);
}

/** A member's repair timer runs for as long as it looks for another place. */
const timerOf = (turn: Turn): 'plan' | 'repair' => (turn.state.status === 'member' ? 'repair' : 'plan');

/** A dial of ours to this server may come to something, or has. */
function isUnderWay(turn: Turn, { id, incarnation }: Member): boolean {
  const link = dialledTo(turn, id);
  if (link === undefined) return turn.state.links.dialling.has(id);
  return !link.ready || link.peerIncarnation === incarnation;
}

/** Asks the one after to dial us, once a try, over a link that serves nothing else but in a ring of one. */
function ask(turn: Turn, { after }: Gap): void {
  const { search } = turn.state.membership;
  if (search === undefined || greeted(turn, 'accepted', after) !== undefined) return;
  if (!search.hasAsked) {
    changeMembership(turn, { search: { ...search, hasAsked: true } });
    dial(turn, after);
  }
  knock(turn, after.id);
}

function knock(turn: Turn, after: MemberId): void {
  const { self: id, incarnation, address, view, membership } = turn.state;
  const link = dialledTo(turn, after);
  const { search } = membership;
  if (link === undefined || search === undefined || search.knocked === link.id) return;
  changeMembership(turn, { search: { ...search, knocked: link.id } });
  send(turn, link.id, { kind: 'knock', epoch: view.epoch, member: { id, incarnation, address } });
}

function takeSeat(turn: Turn, { before, after }: Gap): void {
  changeMembership(turn, { seat: { before: before.id, after: after.id }, failures: 0 });
  const asking = dialledTo(turn, after.id);
  const isNeeded = asking === undefined || after.id === before.id || asking.id === turn.state.links.inbound;
  if (!isNeeded) close(turn, asking.id);
  tell(turn, { fact: 'seated', before: before.id, after: after.id });
}

/** Nobody of the ring may be left: then the registrations will say so. */
function lookForLife(turn: Turn): void {
  const { now, state } = turn;
  for (const { ready, peer, peerIncarnation } of state.links.table.values()) {
    if (ready && peer !== undefined && isMember(state.view, peer, peerIncarnation)) {
      if (state.membership.failures > 0 || state.membership.aloneSinceMs !== now)
        changeMembership(turn, { failures: 0, aloneSinceMs: now });
      return;
    }
  }
  if (state.membership.search === undefined) wakeBy(turn, 'plan', now + state.limits.planMs);
  if (!seemsDead(turn) || now - state.membership.askedAtMs < state.limits.planMs) return;
  changeMembership(turn, { askedAtMs: now });
  coordination.readRegistrations(turn);
}

/** Everybody was asked in turn, and nobody has answered for long enough. Of our own former life we know it. */
function seemsDead(turn: Turn): boolean {
  const { view, self, limits, membership } = turn.state;
  const others = countOthers(view, self);
  if (others === 0) return true;
  return membership.failures >= others && turn.now - membership.aloneSinceMs >= limits.deadRingMs;
}

/** The registrations came while this server has no place: if nobody of the ring lives, a new ring begins. */
export function onRegistrationsWhileJoining(turn: Turn, registrations: readonly Registration[]): void {
  const { view } = turn.state;
  if (!isSeeking(turn) || !seemsDead(turn)) return;
  if (registrations.some(({ member, incarnation }) => isMember(view, member, incarnation))) return;
  proposeNext(turn, registrations, { task: 'repair', waited: 'patient', deadRing: true });
}
