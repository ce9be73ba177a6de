/** Proposes the next view, if what is known calls for one. Decides by the pure function nextView alone. */
import * as coordination from '../coordination/client.js';
import { membersWithFullDisks } from '../full-disks.js';
import { type Turn, tell } from '../turn.js';
import type { Facts } from '../view/facts.js';
import { nextView } from '../view/next-view.js';
import type { Registration } from '../view/registration.js';
import { isMember, type Member } from '../view/view.js';
import { ownRegistration } from './registration.js';

/**
 * What others say comes from the coordinator; what we know ourselves is newer here than there.
 * @returns whether there was anything to propose.
 */
export function proposeNext(
  turn: Turn,
  registrations: readonly Registration[],
  how: Pick<Facts, 'waited' | 'task'> & { readonly deadRing?: boolean },
): boolean {
  const { self, view, limits, membership } = turn.state;
  const { lostSinceMs } = membership;
  const next = nextView(view, {
    registrations: [...registrations.filter(({ member }) => member !== self), ownRegistration(turn)],
    waited: how.waited,
    task: how.task,
    deadRing: how.deadRing === true,
    reviveWaited: lostSinceMs !== 0 && turn.now - lostSinceMs >= limits.reviveMs,
    fullDisks: membersWithFullDisks(turn),
    learningMax: limits.learningMax,
  });
  if (next === undefined) return false;
  const isNot =
    (other: typeof view) =>
    ({ id, incarnation }: Member) =>
      !isMember(other, id, incarnation);
  const removed = view.ring.filter(isNot(next)).map(({ id }) => id);
  const added = next.ring.filter(isNot(view)).map(({ id }) => id);
  tell(turn, { fact: 'view-proposed', epoch: next.epoch, removed, added });
  coordination.proposeView(turn, next);
  return true;
}
