/** The state of coming into the ring, planning and leaving. Types and the empty value only; the rules are in membership/. */
import type { Epoch, LinkId } from './ids.js';
import type { Carry, StoreIdentity } from './store-port.js';
import type { KeptLog, Registration, Seat, ShardLearner } from './view/registration.js';

/** A place in the ring that is being tried. */
export interface Search extends Seat {
  /** The view in which the two were looked at last. */
  readonly epoch: Epoch;
  readonly sinceMs: number;
  /** The one after was dialled, to be asked to dial us. */
  readonly hasAsked: boolean;
  /** The link over which the one after was asked to dial us; 0: not yet. */
  readonly knocked: LinkId;
}

export interface MembershipState {
  /** What the life before handed over. */
  readonly carry: Carry;
  /** Whose disk it was when this life began; undefined: it was empty. */
  readonly disk: StoreIdentity | undefined;
  /** The disk knows durably of this life. Before, nothing is said of what is on it: the next life could not say it again. */
  readonly isOnDisk: boolean;

  /** Where this server may be put into the ring; undefined: it looks for a place, or has one. */
  readonly seat: Seat | undefined;
  readonly search: Search | undefined;
  /** Places tried before the present one, clockwise from where this server's name belongs. */
  readonly skipped: number;
  /** Places tried in vain since somebody of the ring was there last, and since when nobody has been. */
  readonly failures: number;
  readonly aloneSinceMs: number;
  /** No seat is looked for before. */
  readonly seekAtMs: number;
  /** Since when the register has been behind our own disk, ms; 0: it is not. */
  readonly behindSinceMs: number;
  /** A member that its successor cannot hear, and that looks for a place elsewhere. */
  readonly isRelocating: boolean;

  readonly memberSinceMs: number;
  /** When the last shard was lost that still is, ms; 0: none is. */
  readonly lostSinceMs: number;
  /** Registrations were asked for to plan: as the paced work that it is, or at once for what cannot wait. */
  readonly asked: 'no' | 'plan' | 'repair';
  /** When they were asked for last because the ring seems dead. */
  readonly askedAtMs: number;

  readonly leaving: Registration['leaving'];
  /** What the chains have to say (see Registration); ready and stalled hold in one epoch only. */
  readonly ready: readonly ShardLearner[];
  readonly stalled: readonly ShardLearner[];
  readonly kept: readonly KeptLog[];
  /** What the coordinator was given last. */
  readonly published: Registration | undefined;
}

export const NO_MEMBERSHIP: MembershipState = {
  carry: { removals: 0, removedAtMs: 0 },
  disk: undefined,
  isOnDisk: false,
  seat: undefined,
  search: undefined,
  skipped: 0,
  failures: 0,
  aloneSinceMs: 0,
  seekAtMs: 0,
  behindSinceMs: 0,
  isRelocating: false,
  memberSinceMs: 0,
  lostSinceMs: 0,
  asked: 'no',
  askedAtMs: 0,
  leaving: 'no',
  ready: [],
  stalled: [],
  kept: [],
  published: undefined,
};
