/**
 * What becomes of learners, by the word of the tail that teaches them: promoted when it holds for them and they are
 * caught up (rule J, brief §3.7), taken off when it holds in vain, when they want to leave, or when their disks are full.
 */
import type { MemberId, ShardId } from '../ids.js';
import { type Said, tailSays } from './facts.js';
import type { Chain, View } from './view.js';

export interface Settled {
  readonly chains: readonly Chain[];
  /** Learners that were taken off: not tried again by the same view. */
  readonly given: ReadonlyMap<ShardId, MemberId>;
}

/** Those who are not to be caught up. */
type Unfit = { readonly leaving: ReadonlySet<MemberId>; readonly fullDisks: ReadonlySet<MemberId> };

const NOBODY: Unfit = { leaving: new Set(), fullDisks: new Set() };

/** Takes off stalled learners only. */
export function withoutStalled(view: View, said: Said): Settled {
  return settle(view, said, NOBODY, false);
}

/** Promotes learners that are ready, and takes off those that are stalled or leaving, or have no room for the rest. */
export function withLearnersSettled(view: View, said: Said, unfit: Unfit): Settled {
  return settle(view, said, unfit, true);
}

function settle(view: View, said: Said, { leaving, fullDisks }: Unfit, promotes: boolean): Settled {
  const given = new Map<ShardId, MemberId>();
  const chains = view.chains.map((chain, shard) => {
    const learner = chain.learners[0];
    const tail = learner === undefined ? undefined : tailSays(view, said, shard);
    if (learner === undefined) return chain;
    const isIt = (each: { readonly shard: ShardId; readonly learner: MemberId }): boolean =>
      each.shard === shard && each.learner === learner;
    const isReady = tail?.ready.some(isIt) === true;
    if (tail?.stalled.some(isIt) === true || leaving.has(learner) || (fullDisks.has(learner) && !isReady)) {
      given.set(shard, learner);
      return { ...chain, learners: [] };
    }
    if (!promotes || !isReady) return chain;
    return { ...chain, members: [...chain.members, learner], learners: [] };
  });
  return { chains, given };
}
