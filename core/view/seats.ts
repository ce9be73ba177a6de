/**
 * Places in the ring: who is put where, who moves, who is let go. A seat is a pair of neighbours to whom the links are up
 * already, inbound and outbound: nobody is put into the ring over links that are yet to be made (brief §3.3).
 */
import type { MemberId } from '../ids.js';
import { type Arc, firstOf, lastOf } from './arcs.js';
import type { Said } from './facts.js';
import type { Registration, Seat } from './registration.js';
import type { Member, View } from './view.js';

/**
 * The ring in another order, where one edge is broken: the last member of the arc moves to a seat that it has found, if
 * the first hears the one before it. Costs nobody anything, and chains stay as they are.
 * @returns undefined where there is no such seat.
 */
export function reseated(view: View, arc: Arc, said: Said): readonly Member[] | undefined {
  const last = lastOf(arc);
  const rest = arc.members.slice(0, -1);
  const seat = said.get(last.id)?.seat;
  const before = rest[rest.length - 1];
  if (seat === undefined || before === undefined) return undefined;
  if (said.get(firstOf(arc).id)?.probes.includes(before.id) !== true) return undefined;
  // The gap between the last of the rest and the first is where it is now: it would be as unheard there as before.
  if (!rest.some(({ id }, i) => id === seat.before && rest[i + 1]?.id === seat.after)) return undefined;
  const others = view.ring.filter(({ id }) => id !== last.id);
  return others.flatMap((member) => (member.id === seat.before ? [member, last] : [member]));
}

/** Servers that are to be put into the ring, each by the id of the member behind which it comes: one in a gap. */
function newcomers(
  view: View,
  registrations: readonly Registration[],
  going: ReadonlySet<MemberId>,
): Map<MemberId, Member> {
  const chosen = new Map<MemberId, Member>();
  for (const { member: id, incarnation, address, clusterId, epoch, seat, leaving } of registrations) {
    if (clusterId !== view.clusterId || epoch !== view.epoch || leaving !== 'no' || seat === undefined) continue;
    // One that is in the ring in an older life waits until that one is gone.
    if (view.positions.has(id) || !isGap(view, seat) || going.has(seat.before) || going.has(seat.after)) continue;
    const rival = chosen.get(seat.before);
    if (rival === undefined || id < rival.id) chosen.set(seat.before, { id, incarnation, address });
  }
  return chosen;
}

function isGap(view: View, { before, after }: Seat): boolean {
  const position = view.positions.get(before);
  return position !== undefined && view.ring[(position + 1) % view.ring.length]?.id === after;
}

/** Members who want to leave, have no client any more, and are needed by no chain, living or lost. */
function idlers(view: View, said: Said, leaving: ReadonlySet<MemberId>): ReadonlySet<MemberId> {
  const going = new Set<MemberId>();
  for (const id of leaving) if (said.get(id)?.leaving === 'idle') going.add(id);
  if (going.size === 0) return going;
  view.chains.forEach(({ members, learners, lost }, shard) => {
    for (const id of members) going.delete(id);
    for (const id of learners) going.delete(id);
    for (const { id } of lost) if (said.get(id)?.kept.some((log) => log.shard === shard) === true) going.delete(id);
  });
  return going;
}

/** The ring with its newcomers, and without those who are let go; the very same if nothing changes. */
export function seatedRing(
  view: View,
  registrations: readonly Registration[],
  said: Said,
  leaving: ReadonlySet<MemberId>,
): readonly Member[] {
  const going = idlers(view, said, leaving);
  const coming = newcomers(view, registrations, going);
  if (going.size === 0 && coming.size === 0) return view.ring;
  return view.ring.flatMap((member) => {
    const newcomer = coming.get(member.id);
    const stays = going.has(member.id) ? [] : [member];
    return newcomer === undefined ? stays : [...stays, newcomer];
  });
}
