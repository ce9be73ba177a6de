/**
 * Connections with servers that have no place in the ring: how one that wants a seat asks to be dialled, and how long
 * such connections stay. A seat is two links that are up already, so a new view must not cut them; but they are bounded,
 * and go in the end.
 */
import type { Knock } from '../frame.js';
import type { Link } from '../state.js';
import type { Turn } from '../turn.js';
import { isMember, type View } from '../view/view.js';
import { hasRoomForGuests, isGuest } from './link-table.js';
import { close, dial, refuseLink } from './links.js';

/** A server wants a seat before us: we are the one to dial, and hear it from then on. */
export function onKnock(turn: Turn, link: Link, { member }: Knock): void {
  if (
    link.side !== 'accepted' ||
    !link.ready ||
    link.peer !== member.id ||
    link.peerIncarnation !== member.incarnation
  ) {
    refuseLink(turn, link.id, 'knock out of turn');
    return;
  }
  if (turn.state.status !== 'member') return;
  if (!isMember(turn.state.view, member.id, member.incarnation) && !hasRoomForGuests(turn)) return;
  dial(turn, member);
}

/** So many times as long as it takes to plan: then whoever still wants a seat has to ask again. */
const GUEST_PLANS = 20;

/** A new view must not cost every newcomer its links; whoever has just lost its place hears of it by losing them. */
export function mayStay(turn: Turn, link: Link, before: View): boolean {
  const { now, state } = turn;
  if (!isGuest(turn, link) || now - link.openedMs > GUEST_PLANS * state.limits.planMs) return false;
  return link.peer !== undefined && !isMember(before, link.peer, link.peerIncarnation);
}

/** The heartbeat timer: guests who have been here for too long. */
export function sweepGuests(turn: Turn): void {
  const { now, state } = turn;
  if (state.status !== 'member') return;
  for (const link of state.links.table.values()) {
    const isRingLink = link.id === state.links.inbound || link.id === state.links.outbound;
    if (!isRingLink && isGuest(turn, link) && now - link.openedMs > GUEST_PLANS * state.limits.planMs)
      close(turn, link.id);
  }
}
