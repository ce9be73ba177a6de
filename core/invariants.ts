/** What must hold after every step, cheap enough to be asserted in production, too (brief §5). */
import { invariant } from './refusals.js';
import type { NodeState } from './state.js';

export function assertInvariants(state: NodeState): void {
  const { stream, view, limits, links } = state;
  const slots = view.settings.transitSlots;
  invariant(stream.transit.size <= slots, 'transit is bounded by its credits', stream.transit.size, slots);
  invariant(stream.credits >= 0 && stream.credits <= slots, 'credits are slots of the successor', stream.credits);
  invariant(stream.onWire >= 0 && stream.onWire <= limits.wireFramesMax, 'the wire holds what it may', stream.onWire);
  invariant(links.table.size <= limits.linksMax, 'connections are bounded', links.table.size);
  invariant(state.requests.size <= limits.operationsMax, 'client requests are bounded', state.requests.size);
  invariant(state.parcels >= 0 && state.parcels <= state.operations.size, 'parcels are operations', state.parcels);
  invariant(
    state.status === 'member' || stream.transit.size + stream.insert.size + stream.repair.size === 0,
    'only members have a stream',
    state.status,
  );
}
