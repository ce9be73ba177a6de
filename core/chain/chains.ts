/** The chains over time: what a new view asks of them, and what their timer repeats. */
import type { MemberId, ShardId } from '../ids.js';
import { SortedMap } from '../sorted-map.js';
import { LEAST_PACE_MS, NEVER } from '../timers.js';
import { put, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { type Chain, chainOf } from '../view/view.js';
import { announce, writeBase } from './commit.js';
import { retire } from './held.js';
import { beginLearning, endLearning, isLearner, sweepLearning } from './learning.js';
import { mendFiles, sweepMending } from './mending.js';
import { fetchMissing, passOn, resend, settleWrites } from './replication.js';
import { changeShard, placeIn, shardOfTurn } from './shards.js';
import { repeatSpace } from './space.js';
import { sweepTeaching } from './teaching.js';

/**
 * A new view. Every member sends its successor all that is not known to be committed, before anything new: since that
 * is kept until a commit of its epoch, it covers whatever a new successor lacks. Whoever is tail now commits what it
 * has, and tells again. Holds and lessons end here, and only here.
 */
export function onView(turn: Turn): void {
  const { chains } = turn.state.view;
  const forgotten = new Set<ShardId>();
  for (let shardId = 0; shardId < chains.length; shardId++) {
    if (isLearner(turn, shardId)) beginLearning(turn, shardId);
    else if (turn.state.shards.has(shardId)) enter(turn, shardId, forgotten);
  }
  if (forgotten.size > 0) forget(turn, forgotten);
}

function enter(turn: Turn, shardId: ShardId, forgotten: Set<ShardId>): void {
  const { learning, isSuspect } = shardOfTurn(turn, shardId);
  const place = placeIn(turn, shardId);
  if (place === undefined) {
    endLearning(turn, shardId);
    changeShard(turn, shardId, { teaching: undefined });
    if (isKeptElsewhere(turn, chainOf(turn.state.view, shardId))) forgotten.add(shardId);
    return;
  }
  if (learning !== undefined) tell(turn, { fact: 'promoted', shard: shardId });
  // What the tail could not give, another member may have.
  if (learning !== undefined && learning.gone.size > 0) mendFiles(turn, shardId);
  // Brought back by us: from here on our log is the truth, and what is unsound behind it on the disk must go.
  if (isSuspect) {
    writeBase(turn, shardId);
  }
  changeShard(turn, shardId, {
    refused: SortedMap.empty(),
    waiting: SortedMap.empty(),
    learning: undefined,
    teaching: undefined,
    isSuspect: false,
    durableTold: 0,
    // What was asked for in the epoch before does not come any more.
    fetchedAtMs: 0,
  });
  if (place.isTail) {
    announce(turn, shardId, 0);
    passOn(turn, shardId);
  } else {
    changeShard(turn, shardId, { announcing: SortedMap.empty() });
    resend(turn, shardId);
  }
}

/** Full without us: what we have of it is of no more use. A short chain may yet take us as a learner. */
function isKeptElsewhere(turn: Turn, { members }: Chain): boolean {
  const { ring, settings } = turn.state.view;
  return members.length >= Math.min(settings.chainLength, ring.length);
}

/** Bytes go after the usual grace: somebody may be reading them. */
function forget(turn: Turn, forgotten: ReadonlySet<ShardId>): void {
  for (const shard of forgotten) {
    turn.state.shards = turn.state.shards.delete(shard);
    put(turn, { kind: 'forget-shard', shard });
    tell(turn, { fact: 'shard-forgotten', shard });
  }
  for (const [upload, { shard }] of turn.state.held.entries()) if (forgotten.has(shard)) retire(turn, upload);
}

/** Lost members whom this view brings back. */
export function revivedHere(turn: Turn, before: readonly Chain[], self: MemberId): readonly ShardId[] {
  const { chains } = turn.state.view;
  const revived: ShardId[] = [];
  before.forEach(({ lost }, shard) => {
    if (lost.length > 0 && chains[shard]?.members.includes(self) === true) revived.push(shard);
  });
  return revived;
}

/** The chains timer: what was lost with a link is sent again. */
export function sweepChains(turn: Turn): void {
  if (turn.state.status !== 'member') return;
  let next = NEVER;
  for (const shardId of turn.state.shards.keys()) next = Math.min(next, sweep(turn, shardId));
  wakeBy(turn, 'chains', next);
  sweepMending(turn);
  repeatSpace(turn);
}

/** @returns when this shard wants to be looked at again, ms. */
function sweep(turn: Turn, shardId: ShardId): number {
  const { now } = turn;
  const { limits } = turn.state;
  const place = placeIn(turn, shardId);
  const shard = shardOfTurn(turn, shardId);
  sweepLearning(turn, shardId);
  sweepTeaching(turn, shardId);
  const overdue = now - shard.activeAtMs >= revolutionMs(turn);
  if (shard.rewrites.size > 0) settleWrites(turn, shardId);
  if (shard.waiting.size > 0 && now - shard.waitingSinceMs >= limits.chunkGraceMs) {
    if (now - shard.fetchedAtMs >= revolutionMs(turn)) fetchMissing(turn, shardId);
  }
  if (overdue && place?.isTail === true && shard.announcing.size > 0) announce(turn, shardId, 0);
  else if (overdue && place?.isTail === false && shard.log.size > 0) resend(turn, shardId);
  if (shard.waiting.size > 0) return now + Math.max(LEAST_PACE_MS, limits.chunkGraceMs);
  if (place === undefined) return NEVER;
  return shard.log.size > 0 || shard.announcing.size > 0 ? now + revolutionMs(turn) : NEVER;
}
