/**
 * What a server may say of a path by itself, once it has heard that it is still in the ring's epoch (one revolution).
 *
 * A member of the path's chain has every write that may have been acknowledged: it is in its log before it goes on to the
 * tail. So where its log has nothing of the path that it does not know to be committed, its table is what holds (CRAQ,
 * Terrace & Freedman 2009).
 *
 * Any other server has heard of every commit that somebody may know of when the revolution began: commits go all the way
 * round, and on no link does anything overtake them. So a file that was read here before is still the one that holds
 * unless a commit of its path has passed since; or may have been lost, with a link that broke in this epoch.
 */
import { placeIn, shardOfTurn } from '../chain/shards.js';
import type { Chunk, FileRecord } from '../file.js';
import type { Commit } from '../frame.js';
import type { ShardId } from '../ids.js';
import type { Reading, ReadMoment } from '../reads-state.js';
import type { Turn } from '../turn.js';
import { shardOf } from '../view/view.js';
import { forgetKept, isWorthKeeping, keepFile, keptFile } from './kept.js';
import { changeReads } from './readers.js';

export interface AtHand {
  /** Undefined: no such file. */
  readonly file: FileRecord | undefined;
}

/** Undefined: only the path's tail can say. */
export function atHand(turn: Turn, path: string): AtHand | undefined {
  const shardId = shardOf(path, turn.state.view.settings.shards);
  const place = placeIn(turn, shardId);
  if (place !== undefined) {
    const { files, pendingPaths } = shardOfTurn(turn, shardId);
    // What the tail has committed is so, whatever follows.
    return place.isTail || !pendingPaths.has(path) ? { file: files.get(path) } : undefined;
  }
  const kept = turn.state.reads.isGapped ? undefined : keptFile(turn, path);
  return kept?.epoch === turn.state.view.epoch ? { file: kept.file } : undefined;
}

/** What this server takes for the latest version. If the tail says so too, it need not say what that is. */
export function knownFile(turn: Turn, path: string): FileRecord | undefined {
  const shardId = shardOf(path, turn.state.view.settings.shards);
  return placeIn(turn, shardId) === undefined ? keptFile(turn, path)?.file : shardOfTurn(turn, shardId).files.get(path);
}

/** For what the tail says as this server hears it. */
export function momentNow(turn: Turn, shardId: ShardId): ReadMoment {
  return { epoch: turn.state.view.epoch, commits: turn.state.reads.commits.get(shardId) ?? 0 };
}

/** A reader of this path has got this chunk. Asked for every chunk of every file, so the cheapest question comes first. */
export function keepIfAtHand(turn: Turn, path: string, { shard, file, asOf }: Reading, chunk: Chunk): void {
  if (!isWorthKeeping(turn, file, chunk) || placeIn(turn, shard) !== undefined) return;
  const { epoch, commits } = momentNow(turn, shard);
  // What was committed while the bytes were on their way may have been of this path.
  if (asOf.epoch === epoch && asOf.commits === commits) keepFile(turn, path, file, chunk);
}

/** A commit passes by. */
export function hearCommit(turn: Turn, { shard, outcomes }: Commit): void {
  const { reads } = turn.state;
  if (placeIn(turn, shard) !== undefined) return;
  changeReads(turn, { commits: reads.commits.set(shard, (reads.commits.get(shard) ?? 0) + 1) });
  for (const { path } of outcomes) forgetKept(turn, path);
}
