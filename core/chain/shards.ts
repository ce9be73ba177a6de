/** Access to the shards this server keeps, and to its place in their chains. Decides nothing. */
import { copyOfShard } from '../copies.js';
import type { FileRecord, LogEntry } from '../file.js';
import { type EntryId, type MemberId, NO_ENTRY, type ShardId } from '../ids.js';
import { SortedMap } from '../sorted-map.js';
import type { ShardState } from '../state.js';
import type { Turn } from '../turn.js';
import { chainOf, tailOf } from '../view/view.js';

/** A shard that holds nothing yet. */
export const FRESH_SHARD: ShardState = {
  log: SortedMap.empty(),
  last: NO_ENTRY,
  durable: 0,
  durableBefore: 0,
  durableTold: 0,
  written: 0,
  rewrites: SortedMap.empty(),
  sentTo: 0,
  committed: NO_ENTRY,
  waiting: SortedMap.empty(),
  waitingSinceMs: 0,
  fetchedAtMs: 0,
  fetchedTo: { sequence: 0, index: 0 },
  pendingPaths: SortedMap.empty(),
  pendingOperations: SortedMap.empty(),
  files: SortedMap.empty(),
  outcomes: SortedMap.empty(),
  floor: '',
  refused: SortedMap.empty(),
  announcing: SortedMap.empty(),
  history: SortedMap.empty(),
  learning: undefined,
  teaching: undefined,
  isSuspect: false,
  sinceBase: 0,
  activeAtMs: 0,
};

export function shardOfTurn(turn: Turn, shard: ShardId): ShardState {
  return turn.state.shards.get(shard) ?? FRESH_SHARD;
}

export function changeShard(turn: Turn, shard: ShardId, change: Partial<ShardState>): ShardState {
  const next = Object.assign(copyOfShard(shardOfTurn(turn, shard)), change);
  turn.state.shards = turn.state.shards.set(shard, next);
  return next;
}

export interface Place {
  readonly isHead: boolean;
  readonly isTail: boolean;
  /** The member before and after in the chain. */
  readonly before: MemberId | undefined;
  readonly after: MemberId | undefined;
}

/** This server's place in a chain; undefined: none. */
export function placeIn(turn: Turn, shard: ShardId): Place | undefined {
  const { view, self, status } = turn.state;
  if (status !== 'member') return undefined;
  const { members } = chainOf(view, shard);
  const index = members.indexOf(self);
  if (index < 0) return undefined;
  return {
    isHead: index === 0,
    isTail: index === members.length - 1,
    before: members[index - 1],
    after: members[index + 1],
  };
}

/** The entry at this place of the log; undefined: it was never here, or is long committed. */
export function idAt({ log, history, committed }: ShardState, sequence: number): EntryId | undefined {
  if (sequence === committed.sequence) return committed;
  return (log.get(sequence) ?? history.get(sequence))?.id;
}

/** Who sends us this shard's entries: the member before us, and a learner's tail, once it teaches from its log. */
export function sourceOf(turn: Turn, shard: ShardId): MemberId | undefined {
  const place = placeIn(turn, shard);
  if (place !== undefined) return place.before;
  return shardOfTurn(turn, shard).learning?.phase === 'log' ? tailOf(turn.state.view, shard) : undefined;
}

/** The file as of the whole log, committed or not: what the head judges preconditions by. */
export function latestFile(shard: ShardState, path: string): FileRecord | undefined {
  const pending = shard.pendingPaths.get(path);
  if (pending === undefined) return shard.files.get(path);
  return fileAfter(shard.log.get(pending) as LogEntry);
}

/** What an effective entry leaves at its path. */
export function fileAfter(entry: LogEntry): FileRecord | undefined {
  const { change } = entry.proposal;
  return entry.outcome.result === 'stored' && change.kind === 'put'
    ? { version: entry.id, manifest: change.manifest }
    : undefined;
}
