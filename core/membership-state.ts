/** The state of coming into the ring, planning and leaving. Types and the empty value only; the rules are in membership/. */
import type { Carry } from './store-port.js';
import type { Registration, Seat } from './view/registration.js';

export interface MembershipState {
  /** What the life before handed over. */
  readonly carry: Carry;
  /** Where this server may be put into the ring; undefined: it looks for a place, or has one. */
  readonly seat: Seat | undefined;
  readonly leaving: Registration['leaving'];
}

export const NO_MEMBERSHIP: MembershipState = {
  carry: { removals: 0, removedAtMs: 0 },
  seat: undefined,
  leaving: 'no',
};
