/** What this server says of itself at the coordinator. Decides nothing; who reads it decides by nextView alone. */
import { bareRegistration } from '../coordination/registration.js';
import type { Turn } from '../turn.js';
import type { Registration } from '../view/registration.js';
import { probes } from './links.js';

export function ownRegistration(turn: Turn): Registration {
  const { brokenIn, brokenOut } = turn.state.links;
  return { ...bareRegistration(turn), brokenIn, brokenOut, probes: brokenIn ? probes(turn) : [] };
}
