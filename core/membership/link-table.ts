/** Looking things up in the table of connections. Changes nothing. */
import type { MemberId } from '../ids.js';
import type { Link } from '../state.js';
import type { Turn } from '../turn.js';
import { isMember, type Member } from '../view/view.js';

/** A connection that we dialled to this server, whatever life answered, if any did yet. */
export function dialledTo(turn: Turn, id: MemberId): Link | undefined {
  for (const link of turn.state.links.table.values()) if (link.side === 'dialled' && link.peer === id) return link;
  return undefined;
}

/** The connection over which we hear this life of a server (`dialled`), or over which it hears us (`accepted`). */
export function greeted(turn: Turn, side: Link['side'], { id, incarnation }: Member): Link | undefined {
  for (const link of turn.state.links.table.values()) {
    if (link.side === side && link.ready && link.peer === id && link.peerIncarnation === incarnation) return link;
  }
  return undefined;
}

/** At the other end is a server that has no place in the present view: it wants one, or has lost it. */
export function isGuest(turn: Turn, link: Link): boolean {
  return link.ready && link.peer !== undefined && !isMember(turn.state.view, link.peer, link.peerIncarnation);
}

/** Guests take no more than half of the connections: the rest is for the ring. */
export function hasRoomForGuests(turn: Turn): boolean {
  let guests = 0;
  for (const link of turn.state.links.table.values()) if (isGuest(turn, link)) guests++;
  return 2 * guests < turn.state.limits.linksMax;
}
