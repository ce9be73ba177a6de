/**
 * A life from its start to its leaving, as far as the ring is concerned: what is looked after at the end of every step,
 * so that no part that changes a fact has to think of telling it.
 */
import { namesake } from '../coordination/registration.js';
import type { NodeState } from '../state.js';
import type { Carry, Recovered } from '../store-port.js';
import type { Turn } from '../turn.js';
import type { ShardLearner } from '../view/registration.js';
import { changeMembership } from './change.js';
import { keepOut, seekAt, stop } from './ending.js';
import { onStalled } from './planning.js';
import { mayHaveNews, publishFacts } from './registration.js';
import { endSearch, isSeeking, seek } from './seat.js';

/** A life begins: whose disk it is, and what the life before handed over. */
export function begin(turn: Turn, { identity }: Recovered, handedOver: Carry | undefined): void {
  const { now, state } = turn;
  const carry = handedOver ?? state.membership.carry;
  changeMembership(turn, {
    carry,
    disk: identity,
    aloneSinceMs: now,
    seekAtMs: seekAt(carry, state.limits.readmitMs, now),
  });
  if (identity === undefined || identity.epoch === 0) return;
  if (state.clusterId === '') state.clusterId = identity.clusterId;
  if (identity.clusterId !== state.clusterId) keepOut(turn, `the disk belongs to cluster ${identity.clusterId}`);
}

/** The operator wants this server out of the ring: it hands over first, if it is in. */
export function leave(turn: Turn): void {
  const { status, membership } = turn.state;
  if (status === 'removed' || membership.leaving !== 'no') return;
  if (status === 'joining') {
    stop(turn, 'left');
    return;
  }
  endSearch(turn);
  changeMembership(turn, { leaving: 'handing-over' });
}

/** Before views are installed: with its number this life may be the one that the view names already. */
export function takeNumber(turn: Turn, before: NodeState): void {
  const { state } = turn;
  if (before.incarnation !== 0 || state.incarnation === 0 || state.view.epoch === 0) return;
  turn.newView ??= state.view;
}

/** After everything else. */
export function attend(turn: Turn, before: NodeState): void {
  const { state } = turn;
  if (state.status === 'removed' || state.incarnation === 0) return;
  const taken = state.status === 'joining' ? namesake(turn) : undefined;
  if (taken !== undefined) {
    stop(turn, taken);
    return;
  }
  if (isSeeking(turn)) seek(turn);
  const { stalled, leaving } = state.membership;
  if (leaving === 'handing-over' && !hasClients(state)) changeMembership(turn, { leaving: 'idle' });
  if (stalled.length > 0 && differs(stalled, before.membership.stalled)) onStalled(turn);
  if (mayHaveNews(before, state)) publishFacts(turn);
}

function differs(some: readonly ShardLearner[], others: readonly ShardLearner[]): boolean {
  if (some === others || some.length !== others.length) return some !== others;
  return some.some(({ shard, learner }, i) => shard !== others[i]?.shard || learner !== others[i]?.learner);
}

function hasClients({ operations, reads }: Pick<NodeState, 'operations' | 'reads'>): boolean {
  return operations.size + reads.readers.size + reads.listers.size > 0;
}
