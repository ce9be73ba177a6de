/** Changes what a server knows of its own place in the ring. Decides nothing; chains say here what they have to tell. */
import { copyOfMembership } from '../copies.js';
import type { MembershipState } from '../membership-state.js';
import type { Turn } from '../turn.js';

export function changeMembership(turn: Turn, change: Partial<MembershipState>): void {
  turn.state.membership = Object.assign(copyOfMembership(turn.state.membership), change);
}
