/**
 * The number of this life: `lives/<id>` is bumped by compare-and-set at every start. A disk that was wiped or brought
 * back from a copy must never lead to a number that was used before: uploads are named after it.
 * A number that nobody lives under does no harm, so whoever is in doubt takes the next one.
 */
import { type CoordinatorReply, livesKey } from '../coordinator-port.js';
import type { Turn } from '../turn.js';
import { call, change, isUnderWay, sync } from './session.js';

export function pursueLife(turn: Turn): void {
  if (turn.state.incarnation !== 0 || isUnderWay(turn, 'read-lives', 'bump-lives')) return;
  if (turn.state.coordination.livesInDoubt) sync(turn);
  call(turn, 'read-lives', { op: 'read', key: livesKey(turn.state.self), watch: false });
}

export function onLivesRead(turn: Turn, reply: CoordinatorReply): void {
  const { self, coordination } = turn.state;
  const key = livesKey(self);
  if (reply.result === 'absent') {
    const count = coordination.livesBefore + 1;
    change(turn, { bumping: count });
    call(turn, 'bump-lives', { op: 'create', key, value: { kind: 'lives', count }, ephemeral: false });
  } else if (reply.result === 'value' && reply.stored.value.kind === 'lives') {
    const count = Math.max(coordination.livesBefore, reply.stored.value.count) + 1;
    change(turn, { bumping: count });
    call(turn, 'bump-lives', {
      ...{ op: 'set', key, value: { kind: 'lives', count }, expected: reply.stored.version },
    });
  }
}

/** Lost, or lost against a former life of ours that still strikes: read again, and take the next number. */
export function onLivesBumped(turn: Turn, reply: CoordinatorReply): void {
  if (reply.result === 'done') turn.state.incarnation = turn.state.coordination.bumping;
  else change(turn, { livesInDoubt: true });
}
