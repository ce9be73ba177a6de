/**
 * Who must go when links are broken: breaks the ring at its broken edges into arcs, joins arcs over links that are known
 * to work, and keeps the largest working piece (brief §3.3). Knows links only; what becomes of chains is not its
 * business, except that last copies decide between equals.
 */
import type { MemberId } from '../ids.js';
import type { Said, Waited } from './facts.js';
import { distance, type Member, type View } from './view.js';

/** Members from one broken edge to the next, clockwise. */
export interface Arc {
  readonly members: readonly Member[];
  /**
   * One of its two ends has said that it is broken there: it is not known to be dead. Whoever has said other things may have
   * died since, and must not be waited for.
   */
  readonly credible: boolean;
}

/** One arc if one edge is broken: the whole ring, which begins behind the edge. None: nothing is broken. */
export function arcsOf(view: View, said: Said): readonly Arc[] {
  const size = view.ring.length;
  const starts: number[] = [];
  view.ring.forEach((member, index) => {
    const before = view.ring[(index + size - 1) % size] as Member;
    if (said.get(member.id)?.brokenIn === true || said.get(before.id)?.brokenOut === true) starts.push(index);
  });
  return starts.map((start, i) => {
    const next = starts[(i + 1) % starts.length] as number;
    const length = (next - start + size - 1) % size;
    const members: Member[] = [];
    for (let step = 0; step <= length; step++) members.push(view.ring[(start + step) % size] as Member);
    const [first, last] = [said.get(firstOf({ members }).id), said.get(lastOf({ members }).id)];
    return { members, credible: first?.brokenIn === true || last?.brokenOut === true };
  });
}

export const firstOf = (arc: Pick<Arc, 'members'>): Member => arc.members[0] as Member;
export const lastOf = (arc: Pick<Arc, 'members'>): Member => arc.members[arc.members.length - 1] as Member;

/** Members that would stay together, an arc or several in a row. */
interface Piece {
  readonly arc: Arc;
  /** The piece without its last arc. */
  readonly before: Piece | undefined;
  readonly size: number;
  /** Shards whose only in-sync member is in the piece: copies that must not be lost. */
  readonly lastCopies: number;
  readonly lowest: MemberId;
}

function better(a: Piece, b: Piece | undefined): boolean {
  if (b === undefined) return true;
  if (a.size !== b.size) return a.size > b.size;
  if (a.lastCopies !== b.lastCopies) return a.lastCopies > b.lastCopies;
  return a.lowest < b.lowest;
}

function piecesOf(view: View, arcs: readonly Arc[]): readonly Piece[] {
  const copies = new Map<MemberId, number>();
  for (const { members } of view.chains) {
    const [first] = members;
    if (first !== undefined && members.length === 1) copies.set(first, (copies.get(first) ?? 0) + 1);
  }
  return arcs.map((arc) => {
    let lastCopies = 0;
    let lowest = firstOf(arc).id;
    for (const { id } of arc.members) {
      lastCopies += copies.get(id) ?? 0;
      if (id < lowest) lowest = id;
    }
    return { arc, before: undefined, size: arc.members.length, lastCopies, lowest };
  });
}

function together(row: Piece, next: Piece): Piece {
  return {
    arc: next.arc,
    before: row,
    size: row.size + next.size,
    lastCopies: row.lastCopies + next.lastCopies,
    lowest: row.lowest < next.lowest ? row.lowest : next.lowest,
  };
}

/**
 * Everybody outside of the best piece of a ring in several arcs.
 * @returns undefined where the facts do not (yet) suffice.
 */
export function outsideBestPiece(
  view: View,
  arcs: readonly Arc[],
  said: Said,
  waited: Waited,
): ReadonlySet<MemberId> | undefined {
  const best = bestPiece(view, arcs, said);
  if (best === undefined || best.size === view.ring.length) return undefined;
  const kept = new Set<MemberId>();
  for (let piece: Piece | undefined = best; piece !== undefined; piece = piece.before) {
    for (const { id } of piece.arc.members) kept.add(id);
  }
  let silent = 0;
  let unheard = 0;
  for (const arc of arcs) {
    if (!arc.credible) silent += arc.members.length;
    else if (!kept.has(firstOf(arc).id)) unheard += arc.members.length;
  }
  if (waited === 'hasty' && unheard > 0) return undefined;
  if (waited !== 'patient' && silent + unheard >= kept.size) return undefined;
  return new Set(view.ring.map((member) => member.id).filter((id) => !kept.has(id)));
}

/** For each credible arc those that its first member hears, over links that are up already. A ring of one needs no link. */
function heardBy(arcs: readonly Arc[], said: Said): readonly (readonly number[])[] {
  const endsAt = new Map(arcs.map((arc, i) => [lastOf(arc).id, i]));
  return arcs.map((arc, i) => {
    if (!arc.credible) return [];
    const heard = new Set(arc.members.length === 1 ? [i] : []);
    for (const id of said.get(firstOf(arc).id)?.probes ?? []) {
      const end = endsAt.get(id);
      if (end !== undefined) heard.add(end);
    }
    // Not in the order in which they were dialled: everybody has to come to the same piece.
    return [...heard].sort((a, b) => a - b);
  });
}

function bestPiece(view: View, arcs: readonly Arc[], said: Said): Piece | undefined {
  const pieces = piecesOf(view, arcs);
  const heard = heardBy(arcs, said);
  let best: Piece | undefined;
  arcs.forEach((arc, start) => {
    const piece = arc.credible ? bestPieceFrom(start, pieces, heard) : undefined;
    if (piece !== undefined && better(piece, best)) best = piece;
  });
  return best;
}

/**
 * The best piece that begins with this arc: credible arcs clockwise, each of which hears the one before, and the first
 * the last, so that it closes to a ring. Any arc may be left out: taking each that can be reached would end at one that
 * hears but that nobody hears.
 */
function bestPieceFrom(
  start: number,
  pieces: readonly Piece[],
  heard: readonly (readonly number[])[],
): Piece | undefined {
  // For each arc, the best row of arcs that begins with the first and ends with it.
  const rows: (Piece | undefined)[] = [];
  rows[start] = pieces[start];
  for (let steps = 1; steps < pieces.length; steps++) {
    const at = (start + steps) % pieces.length;
    for (const from of heard[at] as readonly number[]) {
      const row = from === at ? undefined : rows[from];
      const longer = row && together(row, pieces[at] as Piece);
      if (longer !== undefined && better(longer, rows[at])) rows[at] = longer;
    }
  }
  let best: Piece | undefined;
  for (const last of heard[start] as readonly number[]) {
    const row = rows[last];
    if (row !== undefined && better(row, best)) best = row;
  }
  return best;
}

/**
 * One broken edge leaves one arc with everybody in it. Redialling did not help, so its last members go, as few as
 * possible: those between the arc's end and the nearest member whom the arc's first member hears. If that one hears
 * nobody, or says nothing, it goes itself: else the ring would stay broken for ever.
 */
export function outsideOneEdge(view: View, arc: Arc, said: Said): ReadonlySet<MemberId> | undefined {
  const first = firstOf(arc);
  const probes = said.get(first.id)?.probes ?? [];
  const heard = arc.members.filter((member) => probes.includes(member.id));
  const nearest = heard.sort((a, b) => distance(view, a.id, first.id) - distance(view, b.id, first.id))[0];
  if (nearest === undefined) return arc.members.length > 1 ? new Set([first.id]) : undefined;
  const gone = arc.members.slice(arc.members.indexOf(nearest) + 1).map((member) => member.id);
  return gone.length > 0 ? new Set(gone) : undefined;
}
