/**
 * Stands in for view/facts.ts and view/next-view.ts until they take all facts: the same types; plans nothing but who
 * comes in and who goes.
 */

import { nextView as repaired, type Waited } from '../view/next-view.js';
import type { Registration } from '../view/registration.js';
import { isMember, makeView, type View } from '../view/view.js';

export type { Waited } from '../view/next-view.js';

export interface Facts {
  readonly registrations: readonly Registration[];
  readonly waited: Waited;
  readonly task: 'repair' | 'plan';
  readonly reviveWaited: boolean;
  readonly deadRing: boolean;
  readonly learningMax: number;
}

export function nextView(view: View, { registrations, waited, task, deadRing }: Facts): View | undefined {
  if (deadRing) return begunAgain(view, registrations);
  const next = repaired(view, registrations, waited);
  if (next !== undefined || task === 'repair') return next;
  const said = registrations.filter(({ epoch }) => epoch === view.epoch);
  const idle = new Set(said.filter(({ leaving }) => leaving === 'idle').map(({ member }) => member));
  const ring = view.ring.flatMap((member) => {
    const newcomer = said.find(({ member: id, seat }) => !view.positions.has(id) && seat?.before === member.id);
    const stays = idle.has(member.id) ? [] : [member];
    if (newcomer === undefined) return stays;
    const { member: id, incarnation, address } = newcomer;
    return [...stays, { id, incarnation, address }];
  });
  if (ring.every((member, i) => member === view.ring[i]) && ring.length === view.ring.length) return undefined;
  const { epoch, clusterId, settings } = view;
  return makeView({ epoch: epoch + 1, clusterId, settings, ring, chains: view.chains });
}

function begunAgain(view: View, registrations: readonly Registration[]): View | undefined {
  if (registrations.some(({ member, incarnation }) => isMember(view, member, incarnation))) return undefined;
  const first = [...registrations].sort((a, b) => (a.member < b.member ? -1 : 1))[0];
  if (first === undefined) return undefined;
  const { member: id, incarnation, address } = first;
  const chains = view.chains.map((chain) => ({
    members: [],
    learners: [],
    lost: chain.members.map((one) => ({ id: one, incarnation: 1 })),
  }));
  return makeView({ ...view, epoch: view.epoch + 1, ring: [{ id, incarnation, address }], chains });
}
