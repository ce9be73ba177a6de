/** The chains over time: what a new view asks of them, and what their timer repeats. */
import type { ShardId } from '../ids.js';
import { SortedMap } from '../sorted-map.js';
import { NEVER } from '../timers.js';
import { revolutionMs, type Turn, wakeBy } from '../turn.js';
import { announce } from './commit.js';
import { fetchMissing, passOn, resend } from './replication.js';
import { changeShard, placeIn, shardOfTurn } from './shards.js';

/**
 * A new view. Every member sends its successor all that is not known to be committed, before anything new: since that
 * is kept until a commit of its epoch, it covers whatever a new successor lacks. Whoever is tail now commits what it
 * has, and tells again.
 */
export function onView(turn: Turn): void {
  const { chains } = turn.state.view;
  for (let shardId = 0; shardId < chains.length; shardId++) {
    if (!turn.state.shards.has(shardId)) continue;
    const place = placeIn(turn, shardId);
    if (place === undefined) continue;
    changeShard(turn, shardId, { refused: SortedMap.empty(), waiting: SortedMap.empty() });
    if (place.isTail) {
      announce(turn, shardId, 0);
      passOn(turn, shardId);
    } else {
      changeShard(turn, shardId, { announcing: SortedMap.empty() });
      resend(turn, shardId);
    }
  }
}

/** The chains timer: what was lost with a link is sent again. */
export function sweepChains(turn: Turn): void {
  if (turn.state.status !== 'member') return;
  let next = NEVER;
  for (const shardId of turn.state.shards.keys()) next = Math.min(next, sweep(turn, shardId));
  wakeBy(turn, 'chains', next);
}

/** @returns when this shard wants to be looked at again, ms. */
function sweep(turn: Turn, shardId: ShardId): number {
  const { now } = turn;
  const { limits } = turn.state;
  const place = placeIn(turn, shardId);
  const shard = shardOfTurn(turn, shardId);
  if (place === undefined) return NEVER;
  const overdue = now - shard.activeAtMs >= revolutionMs(turn);
  if (shard.waiting.size > 0 && now - shard.waitingSinceMs >= limits.chunkGraceMs) {
    if (now - shard.fetchedAtMs >= revolutionMs(turn)) fetchMissing(turn, shardId);
  }
  if (overdue && place.isTail && shard.announcing.size > 0) announce(turn, shardId, 0);
  else if (overdue && !place.isTail && shard.log.size > 0) resend(turn, shardId);
  if (shard.waiting.size > 0) return now + limits.chunkGraceMs;
  return shard.log.size > 0 || shard.announcing.size > 0 ? now + revolutionMs(turn) : NEVER;
}
