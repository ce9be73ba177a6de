/**
 * How far a log is on the disks of its chain. Where a write counts once it is synced, members do not wait for their own disk
 * before they pass an entry on: their syncs, one after the other, were most of what a small write took. What is durable
 * follows the entries from the head on: each member says up to where it and all before it have the log, and the tail
 * commits no more than that. So what is acknowledged is on every disk, as it would be if everybody had waited (hazard 7).
 *
 * A tail commits nothing of which its predecessor has not said so. Hence whoever is the tail after it, having said so itself,
 * knows of all that was acknowledged that it is committed, and can commit it in the moment of the new view. A learner that a
 * tail holds for acknowledges no more than it has heard of, for the same reason. What was said stays true in later views:
 * nobody comes into a chain but behind its tail.
 */
import type { ShardId } from '../ids.js';
import type { ShardState } from '../state.js';
import type { Turn } from '../turn.js';
import { changeShard, placeIn, shardOfTurn } from './shards.js';

/** Elsewhere what is written is durable in the same moment. */
const isAhead = (turn: Turn): boolean => turn.state.view.settings.durability === 'fsync';

/** Up to here the successor may have the log. */
export const passableTo = (turn: Turn, { last, durable }: ShardState): number =>
  isAhead(turn) ? last.sequence : durable;

/** Up to here this server, and all before it in the chain, have the log durably, as far as it is known here. */
export function durableTo(turn: Turn, shardId: ShardId): number {
  const { durable, durableBefore, committed } = shardOfTurn(turn, shardId);
  if (!isAhead(turn) || placeIn(turn, shardId)?.isHead === true) return durable;
  return Math.min(durable, Math.max(durableBefore, committed.sequence));
}

/**
 * The predecessor, or the tail that teaches us, says up to where it is durable there and before.
 * @returns whether it is so up to here, too, further than it was known
 */
export function hearDurable(turn: Turn, shardId: ShardId, sequence: number): boolean {
  if (sequence <= shardOfTurn(turn, shardId).durableBefore) return false;
  const known = durableTo(turn, shardId);
  changeShard(turn, shardId, { durableBefore: sequence });
  return durableTo(turn, shardId) > known;
}
