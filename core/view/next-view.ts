/**
 * The next view: a pure function of the present one and the facts at hand, so that it does not matter who proposes it
 * (brief §3.3). Breaks the ring at its broken edges into arcs, joins arcs over links that are known to work, and keeps
 * the largest working piece.
 */
import type { MemberId } from '../ids.js';
import type { Report } from './report.js';
import { type Chain, distance, type Member, makeView, type View } from './view.js';

/**
 * How long the proposer has seen its broken link: `hasty` decides only what is clear at once, `settled` also gives up
 * members that speak but that nobody hears, `patient` also as many as are kept or more (a network that is away for a
 * moment must not shrink the ring to one), or one end of a single broken edge.
 */
export type Waited = 'hasty' | 'settled' | 'patient';

/** Members from one broken edge to the next, clockwise. */
interface Arc {
  readonly members: readonly Member[];
  /** One of its two ends has spoken in this epoch: it is not known to be dead. */
  readonly credible: boolean;
}

/** The view without these members: the ring closes up, and chains too; a chain that loses everybody remembers them. */
export function withoutMembers(view: View, removed: ReadonlySet<MemberId>): View {
  return makeView({
    epoch: view.epoch + 1,
    clusterId: view.clusterId,
    settings: view.settings,
    ring: view.ring.filter((member) => !removed.has(member.id)),
    chains: view.chains.map((chain) => without(view, chain, removed)),
  });
}

function without(view: View, chain: Chain, removed: ReadonlySet<MemberId>): Chain {
  const members = chain.members.filter((id) => !removed.has(id));
  if (members.length === 0 && chain.members.length > 0) {
    const lost = chain.members.map((id) => ({ id, incarnation: memberOf(view, id).incarnation }));
    return { members, learners: [], lost };
  }
  return { members, learners: chain.learners.filter((id) => !removed.has(id)), lost: chain.lost };
}

const memberOf = (view: View, id: MemberId): Member => view.ring[view.positions.get(id) as number] as Member;

/** Reports that speak of this view: same epoch, and by the member's present life. */
function reportsOf(view: View, reports: readonly Report[]): ReadonlyMap<MemberId, Report> {
  const valid = new Map<MemberId, Report>();
  for (const report of reports) {
    const position = view.positions.get(report.member);
    if (report.epoch !== view.epoch || position === undefined) continue;
    if (view.ring[position]?.incarnation === report.incarnation) valid.set(report.member, report);
  }
  return valid;
}

function arcsOf(view: View, reports: ReadonlyMap<MemberId, Report>): readonly Arc[] {
  const size = view.ring.length;
  const starts: number[] = [];
  view.ring.forEach((member, index) => {
    const before = view.ring[(index + size - 1) % size] as Member;
    if (reports.get(member.id)?.brokenIn === true || reports.get(before.id)?.brokenOut === true) starts.push(index);
  });
  return starts.map((start, i) => {
    const next = starts[(i + 1) % starts.length] as number;
    const length = (next - start + size - 1) % size;
    const members: Member[] = [];
    for (let step = 0; step <= length; step++) members.push(view.ring[(start + step) % size] as Member);
    const first = members[0] as Member;
    const last = members[members.length - 1] as Member;
    return { members, credible: reports.has(first.id) || reports.has(last.id) };
  });
}

/** Whether `to` hears `from` over a link that is up already. A ring of one needs no link. */
function joined(reports: ReadonlyMap<MemberId, Report>, from: Arc, to: Arc): boolean {
  const last = from.members[from.members.length - 1] as Member;
  const first = to.members[0] as Member;
  return last.id === first.id || reports.get(first.id)?.probes.includes(last.id) === true;
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

/** @returns the next view, or undefined where the facts do not (yet) call for one. */
export function nextView(view: View, allReports: readonly Report[], waited: Waited): View | undefined {
  const reports = reportsOf(view, allReports);
  const arcs = arcsOf(view, reports);
  if (arcs.length === 0) return undefined;
  if (arcs.length === 1) return waited === 'patient' ? withoutBrokenEdge(view, arcs[0] as Arc, reports) : undefined;
  const best = bestPiece(view, arcs, reports);
  if (best === undefined || best.kept.size === view.ring.length) return undefined;
  let silent = 0;
  let unheard = 0;
  for (const arc of arcs) {
    if (!arc.credible) silent += arc.members.length;
    else if (!best.kept.has((arc.members[0] as Member).id)) unheard += arc.members.length;
  }
  if (waited === 'hasty' && unheard > 0) return undefined;
  if (waited !== 'patient' && silent + unheard >= best.kept.size) return undefined;
  return withoutMembers(view, new Set(view.ring.map((member) => member.id).filter((id) => !best.kept.has(id))));
}

function bestPiece(view: View, arcs: readonly Arc[], reports: ReadonlyMap<MemberId, Report>): Candidate | undefined {
  let best: Candidate | undefined;
  arcs.forEach((_, start) => {
    const piece = bestPieceFrom(view, [...arcs.slice(start), ...arcs.slice(0, start)], reports);
    if (piece !== undefined && (best === undefined || better(piece, best))) best = piece;
  });
  return best;
}

/**
 * The best piece that begins with the first of these arcs: credible arcs clockwise, each of which hears the one before,
 * and the first the last, so that it closes to a ring. Any arc may be left out: taking each that can be reached would
 * end at one that hears but that nobody hears.
 */
function bestPieceFrom(
  view: View,
  arcs: readonly Arc[],
  reports: ReadonlyMap<MemberId, Report>,
): Candidate | undefined {
  // For each arc, the best row of arcs that begins with the first and ends with it.
  const rows: (Candidate | undefined)[] = [];
  let best: Candidate | undefined;
  for (const arc of arcs) {
    let row = rows.length === 0 && arc.credible ? candidateOf(view, arc) : undefined;
    rows.forEach((before, i) => {
      if (before === undefined || !joined(reports, arcs[i] as Arc, arc)) return;
      const longer = together(before, candidateOf(view, arc));
      if (row === undefined || better(longer, row)) row = longer;
    });
    rows.push(row);
    const closes = row !== undefined && joined(reports, arc, arcs[0] as Arc);
    if (row !== undefined && closes && (best === undefined || better(row, best))) best = row;
  }
  return best;
}

/**
 * One broken edge leaves one arc with everybody in it. Redialling did not help, so its last members go, as few as
 * possible: those between the arc's end and the nearest member whom the arc's first member hears. If that one hears
 * nobody, or says nothing, it goes itself: else the ring would stay broken for ever.
 */
function withoutBrokenEdge(view: View, arc: Arc, reports: ReadonlyMap<MemberId, Report>): View | undefined {
  const first = arc.members[0] as Member;
  const probes = reports.get(first.id)?.probes ?? [];
  const heard = arc.members.filter((member) => probes.includes(member.id));
  const nearest = heard.sort((a, b) => distance(view, a.id, first.id) - distance(view, b.id, first.id))[0];
  if (nearest === undefined) return arc.members.length > 1 ? withoutMembers(view, new Set([first.id])) : undefined;
  const gone = arc.members.slice(arc.members.indexOf(nearest) + 1).map((member) => member.id);
  return gone.length > 0 ? withoutMembers(view, new Set(gone)) : undefined;
}
