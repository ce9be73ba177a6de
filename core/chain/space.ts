/**
 * Disks that are full: their server tells the ring, again and again, and until it has room puts to its chains are
 * refused before they are ordered. Deletes go on, since room is kept for the log (brief §3.4.2: refusing for want of
 * space reveals nothing of a file's state).
 */
import type { Space } from '../frame.js';
import { hasFullDisk } from '../full-disks.js';
import type { ShardId } from '../ids.js';
import { launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { chainOf } from '../view/view.js';

/** Our own disk has run full, or has room again. */
export function onStoreSpace(turn: Turn, full: boolean): void {
  const { self, fullDisks } = turn.state;
  if (fullDisks.has(self) === full) return;
  turn.state.fullDisks = full ? fullDisks.set(self, turn.now) : fullDisks.delete(self);
  tell(turn, { fact: 'store-space', full });
  say(turn, full);
}

function say(turn: Turn, full: boolean): void {
  if (turn.state.status === 'member') launch(turn, turn.state.self, { kind: 'space', full });
  if (full) wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
}

/** Somebody's disk. */
export function onSpace(turn: Turn, frame: Space): void {
  const { fullDisks, self } = turn.state;
  if (frame.origin === self) return;
  turn.state.fullDisks = frame.full ? fullDisks.set(frame.origin, turn.now) : fullDisks.delete(frame.origin);
}

/** The chains timer, and a new view: as long as our disk is full, everybody is told. */
export function repeatSpace(turn: Turn): void {
  const { self, fullDisks } = turn.state;
  if (!fullDisks.has(self)) return;
  turn.state.fullDisks = fullDisks.set(self, turn.now);
  say(turn, true);
}

/** Whether a member of this chain has no room for chunks. */
export function lacksSpace(turn: Turn, shard: ShardId): boolean {
  const { fullDisks, view } = turn.state;
  return fullDisks.size > 0 && chainOf(view, shard).members.some((id) => hasFullDisk(turn, id));
}
