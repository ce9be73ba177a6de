/**
 * What a server says of itself at the coordinator: that it lives, and the facts about the ring that only it knows.
 * An entry that goes with its session. A leaf beside view.ts.
 */
import type { EntryId, Epoch, Incarnation, MemberId, ShardId } from '../ids.js';

export interface ShardLearner {
  readonly shard: ShardId;
  readonly learner: MemberId;
}

/** A log on a server's disk, of a shard that names this server among its lost members. */
export interface KeptLog {
  readonly shard: ShardId;
  readonly last: EntryId;
  /** Something acknowledged may be missing at its end: not synced before the machine went down, torn, or rotten. */
  readonly suspect: boolean;
}

/** Two neighbours between whom a server may be put into the ring: the links to both are up. */
export interface Seat {
  readonly before: MemberId;
  readonly after: MemberId;
}

/** Names the epoch and the life it speaks of: in any other epoch its facts say nothing (brief §3.3). */
export interface Registration {
  readonly member: MemberId;
  readonly incarnation: Incarnation;
  readonly address: string;
  readonly clusterId: string;
  /** Names the server's store: the same after a restart, another after its disk was lost. */
  readonly store: string;
  /** Names this life of the process: whose entry it is when the reply to its creation was lost (hazard 3). */
  readonly life: string;
  /** Something was ever written to a shard that it has. Does not depend on the epoch. */
  readonly written: boolean;

  /** The epoch of which everything below speaks. */
  readonly epoch: Epoch;
  /** It cannot hear its predecessor. */
  readonly brokenIn: boolean;
  /** Its successor does not hear it. */
  readonly brokenOut: boolean;
  /** Members it hears over links that are up already, other than its predecessor. */
  readonly probes: readonly MemberId[];
  /** Where it may be put: as a newcomer, or as a member that its successor cannot hear. */
  readonly seat: Seat | undefined;
  /** As tail: learners for whom it holds and who are caught up (rule J, brief §3.7). */
  readonly ready: readonly ShardLearner[];
  /** As tail: learners for whom it holds in vain, longer than holdMs. */
  readonly stalled: readonly ShardLearner[];
  /** As a server that has come back: its logs of lost shards. */
  readonly kept: readonly KeptLog[];
  /** handing-over: wants to leave, and still serves its clients · idle: wants to leave, and has no client any more. */
  readonly leaving: 'no' | 'handing-over' | 'idle';
}
