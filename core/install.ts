/**
 * Living in a new view: every part is told, from the links upwards. The stream starts empty: frames of the old epoch
 * would be dropped at the next server anyway, and an empty buffer is the surest bubble (see ARCHITECTURE).
 */
import * as carousel from './carousel/carousel.js';
import * as chains from './chain/chains.js';
import * as held from './chain/held.js';
import { repeatSpace } from './chain/space.js';
import * as clients from './files/clients.js';
import * as lists from './files/lists.js';
import * as readings from './files/readings.js';
import * as wants from './files/wants.js';
import { NO_ENTRY } from './ids.js';
import * as links from './membership/links.js';
import { FRESH_CAROUSEL, FRESH_STREAM } from './state.js';
import * as flow from './stream/flow.js';
import * as token from './stream/token.js';
import { NO_TIMERS } from './timers.js';
import { type Turn, tell } from './turn.js';
import { isMember, type View } from './view/view.js';

/** Installs a view that is newer than the present one, and of our cluster. */
export function install(turn: Turn, view: View): void {
  const { state } = turn;
  if (view.epoch <= state.view.epoch || view.clusterId !== state.clusterId || state.status === 'removed') return;
  const belongs = isMember(view, state.self, state.incarnation);
  if (!belongs && state.status === 'member') {
    leave(turn, view);
    return;
  }
  const before = state.view.chains;
  state.view = view;
  if (!belongs) return;
  state.status = 'member';
  flow.onView(turn);
  state.stream = FRESH_STREAM;
  state.carousel = { ...FRESH_CAROUSEL, heat: state.carousel.heat, idleAt: state.carousel.idleAt };
  tell(turn, { fact: 'view-installed', epoch: view.epoch, members: view.ring.length });
  links.onView(turn);
  token.onView(turn);
  held.onView(turn);
  repeatSpace(turn);
  chains.onView(turn);
  for (const shard of chains.revivedHere(turn, before, state.self)) {
    tell(turn, { fact: 'shard-revived', shard, last: state.shards.get(shard)?.last ?? NO_ENTRY });
  }
  carousel.onView(turn);
  clients.onView(turn);
  wants.onView(turn);
  readings.onView(turn);
  lists.onView(turn);
}

/** Removed, for good in this incarnation: fenced off, whatever our links still say. */
function leave(turn: Turn, view: View): void {
  const { state } = turn;
  state.view = view;
  state.status = 'removed';
  clients.onRemoved(turn);
  links.closeAll(turn);
  state.stream = FRESH_STREAM;
  state.carousel = FRESH_CAROUSEL;
  state.timers = NO_TIMERS;
  tell(turn, { fact: 'removed', epoch: view.epoch });
}
