/** What one server tells the others through the coordinator when a ring link of its own is broken. A leaf. */
import type { Epoch, Incarnation, MemberId } from '../ids.js';

/** Names the epoch and the life it speaks of: in any other it says nothing (brief §3.3). */
export interface Report {
  readonly member: MemberId;
  readonly incarnation: Incarnation;
  readonly epoch: Epoch;
  /** It cannot hear its predecessor. */
  readonly brokenIn: boolean;
  /** Its successor does not hear it. */
  readonly brokenOut: boolean;
  /** Members it hears over links that are up already, other than its predecessor. */
  readonly probes: readonly MemberId[];
}
