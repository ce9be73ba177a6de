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
  /** One of its two ends has spoken in this epoch: it is not known to be dead. */
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
    return { members, credible: said.has(firstOf({ members }).id) || said.has(lastOf({ members }).id) };
  });
}

export const firstOf = (arc: Pick<Arc, 'members'>): Member => arc.members[0] as Member;
export const lastOf = (arc: Pick<Arc, 'members'>): Member => arc.members[arc.members.length - 1] as Member;

/** Whether `to` hears `from` over a link that is up already. A ring of one needs no link. */
function joined(said: Said, from: Arc, to: Arc): boolean {
  const last = lastOf(from);
  const first = firstOf(to);
  return last.id === first.id || said.get(first.id)?.probes.includes(last.id) === true;
}

/** Shards whose only in-sync member is in the piece: copies that must not be lost. */
function lastCopies(view: View, members: ReadonlySet<MemberId>): number {
  return view.chains.filter((chain) => chain.members.length === 1 && members.has(chain.members[0] as MemberId)).length;
}

interface Candidate {
  readonly kept: ReadonlySet<MemberId>;
  readonly lastCopies: number;
  readonly lowest: MemberId;
}

function better(a: Candidate, b: Candidate): boolean {
  if (a.kept.size !== b.kept.size) return a.kept.size > b.kept.size;
  if (a.lastCopies !== b.lastCopies) return a.lastCopies > b.lastCopies;
  return a.lowest < b.lowest;
}

function candidateOf(view: View, arc: Arc): Candidate {
  const kept = new Set(arc.members.map((member) => member.id));
  const lowest = [...kept].sort()[0] as MemberId;
  return { kept, lastCopies: lastCopies(view, kept), lowest };
}

function together(a: Candidate, b: Candidate): Candidate {
  return {
    kept: new Set([...a.kept, ...b.kept]),
    lastCopies: a.lastCopies + b.lastCopies,
    lowest: a.lowest < b.lowest ? a.lowest : b.lowest,
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
  if (best === undefined || best.kept.size === view.ring.length) return undefined;
  let silent = 0;
  let unheard = 0;
  for (const arc of arcs) {
    if (!arc.credible) silent += arc.members.length;
    else if (!best.kept.has(firstOf(arc).id)) unheard += arc.members.length;
  }
  if (waited === 'hasty' && unheard > 0) return undefined;
  if (waited !== 'patient' && silent + unheard >= best.kept.size) return undefined;
  return new Set(view.ring.map((member) => member.id).filter((id) => !best.kept.has(id)));
}

function bestPiece(view: View, arcs: readonly Arc[], said: Said): Candidate | undefined {
  let best: Candidate | undefined;
  arcs.forEach((_, start) => {
    const piece = bestPieceFrom(view, [...arcs.slice(start), ...arcs.slice(0, start)], said);
    if (piece !== undefined && (best === undefined || better(piece, best))) best = piece;
  });
  return best;
}

/**
 * The best piece that begins with the first of these arcs: credible arcs clockwise, each of which hears the one before,
 * and the first the last, so that it closes to a ring. Any arc may be left out: taking each that can be reached would
 * end at one that hears but that nobody hears.
 */
function bestPieceFrom(view: View, arcs: readonly Arc[], said: Said): Candidate | undefined {
  // For each arc, the best row of arcs that begins with the first and ends with it.
  const rows: (Candidate | undefined)[] = [];
  let best: Candidate | undefined;
  for (const arc of arcs) {
    let row = rows.length === 0 && arc.credible ? candidateOf(view, arc) : undefined;
    rows.forEach((before, i) => {
      if (before === undefined || !joined(said, arcs[i] as Arc, arc)) return;
      const longer = together(before, candidateOf(view, arc));
      if (row === undefined || better(longer, row)) row = longer;
    });
    rows.push(row);
    const closes = row !== undefined && joined(said, arc, arcs[0] as Arc);
    if (row !== undefined && closes && (best === undefined || better(row, best))) best = row;
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
