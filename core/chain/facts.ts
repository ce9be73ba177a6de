/** What a server knows of its shards that decides about the next view: for its registration. */
import type { ShardId } from '../ids.js';
import type { Teaching } from '../learning-state.js';
import type { Turn } from '../turn.js';
import type { KeptLog, ShardLearner } from '../view/registration.js';
import { keptLog } from './recovery.js';

/** Learners for whom we hold and who are caught up. */
export const readyLearners = (turn: Turn): readonly ShardLearner[] =>
  taught(turn, ({ isReady, isStalled }) => isReady && !isStalled);

/** Learners for whom we hold in vain. */
export const stalledLearners = (turn: Turn): readonly ShardLearner[] => taught(turn, ({ isStalled }) => isStalled);

function taught(turn: Turn, is: (teaching: Teaching) => boolean): readonly ShardLearner[] {
  const found: ShardLearner[] = [];
  for (const [shard, { teaching }] of turn.state.shards.entries()) {
    if (teaching !== undefined && is(teaching)) found.push({ shard, learner: teaching.learner });
  }
  return found;
}

/**
 * What we have of lost shards that name us. Whoever is believed is in sync again in this life: if the disk did not know of it
 * and the power went, the next life's disk would seem to be another one, and the shard would stay lost for ever.
 */
export function keptLogs(turn: Turn): readonly KeptLog[] {
  const { view, self, membership } = turn.state;
  if (!membership.isOnDisk) return [];
  const kept: KeptLog[] = [];
  view.chains.forEach(({ lost }, shard: ShardId) => {
    const own = lost.find(({ id }) => id === self);
    const log = own === undefined ? undefined : keptLog(turn, shard, own.incarnation);
    if (log !== undefined) kept.push(log);
  });
  return kept;
}
