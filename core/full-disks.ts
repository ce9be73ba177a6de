/** Whose disks have no room for chunks, by their servers' own word (chain/space.ts). */
import type { MemberId } from './ids.js';
import { revolutionMs, type Turn } from './turn.js';

/** What a server said counts for so many times the pace at which it repeats it: the word of its relief may be lost. */
const BELIEVED_FOR = 4;

export function hasFullDisk(turn: Turn, id: MemberId): boolean {
  const { fullDisks, self } = turn.state;
  const oldestMs = turn.now - BELIEVED_FOR * revolutionMs(turn);
  return id === self ? fullDisks.has(id) : (fullDisks.get(id) ?? 0) > oldestMs;
}

export function membersWithFullDisks(turn: Turn): ReadonlySet<MemberId> {
  return new Set([...turn.state.fullDisks.keys()].filter((id) => hasFullDisk(turn, id)));
}
