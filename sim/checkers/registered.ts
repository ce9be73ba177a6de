/**
 * Invariant: in the end every running server is registered at the coordinator, by its present life and in its present
 * session, so that the entry lasts as long as the server does. A part of what `converges` waits for: an entry may be
 * missing for a moment, and may not be for good.
 */
import { memberKey } from '../../core/coordinator-port.js';
import type { MemberId } from '../../core/ids.js';
import type { ServerHandle, World } from '../world-api.js';

/** What is wrong with this server's entry; undefined: nothing. */
function entryReason(world: World, { id, state }: ServerHandle): string | undefined {
  const stored = world.coordinatorValues.get(memberKey(id));
  if (stored?.value.kind !== 'registration') return `${id} is not registered at the coordinator`;
  const { life, incarnation } = stored.value.registration;
  const { coordination } = state;
  if (life !== coordination.life) return `the entry of ${id} at the coordinator is of life ${incarnation}, not its own`;
  if (stored.owner === coordination.owner) return undefined;
  return `the entry of ${id} at the coordinator goes with session "${stored.owner}", it has "${coordination.owner}"`;
}

/** Running servers whose registration is missing or not their own, though nothing keeps them from it. */
export function registrationReasons(world: World, isCutOff: (id: MemberId) => boolean): string[] {
  const reasons: string[] = [];
  for (const server of world.servers.values()) {
    const { id, process, state } = server;
    if (process !== 'running' || state.status === 'removed' || isCutOff(id)) continue;
    const reason = entryReason(world, server);
    if (reason !== undefined) reasons.push(reason);
  }
  return reasons;
}
