/**
 * Chunks that our disk has lost: rotten, unreadable, or never written. They are never served and never copied; the
 * other members of the chain are asked for them, one after the other, until one has sent it (hazard 7).
 */
import type { MemberId, ShardId, UploadId } from '../ids.js';
import { hasIndex } from '../ranges.js';
import type { Mending } from '../state.js';
import { launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { chainOf } from '../view/view.js';
import { forgetChunk, mendingKey } from './held.js';

/** The disk cannot give this chunk. */
export function mend(turn: Turn, upload: UploadId, index: number): void {
  const { held, mending, limits } = turn.state;
  const own = held.get(upload);
  if (own === undefined || !hasIndex(own.chunks, index)) return;
  forgetChunk(turn, upload, index);
  tell(turn, { fact: 'chunk-rotten', upload, index });
  if (own.phase === 'retired' || mending.size >= limits.boardingsMax) return;
  ask(turn, own.shard, { upload, index, attempt: 0, askedAtMs: turn.now });
}

function ask(turn: Turn, shard: ShardId, one: Mending): void {
  const { mending, self, view } = turn.state;
  turn.state.mending = mending.set(mendingKey(one.upload, one.index), one);
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
  const holders = chainOf(view, shard).members.filter((id: MemberId) => id !== self);
  const holder = holders[one.attempt % Math.max(1, holders.length)];
  if (holder === undefined) return;
  const { upload, index } = one;
  const ranges = [{ from: index, to: index + 1 }];
  tell(turn, { fact: 'chunks-fetched', upload, count: 1 });
  launch(turn, holder, { kind: 'fetch', purpose: 'repair', shard, upload, ranges, seen: 0, again: true });
}

/** A holder has this upload no more: a later version has taken its place. */
export function onUploadGone(turn: Turn, upload: UploadId): void {
  for (const [key, one] of turn.state.mending.entries()) {
    if (one.upload === upload) turn.state.mending = turn.state.mending.delete(key);
  }
}

/** The chains timer: another holder is asked for what has not come. */
export function sweepMending(turn: Turn): void {
  for (const [key, one] of turn.state.mending.entries()) {
    const held = turn.state.held.get(one.upload);
    if (held === undefined || held.phase === 'retired') turn.state.mending = turn.state.mending.delete(key);
    else if (turn.now - one.askedAtMs >= revolutionMs(turn)) {
      ask(turn, held.shard, { ...one, attempt: one.attempt + 1, askedAtMs: turn.now });
    }
  }
  if (turn.state.mending.size > 0) wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
}
