/**
 * Commitment: what the tail, and everybody before it, has persisted is committed. Its commit frame makes one revolution,
 * cumulative, and is repeated until it returns; members apply and trim on commits of the present epoch only (brief
 * §3.4.3, §3.7).
 */
import { persistBase } from '../durability.js';
import { type LogEntry, storedUpload } from '../file.js';
import type { Commit, Decided } from '../frame.js';
import type { EntryId, ShardId } from '../ids.js';
import { invariant } from '../refusals.js';
import type { Announced, ShardState } from '../state.js';
import { launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { chainOf } from '../view/view.js';
import { durableTo } from './durable-prefix.js';
import { retire } from './held.js';
import { changeShard, placeIn, shardOfTurn } from './shards.js';
import { applyEntry, type Tables, trimHistory } from './tables.js';

/** Rule J: a tail that holds for a learner commits only what that one has persisted, too (brief §3.7). */
function commitLimit({ teaching }: ShardState, durable: number): number {
  if (teaching === undefined || teaching.holdSinceMs === 0) return durable;
  return Math.min(durable, teaching.acknowledged);
}

/** The tail: everything durable here, and with all members before it, is committed. */
export function commitDurable(turn: Turn, shardId: ShardId): void {
  const shard = shardOfTurn(turn, shardId);
  const limit = commitLimit(shard, durableTo(turn, shardId));
  const last = shard.log.get(limit);
  if (last === undefined || limit <= shard.committed.sequence) return;
  let { announcing } = shard;
  for (const [sequence, entry] of shard.log.entries()) {
    if (sequence > limit) break;
    announcing = announcing.set(sequence, announced(entry));
  }
  const from = shard.committed.sequence + 1;
  changeShard(turn, shardId, { announcing });
  applyUpTo(turn, shardId, last.id);
  announce(turn, shardId, from);
}

function announced({ id, proposal, outcome }: LogEntry): Announced {
  return { id, operation: proposal.operation, path: proposal.path, outcome };
}

/**
 * The tail's predecessor sends what is committed already: the commit frame never came to it, and the tail that sent it
 * may be no more. So it is told once more.
 */
export function tellAgain(turn: Turn, shardId: ShardId, entries: readonly LogEntry[]): void {
  const { announcing: before, committed } = shardOfTurn(turn, shardId);
  let announcing = before;
  for (const entry of entries) {
    const { sequence } = entry.id;
    if (sequence > committed.sequence || before.has(sequence)) continue;
    announcing = announcing.set(sequence, announced(entry));
  }
  if (announcing === before) return;
  changeShard(turn, shardId, { announcing });
  announce(turn, shardId, 0);
}

/** Tells the ring what was committed, from this sequence on. */
export function announce(turn: Turn, shardId: ShardId, from: number): void {
  const shard = shardOfTurn(turn, shardId);
  const chainLength = chainOf(turn.state.view, shardId).members.length;
  let outcomes: Decided[] = [];
  let upTo: EntryId = shard.committed;
  for (const [, { id, operation, path, outcome }] of shard.announcing.entries(from)) {
    outcomes.push({ operation, path, outcome });
    upTo = id;
    if (outcomes.length < turn.state.limits.batchEntriesMax) continue;
    launch(turn, turn.state.self, { kind: 'commit', shard: shardId, upTo, chainLength, outcomes });
    outcomes = [];
  }
  if (outcomes.length > 0) {
    launch(turn, turn.state.self, { kind: 'commit', shard: shardId, upTo, chainLength, outcomes });
  }
  changeShard(turn, shardId, { activeAtMs: turn.now });
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
}

/** A commit of the present epoch passes: the members of its chain apply it, and a learner what it has of it. */
export function onCommit(turn: Turn, frame: Commit): void {
  if (frame.origin === turn.state.self) return;
  const shard = shardOfTurn(turn, frame.shard);
  if (placeIn(turn, frame.shard) === undefined) {
    hearCommitted(turn, frame.shard, frame.upTo.sequence);
    applyLearned(turn, frame.shard);
    return;
  }
  if (frame.upTo.sequence <= shard.committed.sequence) return;
  invariant(
    frame.upTo.sequence <= shard.last.sequence,
    'nothing is committed that an in-sync member lacks',
    frame.shard,
    frame.upTo.sequence,
    shard.last.sequence,
  );
  applyUpTo(turn, frame.shard, frame.upTo);
}

/** A learner hears what is committed, perhaps before it has it. */
export function hearCommitted(turn: Turn, shardId: ShardId, sequence: number): void {
  const { learning } = shardOfTurn(turn, shardId);
  if (learning === undefined || sequence <= learning.committedTo) return;
  changeShard(turn, shardId, { learning: { ...learning, committedTo: sequence } });
}

/** A learner applies what it has and knows to be committed. Before its tail teaches it from the log, what it has may be
 * of another history. */
export function applyLearned(turn: Turn, shardId: ShardId): void {
  const { learning, last, committed } = shardOfTurn(turn, shardId);
  if (learning?.phase !== 'log' || learning.committedTo <= committed.sequence) return;
  applyUpTo(turn, shardId, { sequence: Math.min(last.sequence, learning.committedTo) });
}

/** The commit frame came home: everybody knows. */
export function onCommitHome(turn: Turn, frame: Commit): void {
  const shard = shardOfTurn(turn, frame.shard);
  let { announcing } = shard;
  for (const sequence of shard.announcing.keys()) {
    if (sequence > frame.upTo.sequence) break;
    announcing = announcing.delete(sequence);
  }
  changeShard(turn, frame.shard, { announcing });
}

/** Applies the log up to here: files, outcomes, bytes that nothing names any more. */
function applyUpTo(turn: Turn, shardId: ShardId, upTo: Pick<EntryId, 'sequence'>): void {
  const { outcomesMax, historyEntriesMax } = turn.state.limits;
  const before = shardOfTurn(turn, shardId);
  let { log, pendingPaths, pendingOperations, history } = before;
  let tables: Tables = before;
  let committed = before.committed;
  let entries = 0;
  for (const [sequence, entry] of before.log.entries()) {
    if (sequence > upTo.sequence) break;
    retireReplaced(turn, tables, entry);
    tables = applyEntry(tables, entry, outcomesMax);
    log = log.delete(sequence);
    const { path, operation } = entry.proposal;
    if (pendingPaths.get(path) === sequence) pendingPaths = pendingPaths.delete(path);
    pendingOperations = pendingOperations.delete(operation);
    history = history.set(sequence, entry);
    committed = entry.id;
    entries++;
  }
  if (entries === 0) return;
  const { files, outcomes, floor } = tables;
  changeShard(turn, shardId, {
    log,
    files,
    pendingPaths,
    pendingOperations,
    outcomes,
    floor,
    committed,
    history: trimHistory(history, historyEntriesMax),
    sentTo: Math.max(before.sentTo, committed.sequence),
    sinceBase: before.sinceBase + entries,
    activeAtMs: turn.now,
  });
  tell(turn, { fact: 'committed', shard: shardId, upTo: committed, entries });
  writeBaseIfDue(turn, shardId);
}

/** The bytes that this entry takes from its path, or that its failed precondition keeps from it. */
function retireReplaced(turn: Turn, { files }: Tables, entry: LogEntry): void {
  const { path, change } = entry.proposal;
  if (entry.outcome.result === 'precondition-failed') {
    if (change.kind === 'put') retire(turn, change.manifest.upload);
    return;
  }
  const replaced = files.get(path);
  if (replaced !== undefined && replaced.manifest.upload !== storedUpload(entry))
    retire(turn, replaced.manifest.upload);
}

/** The log on the disk is bounded: tables are written when as many entries lie behind the last ones as they have. */
function writeBaseIfDue(turn: Turn, shardId: ShardId): void {
  const { sinceBase, files, outcomes } = shardOfTurn(turn, shardId);
  if (sinceBase >= Math.max(turn.state.limits.baseEntriesMin, files.size + outcomes.size)) writeBase(turn, shardId);
}

export function writeBase(turn: Turn, shardId: ShardId): void {
  const { files, outcomes, floor, committed } = shardOfTurn(turn, shardId);
  persistBase(turn, shardId, { at: committed, files, outcomes, floor });
  changeShard(turn, shardId, { sinceBase: 0 });
}
