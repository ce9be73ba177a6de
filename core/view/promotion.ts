/**
 * What becomes of learners, by the word of the tail that teaches them: promoted when it holds for them and they are
 * caught up (rule J, brief §3.7), taken off when it holds in vain or when they want to leave.
 */
import type { MemberId, ShardId } from '../ids.js';
import { type Said, tailSays } from './facts.js';
import type { Chain, View } from './view.js';

export interface Settled {
  readonly chains: readonly Chain[];
  /** Learners that were taken off: not tried again by the same view. */
  readonly given: ReadonlyMap<ShardId, MemberId>;
}

const NOBODY: ReadonlySet<MemberId> = new Set();

/** Takes off stalled learners only. */
export function withoutStalled(view: View, said: Said): Settled {
  return settle(view, said, NOBODY, false);
}

/** Promotes learners that are ready, and takes off those that are stalled or leaving. */
export function withLearnersSettled(view: View, said: Said, leaving: ReadonlySet<MemberId>): Settled {
  return settle(view, said, leaving, true);
}

function settle(view: View, said: Said, leaving: ReadonlySet<MemberId>, promotes: boolean): Settled {
  const given = new Map<ShardId, MemberId>();
  const chains = view.chains.map((chain, shard) => {
    const learner = chain.learners[0];
    const tail = learner === undefined ? undefined : tailSays(view, said, shard);
    if (learner === undefined) return chain;
    const isIt = (each: { readonly shard: ShardId; readonly learner: MemberId }): boolean =>
      each.shard === shard && each.learner === learner;
    if (tail?.stalled.some(isIt) === true || leaving.has(learner)) {
      given.set(shard, learner);
      return { ...chain, learners: [] };
    }
    if (!promotes || tail?.ready.some(isIt) !== true) return chain;
    return { ...chain, members: [...chain.members, learner], learners: [] };
  });
  return { chains, given };
}
