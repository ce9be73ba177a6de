/**
 * Living in a new view: every part is told, from the links upwards. The stream starts empty: frames of the old epoch
 * would be dropped at the next server anyway, and an empty buffer is the surest bubble (see ARCHITECTURE).
 */
import * as carousel from './carousel/carousel.js';
import * as chains from './chain/chains.js';
import { keptLogs } from './chain/facts.js';
import * as held from './chain/held.js';
import { acknowledgeAll } from './chain/learning.js';
import * as mending from './chain/mending.js';
import { repeatSpace } from './chain/space.js';
import * as coordination from './coordination/client.js';
import * as clients from './files/clients.js';
import * as lists from './files/lists.js';
import * as readings from './files/readings.js';
import * as shuttles from './files/shuttles.js';
import { NO_ENTRY } from './ids.js';
import { changeMembership } from './membership/change.js';
import { carryOfRemoved, endLife, keepOut, stop } from './membership/ending.js';
import { mayStay } from './membership/guests.js';
import * as links from './membership/links.js';
import * as planning from './membership/planning.js';
import { FRESH_CAROUSEL, FRESH_STREAM } from './state.js';
import * as flow from './stream/flow.js';
import * as token from './stream/token.js';
import { put, type Turn, tell } from './turn.js';
import { isMember, type View } from './view/view.js';

/** Installs a view that is newer than the present one, or that has held a place for this life before it had its number. */
export function install(turn: Turn, view: View): void {
  const { state } = turn;
  const { view: before, status } = state;
  if (status === 'removed' || view.epoch < before.epoch) return;
  if (view.clusterId !== state.clusterId) {
    if (status === 'joining') keepOut(turn, `the register belongs to cluster ${view.clusterId}`);
    return;
  }
  const belongs = state.incarnation !== 0 && isMember(view, state.self, state.incarnation);
  if (view.epoch === before.epoch && (status === 'member' || !belongs)) return;
  if (!belongs && status === 'member') {
    leave(turn, view);
    return;
  }
  state.view = view;
  if (!belongs) return;
  state.status = 'member';
  flow.onView(turn);
  state.stream = FRESH_STREAM;
  state.carousel = { ...FRESH_CAROUSEL, heat: state.carousel.heat, idleAt: state.carousel.idleAt };
  tell(turn, { fact: 'view-installed', epoch: view.epoch, members: view.ring.length });
  links.onView(turn, (link) => mayStay(turn, link, before));
  planning.onView(turn, before);
  token.onView(turn);
  held.onView(turn);
  repeatSpace(turn);
  chains.onView(turn);
  mending.onView(turn, before);
  changeMembership(turn, { kept: keptLogs(turn) });
  for (const shard of chains.revivedHere(turn, before.chains, state.self)) {
    tell(turn, { fact: 'shard-revived', shard, last: state.shards.get(shard)?.last ?? NO_ENTRY });
    // A crash may have cost it some bytes, or a full disk had not taken them before: another member may have them.
    mending.mendFiles(turn, shard);
  }
  carousel.onView(turn);
  clients.onView(turn);
  shuttles.onView(turn);
  readings.onView(turn);
  lists.onView(turn);
}

/** The disk knows of this life: from here on we may say what is on it. */
export function onIdentityPersisted(turn: Turn): void {
  coordination.onIdentityPersisted(turn);
  if (turn.state.membership.isOnDisk) return;
  changeMembership(turn, { isOnDisk: true });
  changeMembership(turn, { kept: keptLogs(turn) });
  acknowledgeAll(turn);
}

/**
 * Removed, for good in this incarnation: fenced off, whatever our links still say. Whoever wanted to leave has left;
 * anybody else comes back in another life.
 */
function leave(turn: Turn, view: View): void {
  const { state } = turn;
  const carry = carryOfRemoved(turn);
  state.view = view;
  state.status = 'removed';
  clients.onRemoved(turn);
  state.stream = FRESH_STREAM;
  state.carousel = FRESH_CAROUSEL;
  tell(turn, { fact: 'removed', epoch: view.epoch });
  if (state.membership.leaving !== 'no') {
    stop(turn, 'left');
    return;
  }
  endLife(turn);
  put(turn, { kind: 'restart', afterMs: state.limits.reconnectMs, carry, why: 'removed' });
}

/** The disk cannot be written any more: nothing would be durable. The next life begins with what it can give. */
export function breakDown(turn: Turn, why: string): void {
  const { state } = turn;
  if (state.status === 'removed') return;
  const { carry } = state.membership;
  clients.onRemoved(turn);
  state.stream = FRESH_STREAM;
  state.carousel = FRESH_CAROUSEL;
  tell(turn, { fact: 'life-ends', why });
  endLife(turn);
  put(turn, { kind: 'restart', afterMs: state.limits.reconnectMs, carry, why });
}
