/**
 * Parcels: a small file's bytes go with its proposal, in one frame that leaves at once. Chunk and append would be two, with
 * a credit given back for each on every link, and most of a small put is frames. They stand before heartbeats on every link
 * that they pass, so they are few and small: a narrow link that is full of them would count as dead. What is more, or would
 * pass data that waits, or was not stored at the first attempt, takes its turn on the data lane, as all bytes do.
 */
import type { Chunk } from '../file.js';
import type { Parcel, Route } from '../frame.js';
import type { MemberId, ShardId } from '../ids.js';
import { launch, type Turn } from '../turn.js';
import { chainOf, distance, type View } from '../view/view.js';

/** So many of the largest weigh as much as one chunk. */
const PARCELS_A_CHUNK = 16;

/** Also of what others send: more would be bytes past the credits. */
export const isSmall = (view: View, bytes: number): boolean => bytes * PARCELS_A_CHUNK <= view.settings.chunkBytes;

/** The first piece of a body: is it the only one, and small, and may it leave past the data? */
export function mayBeParcel(turn: Turn, { index, length }: Chunk): boolean {
  const { view, parcels, limits, stream } = turn.state;
  if (index > 0 || !isSmall(view, length)) return false;
  // The same number for the whole ring, however many servers send some: all may come to one link.
  if (parcels >= Math.ceil(limits.parcelsMax / view.ring.length)) return false;
  return stream.transit.size + stream.insert.size === 0;
}

/** Past every keeper of the shard, its head among them. */
export function sendParcel(turn: Turn, parcel: Omit<Parcel, keyof Route | 'kind'>): void {
  const lastStop = farthest(turn, receiversOf(turn, parcel.shard)) ?? turn.state.self;
  launch(turn, lastStop, { kind: 'parcel', ...parcel });
}

/** Who keeps a shard, or learns to. */
export function receiversOf(turn: Turn, shard: ShardId): readonly MemberId[] {
  const { members, learners } = chainOf(turn.state.view, shard);
  return [...members, ...learners];
}

/** The farthest of these members, clockwise from here; undefined: none but ourselves. */
export function farthest(turn: Turn, members: readonly MemberId[]): MemberId | undefined {
  const { view, self } = turn.state;
  let found: MemberId | undefined;
  for (const member of members) {
    if (member === self || !view.positions.has(member)) continue;
    if (found === undefined || distance(view, self, member) > distance(view, self, found)) found = member;
  }
  return found;
}
