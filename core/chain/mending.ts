/**
 * Chunks that our disk has lost: rotten, unreadable, or never written. They are never served and never copied; the
 * other members of the chain are asked for them, one after the other, until one has sent it (hazard 7).
 */
import type { MemberId, ShardId, UploadId } from '../ids.js';
import { hasIndex } from '../ranges.js';
import type { Mending } from '../state.js';
import { launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { chainOf, isMember, type View } from '../view/view.js';
import { expect, forgetChunk, keep, mendingKey, missingOf, ownerOf } from './held.js';
import { onChunkLost } from './learning.js';
import { markUnsafe } from './rewriting.js';
import { shardOfTurn } from './shards.js';

/** It may be that nobody has it: asking grows rarer, this often doubled. */
const PATIENCE_MAX = 6;

/** The disk cannot give this chunk: it has lost it, or has never taken it. */
export function mend(turn: Turn, upload: UploadId, index: number, fact: 'chunk-rotten' | 'chunk-unwritten'): void {
  const own = turn.state.held.get(upload);
  if (own === undefined || !hasIndex(own.chunks, index)) return;
  forgetChunk(turn, upload, index);
  tell(turn, { fact, upload, index });
  if (own.phase === 'retired') return;
  markUnsafe(turn, own.shard, upload);
  begin(turn, own.shard, upload, index);
  onChunkLost(turn, own.shard);
}

/** A log that came back without all its chunks: what the other members have of its files is fetched. */
export function mendFiles(turn: Turn, shard: ShardId): void {
  for (const { manifest } of shardOfTurn(turn, shard).files.values()) {
    for (const { from, to } of missingOf(turn, manifest)) {
      expect(turn, shard, manifest.upload);
      keep(turn, manifest.upload);
      for (let index = from; index < to; index++) begin(turn, shard, manifest.upload, index);
    }
  }
}

/** The others of the chain, and whoever it was given to: as long as it is not committed, he has it still. */
function holdersOf(turn: Turn, shard: ShardId, upload: UploadId): readonly MemberId[] {
  const { self, view } = turn.state;
  const { members } = chainOf(view, shard);
  const others = members.filter((id) => id !== self);
  const { member, incarnation } = ownerOf(upload);
  const isThere = isMember(view, member, incarnation) && !members.includes(member);
  return isThere ? [...others, member] : others;
}

function begin(turn: Turn, shard: ShardId, upload: UploadId, index: number): void {
  const { mending, limits } = turn.state;
  if (mending.size >= limits.boardingsMax || mending.has(mendingKey(upload, index))) return;
  ask(turn, shard, { upload, index, attempt: 0, askedAtMs: turn.now });
}

function ask(turn: Turn, shard: ShardId, one: Mending): void {
  const { mending } = turn.state;
  turn.state.mending = mending.set(mendingKey(one.upload, one.index), one);
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
  const holders = holdersOf(turn, shard, one.upload);
  const holder = holders[one.attempt % Math.max(1, holders.length)];
  if (holder === undefined) return;
  const { upload, index } = one;
  const ranges = [{ from: index, to: index + 1 }];
  tell(turn, { fact: 'chunks-fetched', upload, count: 1 });
  launch(turn, holder, { kind: 'fetch', purpose: 'repair', shard, upload, ranges, seen: 0, again: true });
}

/** A new view: who has come into the chain is asked at once, without the patience that the others have taught. */
export function onView(turn: Turn, before: View): void {
  for (const one of turn.state.mending.values()) {
    const shard = turn.state.held.get(one.upload)?.shard;
    if (shard === undefined) continue;
    const attempt = holdersOf(turn, shard, one.upload).findIndex(
      (id) => before.chains[shard]?.members.includes(id) !== true,
    );
    if (attempt >= 0) ask(turn, shard, { ...one, attempt, askedAtMs: turn.now });
  }
}

/**
 * Every other member was asked for this chunk, twice, and none has sent it: what was not synced may be lost with the
 * power everywhere. Whoever asks us for it must not wait for ever.
 */
export function isHopeless(turn: Turn, upload: UploadId, index: number): boolean {
  const { held, mending } = turn.state;
  const own = held.get(upload);
  if (own === undefined || hasIndex(own.chunks, index)) return false;
  // No table names it any more, and nobody mends what is about to go: the tables help whoever asks.
  if (own.phase === 'retired') return true;
  const others = holdersOf(turn, own.shard, upload).length;
  const attempt = mending.get(mendingKey(upload, index))?.attempt;
  if (attempt === undefined && own.phase === 'kept') begin(turn, own.shard, upload, index);
  return others === 0 || (attempt !== undefined && attempt >= 2 * others);
}

/** The chains timer: another holder is asked for what has not come. */
export function sweepMending(turn: Turn): void {
  for (const [key, one] of turn.state.mending.entries()) {
    const held = turn.state.held.get(one.upload);
    if (held === undefined || held.phase === 'retired') turn.state.mending = turn.state.mending.delete(key);
    else if (turn.now - one.askedAtMs >= revolutionMs(turn) << Math.min(one.attempt, PATIENCE_MAX)) {
      ask(turn, held.shard, { ...one, attempt: one.attempt + 1, askedAtMs: turn.now });
    }
  }
  if (turn.state.mending.size > 0) wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
}
