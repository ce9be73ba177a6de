/**
 * The next view: a pure function of the present one and the facts at hand, so that it does not matter who proposes it
 * (brief §3.3). This file is the order of things: what is dead goes, what is broken is repaired, and only where nothing
 * is broken is anything planned, all that is due in one change.
 */
import type { MemberId } from '../ids.js';
import { type Arc, arcsOf, outsideBestPiece, outsideOneEdge } from './arcs.js';
import { type Facts, isUnwritten, leavingIn, type Said, saidIn, supersededIn, type Waited } from './facts.js';
import { placed, refilled } from './placement.js';
import { withLearnersSettled, withoutStalled } from './promotion.js';
import { begunAgain, lostChain, withRevived } from './revival.js';
import { reseated, seatedRing } from './seats.js';
import { type Chain, type Member, makeView, type View } from './view.js';

/** @returns the next view, or undefined where the facts do not (yet) call for one. */
export function nextView(view: View, facts: Facts): View | undefined {
  const { registrations } = facts;
  const over = supersededIn(view, registrations);
  if (facts.deadRing || over.size === view.ring.length) {
    const again = begunAgain(view, registrations);
    if (again !== undefined) return again;
  }
  if (over.size === view.ring.length) return undefined;
  if (over.size > 0) return withoutMembers(view, over);
  const said = saidIn(view, registrations);
  const arcs = arcsOf(view, said);
  if (arcs.length > 0) return repaired(view, arcs, said, facts.waited);
  return facts.task === 'plan' ? planned(view, said, facts) : unstuck(view, said, facts);
}

/** The view without these members: the ring closes up, and chains too; a chain that loses everybody remembers them. */
export function withoutMembers(view: View, removed: ReadonlySet<MemberId>): View {
  const ring = view.ring.filter((member) => !removed.has(member.id));
  return changed(
    view,
    ring,
    view.chains.map((chain) => without(view, chain, removed)),
  );
}

function without(view: View, chain: Chain, removed: ReadonlySet<MemberId>): Chain {
  const members = chain.members.filter((id) => !removed.has(id));
  if (members.length === 0) return lostChain(view, chain);
  return { members, learners: chain.learners.filter((id) => !removed.has(id)), lost: [] };
}

function changed(view: View, ring: readonly Member[], chains: readonly Chain[]): View {
  const { epoch, clusterId, settings } = view;
  return makeView({ epoch: epoch + 1, clusterId, settings, ring, chains });
}

/** Redial, which is the links' business; reorder; only then evict. */
function repaired(view: View, arcs: readonly Arc[], said: Said, waited: Waited): View | undefined {
  const [whole, ...others] = arcs as readonly [Arc, ...Arc[]];
  if (others.length > 0) return evicting(view, outsideBestPiece(view, arcs, said, waited));
  if (waited === 'hasty') return undefined;
  const ring = reseated(view, whole, said);
  if (ring !== undefined) return changed(view, ring, view.chains);
  return waited === 'patient' ? evicting(view, outsideOneEdge(view, whole, said)) : undefined;
}

const evicting = (view: View, gone: ReadonlySet<MemberId> | undefined): View | undefined =>
  gone === undefined ? undefined : withoutMembers(view, gone);

/** A learner that holds up its tail stops the shard: it goes at once, and another one is tried. */
function unstuck(view: View, said: Said, { learningMax, fullDisks }: Facts): View | undefined {
  const { chains, given } = withoutStalled(view, said);
  if (given.size === 0) return undefined;
  const leaving = leavingIn(view, said);
  return changed(view, view.ring, refilled(view, { ring: view.ring, chains, leaving, fullDisks, given, learningMax }));
}

function planned(view: View, said: Said, facts: Facts): View | undefined {
  const { registrations, reviveWaited, learningMax, fullDisks } = facts;
  const leaving = leavingIn(view, said);
  const settled = withLearnersSettled(view, said, { leaving, fullDisks });
  const living = withRevived(settled.chains, said, reviveWaited);
  const ring = seatedRing(view, registrations, said, leaving);
  const assignment = { ring, chains: living, leaving, fullDisks, given: settled.given, learningMax };
  const chains = placed(view, { ...assignment, isUnwritten: isUnwritten(view, registrations) });
  const isSame = ring === view.ring && chains.every((chain, shard) => chain === view.chains[shard]);
  return isSame ? undefined : changed(view, ring, chains);
}
