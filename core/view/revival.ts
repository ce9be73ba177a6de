/**
 * Lost shards: who brings them back, and how a ring of which nobody is left begins again (brief §3.3, hazard 6). A
 * disk that is not the one that was lost never speaks; a suspect log heads nothing on its own account.
 */
import { compareEntryIds, type EntryId, type MemberId, NO_ENTRY, type ShardId } from '../ids.js';
import type { Said } from './facts.js';
import type { KeptLog, Registration } from './registration.js';
import { type Chain, type Member, makeView, type View } from './view.js';

/** What each lost member that is back in the ring has of its shard. */
function keptOf(said: Said, shard: ShardId, { lost }: Chain): readonly (KeptLog | undefined)[] {
  return lost.map(({ id }) => said.get(id)?.kept.find((log) => log.shard === shard));
}

/**
 * Chains whose lost members may bring them back are living again; the others stay as they are.
 * @param reviveWaited the grace is over in which lost members that are still away are waited for
 */
export function withRevived(chains: readonly Chain[], said: Said, reviveWaited: boolean): readonly Chain[] {
  return chains.map((chain, shard) => {
    if (chain.lost.length === 0) return chain;
    const members = heirs(chain, keptOf(said, shard, chain), reviveWaited);
    return members.length > 0 ? { members, learners: [], lost: [] } : chain;
  });
}

/**
 * All that have the most. Whoever was in sync and has its disk whole has everything that was committed, and if that is
 * nothing, the shard was empty: only a disk that is its own ever says so (`keptLog`).
 */
function heirs({ lost }: Chain, kept: readonly (KeptLog | undefined)[], reviveWaited: boolean): readonly MemberId[] {
  const haveAllReported = kept.every((log) => log !== undefined);
  if (!haveAllReported && !reviveWaited) return [];
  const may = kept.map((log) => log !== undefined && (haveAllReported || !log.suspect));
  let greatest: EntryId = NO_ENTRY;
  kept.forEach((log, i) => {
    if (log !== undefined && may[i] === true && compareEntryIds(log.last, greatest) > 0) greatest = log.last;
  });
  return lost.flatMap(({ id }, i) =>
    may[i] === true && compareEntryIds((kept[i] as KeptLog).last, greatest) === 0 ? [id] : [],
  );
}

/**
 * The operator's order: this member brings the lost shard back, whatever is missing in its log.
 * @returns undefined if it is no member, or the shard is not lost.
 */
export function revivedBy(view: View, shard: ShardId, member: MemberId): View | undefined {
  const chain = view.chains[shard];
  if (chain === undefined || chain.lost.length === 0 || !view.positions.has(member)) return undefined;
  const revived: Chain = { members: [member], learners: [], lost: [] };
  return makeView({ ...view, epoch: view.epoch + 1, chains: view.chains.with(shard, revived) });
}

/** The chain when all its members are gone: the last in-sync ones, with the lives that are over. */
export function lostChain(view: View, chain: Chain): Chain {
  const lost = chain.members.map((id) => {
    const { incarnation } = view.ring[view.positions.get(id) as number] as Member;
    return { id, incarnation };
  });
  return { members: [], learners: [], lost: lost.length > 0 ? lost : chain.lost };
}

/**
 * Nobody of the ring is left: it begins again with the registered server of the lowest id, and all shards are lost.
 * @returns undefined if somebody of the ring lives, or nobody is there to begin.
 */
export function begunAgain(view: View, registrations: readonly Registration[]): View | undefined {
  let first: Registration | undefined;
  for (const each of registrations) {
    if (each.clusterId !== view.clusterId) continue;
    const position = view.positions.get(each.member);
    if (position !== undefined && view.ring[position]?.incarnation === each.incarnation) return undefined;
    if (each.leaving === 'no' && (first === undefined || each.member < first.member)) first = each;
  }
  if (first === undefined) return undefined;
  const { member: id, incarnation, address } = first;
  const chains = view.chains.map((chain) => lostChain(view, chain));
  return makeView({ ...view, epoch: view.epoch + 1, ring: [{ id, incarnation, address }], chains });
}
