/** The gaps between neighbours, in the order in which a server tries them. Pure functions of the view. */
import type { MemberId } from '../ids.js';
import type { Member, View } from '../view/view.js';

/** Two neighbours between whom a server may be put; the same one twice in a ring of one. */
export interface Gap {
  readonly before: Member;
  readonly after: Member;
}

/** Names as people sort them: n2 before n10. */
export function compareNames(a: MemberId, b: MemberId): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [left[i] as string, right[i] as string];
    if (one === other) continue;
    const difference = Number(one) - Number(other);
    if (!Number.isNaN(difference) && difference !== 0) return difference;
    return one < other ? -1 : 1;
  }
  return left.length - right.length;
}

const partsOf = (name: MemberId): readonly string[] => name.match(/\d+|\D+/g) ?? [];

/** The ring as it is without this server, or without the life it had before. */
const othersOf = (view: View, self: MemberId): readonly Member[] => view.ring.filter(({ id }) => id !== self);

export const countOthers = (view: View, self: MemberId): number =>
  view.ring.length - (view.positions.has(self) ? 1 : 0);

/**
 * The gap so many places clockwise of the one where the server's name belongs: behind the greatest name that is less
 * than its own, so that a ring that heals gets its order back. A member does not count the gap that it leaves.
 * @returns undefined if there is none.
 */
export function gapAt(view: View, self: MemberId, isMember: boolean, skipped: number): Gap | undefined {
  const others = othersOf(view, self);
  const own = isMember ? ownGap(view, self, others) : -1;
  let natural = -1;
  let greatest = 0;
  others.forEach(({ id }, i) => {
    if (compareNames(id, self) < 0 && (natural < 0 || compareNames(id, (others[natural] as Member).id) > 0))
      natural = i;
    if (compareNames(id, (others[greatest] as Member).id) > 0) greatest = i;
  });
  const indices: number[] = [];
  for (let i = 0; i < others.length; i++) {
    const index = ((natural < 0 ? greatest : natural) + i) % others.length;
    if (index !== own) indices.push(index);
  }
  const index = indices[skipped % indices.length];
  if (index === undefined) return undefined;
  return { before: others[index] as Member, after: others[(index + 1) % others.length] as Member };
}

function ownGap(view: View, self: MemberId, others: readonly Member[]): number {
  const position = view.positions.get(self) as number;
  return (position + others.length - 1) % others.length;
}

/** The gap between these two, if they are still neighbours. */
export function gapBetween(view: View, self: MemberId, before: MemberId, after: MemberId): Gap | undefined {
  const others = othersOf(view, self);
  const index = others.findIndex(({ id }) => id === before);
  const [first, second] = [others[index], others[(index + 1) % others.length]];
  return first !== undefined && second?.id === after ? { before: first, after: second } : undefined;
}
