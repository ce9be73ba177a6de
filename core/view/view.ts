/**
 * The view: who is in the ring, in which order, and which chain keeps which shard. One value in one register.
 * Knows ids only. Never changes in place: the next view is another value (see next-view.ts).
 */
import type { Epoch, Incarnation, MemberId, ShardId } from '../ids.js';
import { invariant } from '../refusals.js';

export type Durability = 'memory' | 'os' | 'fsync';

/** What a whole cluster agrees on, fixed at founding. */
export interface Settings {
  /** How durable a write is when it counts: kept in memory, handed to the operating system, or synced to the disk. */
  readonly durability: Durability;
  /** Servers that keep each file (k). */
  readonly chainLength: number;
  /** Writes are refused while a chain is shorter than this. Default min(2, k). */
  readonly minReplicas: number;
  readonly shards: number;
  readonly chunkBytes: number;
  /** Data frames a server holds in transit; also the credits of the link that leads to it. At least 3. */
  readonly transitSlots: number;
}

export interface Member {
  readonly id: MemberId;
  readonly incarnation: Incarnation;
  /** Where its predecessor's role is dialled: `host:port`. */
  readonly address: string;
}

/** A life of a server that is over. */
export interface Lost {
  readonly id: MemberId;
  readonly incarnation: Incarnation;
}

export interface Chain {
  /** In-sync members, head first, tail last. Empty only while the whole chain is lost. */
  readonly members: readonly MemberId[];
  /** Member being caught up: one at a time, taught by the tail. */
  readonly learners: readonly MemberId[];
  /**
   * The in-sync members who were the last, when all of them have gone: their disks may bring the shard back
   * (brief §3.3). Until then the shard is unavailable. Empty while there are members.
   */
  readonly lost: readonly Lost[];
}

/** The register's value as it is stored and sent. */
export interface ViewValue {
  readonly epoch: Epoch;
  readonly clusterId: string;
  readonly settings: Settings;
  /** Clockwise. */
  readonly ring: readonly Member[];
  /** One for each shard. */
  readonly chains: readonly Chain[];
}

/** A view with its look-up table: made once, shared by everybody who holds it. */
export interface View extends ViewValue {
  /** Ring position of each member, from 0. */
  readonly positions: ReadonlyMap<MemberId, number>;
}

/** Epoch 0: before any view was read. */
export const NO_VIEW: View = {
  epoch: 0,
  clusterId: '',
  settings: { durability: 'memory', chainLength: 1, minReplicas: 1, shards: 1, chunkBytes: 1, transitSlots: 3 },
  ring: [],
  chains: [],
  positions: new Map(),
};

/** @throws InvariantError if the value is not a possible view. */
export function makeView(value: ViewValue): View {
  const positions = new Map<MemberId, number>();
  value.ring.forEach((member, index) => {
    invariant(!positions.has(member.id), 'a member stands in the ring once', member.id);
    positions.set(member.id, index);
  });
  invariant(value.chains.length === value.settings.shards, 'every shard has a chain');
  for (const { members, learners, lost } of value.chains) {
    invariant(members.length > 0 !== lost.length > 0, 'a chain has members, or names those it lost');
    for (const id of [...members, ...learners]) invariant(positions.has(id), 'a chain is made of members', id);
  }
  invariant(value.settings.transitSlots >= 3, 'the bubble rule needs three transit slots');
  return { ...value, positions };
}

export function isMember(view: View, id: MemberId, incarnation: Incarnation): boolean {
  const position = view.positions.get(id);
  return position !== undefined && view.ring[position]?.incarnation === incarnation;
}

/** The member `steps` places clockwise of `id` (negative: counter-clockwise). */
export function neighbour(view: View, id: MemberId, steps: number): Member {
  const size = view.ring.length;
  const position = view.positions.get(id);
  invariant(position !== undefined, 'only members have neighbours', id, view.epoch);
  return view.ring[(((position + steps) % size) + size) % size] as Member;
}

/** Links from `from` clockwise to `to`: 0 for oneself, less than the ring's size. */
export function distance(view: View, from: MemberId, to: MemberId): number {
  const a = view.positions.get(from);
  const b = view.positions.get(to);
  invariant(a !== undefined && b !== undefined, 'distances are between members', from, to);
  return b >= a ? b - a : b - a + view.ring.length;
}

export function chainOf(view: View, shard: ShardId): Chain {
  const chain = view.chains[shard];
  invariant(chain !== undefined, 'a shard is within the settings', shard);
  return chain;
}

/** Undefined while the whole chain is lost. */
export const headOf = (view: View, shard: ShardId): MemberId | undefined => chainOf(view, shard).members[0];

/** Undefined while the whole chain is lost. */
export function tailOf(view: View, shard: ShardId): MemberId | undefined {
  const { members } = chainOf(view, shard);
  return members[members.length - 1];
}

/**
 * The member of the chain, other than `id`, from which the stream comes to `id` over the fewest links: bytes that it
 * sends pass no other holder on their way. Undefined: there is no other member.
 */
export function nearestHolder(view: View, shard: ShardId, id: MemberId): MemberId | undefined {
  let nearest: MemberId | undefined;
  for (const member of chainOf(view, shard).members) {
    if (member === id) continue;
    if (nearest === undefined || distance(view, member, id) < distance(view, nearest, id)) nearest = member;
  }
  return nearest;
}

/** In the chain, or being caught up for it. */
export function isKeeper(view: View, shard: ShardId, id: MemberId): boolean {
  const { members, learners } = chainOf(view, shard);
  return members.includes(id) || learners.includes(id);
}

/** FNV-1a over UTF-16 code units, 32 bit: fixed at founding, so that a path never changes its shard. */
export function shardOf(path: string, shards: number): ShardId {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 8) % shards;
}
