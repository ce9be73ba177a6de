/**
 * Which members of the register's view are there, and what they hold: shared by the checkers that look into states.
 */
import { type EntryId, type Incarnation, type MemberId, NO_ENTRY, type ShardId } from '../../core/ids.js';
import type { NodeState, ShardState } from '../../core/state.js';
import { chainOf, type View } from '../../core/view/view.js';
import type { ServerHandle, World } from '../world-api.js';

/** The member in the life that the view means; undefined if that life is over. */
export function livingMember(world: World, view: View, id: MemberId): ServerHandle | undefined {
  const position = view.positions.get(id);
  const server = world.servers.get(id);
  if (position === undefined || server === undefined || server.process === 'down') return undefined;
  return view.ring[position]?.incarnation === server.incarnation ? server : undefined;
}

/** In chain order. */
export function livingChain(world: World, view: View, shard: ShardId): readonly ServerHandle[] {
  const { members } = chainOf(view, shard);
  return members.map((id) => livingMember(world, view, id)).filter((server) => server !== undefined);
}

export const shardState = (state: NodeState, shard: ShardId): ShardState | undefined => state.shards.get(shard);

export const committedId = (state: NodeState, shard: ShardId): EntryId =>
  state.shards.get(shard)?.committed ?? NO_ENTRY;

export const lastId = (state: NodeState, shard: ShardId): EntryId => state.shards.get(shard)?.last ?? NO_ENTRY;

const incarnationIn = (view: View, id: MemberId): Incarnation | undefined => {
  const position = view.positions.get(id);
  return position === undefined ? undefined : view.ring[position]?.incarnation;
};

/** From one view to the next a chain came back that had been lost as a whole: no life that kept it goes on keeping it. */
export function isRevived(before: View, view: View, shard: ShardId): boolean {
  const old = before.chains[shard]?.members ?? [];
  const { members } = chainOf(view, shard);
  // Nothing was there before the founding.
  if (members.length === 0 || before.epoch === 0 || before.epoch === view.epoch) return false;
  return !members.some((id) => old.includes(id) && incarnationIn(before, id) === incarnationIn(view, id));
}

/** Members that every chain has when all is well. */
export const fullChain = (view: View): number => Math.min(view.settings.chainLength, view.ring.length);
