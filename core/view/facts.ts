/**
 * What the next view is computed from beside the present one: what the servers say of themselves, and how long the
 * proposer has waited. Decides only who may be believed; what follows from it is decided in the files beside this one.
 */
import type { MemberId, ShardId } from '../ids.js';
import type { Registration } from './registration.js';
import { type Chain, isMember, type Member, type View } from './view.js';

/**
 * How long the proposer has seen its broken link: `hasty` decides only what is clear at once, `settled` also gives up
 * members that speak but that nobody hears, `patient` also as many as are kept or more (a network that is away for a
 * moment must not shrink the ring to one), or one end of a single broken edge.
 */
export type Waited = 'hasty' | 'settled' | 'patient';

export interface Facts {
  /** All that are there, one for each server at most, in any order. */
  readonly registrations: readonly Registration[];
  readonly waited: Waited;
  /** repair: what cannot wait · plan: also what is batched and paced: joins, promotions, placement, leaving, revival. */
  readonly task: 'repair' | 'plan';
  /** Lost shards have waited long enough for their other lost members (limits.reviveMs). */
  readonly reviveWaited: boolean;
  /** The proposer is no member, and nobody of the ring has answered for long enough (limits.deadRingMs). */
  readonly deadRing: boolean;
  /** Members whose disks have no room for chunks, as far as the proposer knows: nobody can be caught up there. */
  readonly fullDisks: ReadonlySet<MemberId>;
  /** Shards for which one server is caught up at once (limits.learningMax); also the moves begun by one view. */
  readonly learningMax: number;
}

/** What members say in this view. */
export type Said = ReadonlyMap<MemberId, Registration>;

/** A registration speaks in its own epoch only, and by the member's present life (brief §3.3). */
export function saidIn(view: View, registrations: readonly Registration[]): Said {
  const said = new Map<MemberId, Registration>();
  for (const each of registrations) {
    const isPresent = each.epoch === view.epoch && each.clusterId === view.clusterId;
    if (isPresent && isMember(view, each.member, each.incarnation)) said.set(each.member, each);
  }
  return said;
}

/**
 * Members that have begun another life since: dead for certain, whatever their links seem to say. Of any epoch: that
 * the life is over does not depend on the view.
 */
export function supersededIn(view: View, registrations: readonly Registration[]): ReadonlySet<MemberId> {
  const over = new Set<MemberId>();
  for (const { clusterId, member, incarnation } of registrations) {
    const position = clusterId === view.clusterId ? view.positions.get(member) : undefined;
    if (position !== undefined && (view.ring[position] as Member).incarnation < incarnation) over.add(member);
  }
  return over;
}

/** Who wants to leave. Somebody has to stay: if everybody wants to leave, the one with the lowest id is not let go. */
export function leavingIn(view: View, said: Said): ReadonlySet<MemberId> {
  const leaving = new Set<MemberId>();
  for (const { member, leaving: wish } of said.values()) if (wish !== 'no') leaving.add(member);
  if (leaving.size === view.ring.length) leaving.delete([...leaving].sort()[0] as MemberId);
  return leaving;
}

/** Every member says that nothing was ever written. Of any epoch, and of any life: what was written stays so. */
export function isUnwritten(view: View, registrations: readonly Registration[]): boolean {
  const unwritten = new Set<MemberId>();
  for (const { clusterId, member, written } of registrations) {
    if (!written && clusterId === view.clusterId) unwritten.add(member);
  }
  return view.ring.every(({ id }) => unwritten.has(id));
}

/** The registration of the shard's present tail, the only one who knows how its learner fares. */
export function tailSays(view: View, said: Said, shard: ShardId): Registration | undefined {
  const { members } = view.chains[shard] as Chain;
  const tail = members[members.length - 1];
  return tail === undefined ? undefined : said.get(tail);
}
