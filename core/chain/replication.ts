/**
 * The log along the chain: entries are persisted, with all their chunks, and passed on in order; what of it is durable
 * follows (durable-prefix.ts). What was sent is kept until its commit is known, and sent again on every new edge (hazard
 * 1, brief §3.7).
 */
import { onAnswered, persist } from '../durability.js';
import { chunkCount, type LogEntry, storedUpload } from '../file.js';
import type { Replicate } from '../frame.js';
import { compareEntryIds, type EntryId, type ShardId } from '../ids.js';
import { invariant } from '../refusals.js';
import type { ShardState } from '../state.js';
import { launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { applyLearned, commitDurable, hearCommitted, tellAgain } from './commit.js';
import { durableTo, hearDurable, passableTo } from './durable-prefix.js';
import { askFor, beginRound, isRoundOver } from './fetching.js';
import { expect, keep, missingOf, missingOfUpload } from './held.js';
import { acknowledge, isBaseUnderWay } from './learning.js';
import { firstUnsafe, writeAgain } from './rewriting.js';
import { changeShard, idAt, placeIn, shardOfTurn, sourceOf } from './shards.js';
import { feed } from './teaching.js';

/** Appends entries that are next in line and complete. They count only once they are durable. */
export function appendEntries(turn: Turn, shardId: ShardId, entries: readonly LogEntry[]): void {
  let { log, last, pendingPaths, pendingOperations } = shardOfTurn(turn, shardId);
  for (const entry of entries) {
    invariant(entry.id.sequence === last.sequence + 1, 'a log has no gaps', shardId, entry.id.sequence, last.sequence);
    invariant(entry.id.epoch >= last.epoch, 'epochs in a log never fall', shardId);
    log = log.set(entry.id.sequence, entry);
    last = entry.id;
    pendingOperations = pendingOperations.set(entry.proposal.operation, entry.id.sequence);
    if (entry.outcome.result !== 'precondition-failed') {
      pendingPaths = pendingPaths.set(entry.proposal.path, entry.id.sequence);
    }
    const upload = storedUpload(entry);
    if (upload !== undefined) keep(turn, upload);
    tell(turn, { fact: 'appended', shard: shardId, entry });
  }
  changeShard(turn, shardId, { log, last, pendingPaths, pendingOperations, activeAtMs: turn.now });
  persist(turn, shardId, entries);
  if (placeIn(turn, shardId)?.after !== undefined) passOn(turn, shardId);
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
}

/** The log is durable up to here: the chain successor may have it; at the tail it is committed. */
export function onPersisted(turn: Turn, shardId: ShardId, upTo: EntryId): void {
  onAnswered(turn, shardId);
  if (!turn.state.shards.has(shardId)) return;
  const shard = shardOfTurn(turn, shardId);
  const known = idAt(shard, upTo.sequence);
  // Otherwise a write of before this shard was learned anew: it speaks of a log that is no more.
  if (known !== undefined && compareEntryIds(known, upTo) === 0 && upTo.sequence > shard.written)
    changeShard(turn, shardId, { written: upTo.sequence });
  settleWrites(turn, shardId);
}

/** Writes again what must be, and passes on what is durable by now. */
export function settleWrites(turn: Turn, shardId: ShardId): void {
  writeAgain(turn, shardId);
  if (!isBaseUnderWay(turn, shardId)) advance(turn, shardId);
}

/**
 * The durable prefix: entries that are written, with all their chunks. A chunk that could not be written holds up its
 * entry and all behind it, although the log itself is on the disk (hazard 7).
 */
function advance(turn: Turn, shardId: ShardId): void {
  const shard = shardOfTurn(turn, shardId);
  const written = Math.min(shard.written, firstUnsafe(turn, shardId) - 1);
  let durable = Math.max(shard.durable, Math.min(written, shard.committed.sequence));
  let upTo = idAt(shard, durable) ?? shard.committed;
  for (const [sequence, entry] of shard.log.entries(durable + 1)) {
    if (sequence > written || !hasAllChunks(turn, entry)) break;
    durable = sequence;
    upTo = entry.id;
  }
  if (durable === shard.durable) return;
  changeShard(turn, shardId, { durable });
  tell(turn, { fact: 'persisted', shard: shardId, upTo });
  passOn(turn, shardId);
}

function hasAllChunks(turn: Turn, entry: LogEntry): boolean {
  const { change } = entry.proposal;
  return storedUpload(entry) === undefined || change.kind !== 'put' || missingOf(turn, change.manifest).length === 0;
}

/** Sends what was not sent in this epoch, and up to where it is durable; the tail commits that. */
export function passOn(turn: Turn, shardId: ShardId): void {
  const place = placeIn(turn, shardId);
  if (place === undefined) {
    acknowledge(turn, shardId);
    return;
  }
  if (place.after === undefined) {
    commitDurable(turn, shardId);
    feed(turn, shardId);
    return;
  }
  const shard = shardOfTurn(turn, shardId);
  const { batchEntriesMax } = turn.state.limits;
  const { committed, durableTold } = shard;
  const passable = passableTo(turn, shard);
  const durable = durableTo(turn, shardId);
  let entries: LogEntry[] = [];
  for (const [sequence, entry] of shard.log.entries(shard.sentTo + 1)) {
    if (sequence > passable) break;
    entries.push(entry);
    if (entries.length === batchEntriesMax) {
      launch(turn, place.after, { kind: 'replicate', shard: shardId, committed, durable, entries });
      entries = [];
    }
  }
  // Of what is committed it is known that it is durable.
  const isToldAll = shard.sentTo >= passable && durable <= Math.max(durableTold, committed.sequence);
  if (isToldAll) return;
  if (entries.length > 0 || shard.sentTo >= passable)
    launch(turn, place.after, { kind: 'replicate', shard: shardId, committed, durable, entries });
  changeShard(turn, shardId, { sentTo: passable, durableTold: durable, activeAtMs: turn.now });
}

/** Sends all that is not known to be committed once more. */
export function resend(turn: Turn, shardId: ShardId): void {
  const shard = shardOfTurn(turn, shardId);
  changeShard(turn, shardId, { sentTo: Math.min(passableTo(turn, shard), shard.committed.sequence) });
  passOn(turn, shardId);
}

/** Entries from the chain predecessor: known ones are compared, new ones wait for their turn and their chunks. */
export function onReplicate(turn: Turn, frame: Replicate): void {
  if (sourceOf(turn, frame.shard) !== frame.origin) return;
  const shard = shardOfTurn(turn, frame.shard);
  let { waiting } = shard;
  for (const entry of frame.entries) {
    if (entry.id.sequence <= shard.last.sequence) compare(shard, entry);
    else waiting = withWaiting(turn, waiting, entry);
  }
  const waitingSinceMs = shard.waiting.size === 0 ? turn.now : shard.waitingSinceMs;
  changeShard(turn, frame.shard, { waiting, waitingSinceMs });
  tellKnown(turn, frame);
  hearCommitted(turn, frame.shard, frame.committed.sequence);
  const isFurther = hearDurable(turn, frame.shard, frame.durable);
  takeWaiting(turn, frame.shard);
  if (isFurther) passOn(turn, frame.shard);
}

/** Where there is no room left, what is furthest on goes, and comes again: all wait for the first, which it must not keep out. */
function withWaiting(turn: Turn, waiting: ShardState['waiting'], entry: LogEntry): ShardState['waiting'] {
  const all = waiting.set(entry.id.sequence, entry);
  const last = all.last();
  return last === undefined || all.size <= turn.state.limits.logEntriesMax ? all : all.delete(last[0]);
}

/**
 * The predecessor sends what is committed already: it never heard of that. The tail tells it once more; whoever stands
 * between passes the question on, for the tail may be one that has just come in and never told anything.
 */
function tellKnown(turn: Turn, { shard: shardId, entries }: Replicate): void {
  const place = placeIn(turn, shardId);
  if (place === undefined) return;
  if (place.isTail) {
    tellAgain(turn, shardId, entries);
    return;
  }
  const { committed } = shardOfTurn(turn, shardId);
  const known = entries.filter(({ id }) => id.sequence <= committed.sequence);
  if (known.length === 0 || place.after === undefined) return;
  const durable = durableTo(turn, shardId);
  launch(turn, place.after, { kind: 'replicate', shard: shardId, committed, durable, entries: known });
}

/** The same sequence must be the same entry: anything else means that logs have parted, and we stop loudly. */
function compare(shard: ShardState, entry: LogEntry): void {
  const known = shard.log.get(entry.id.sequence);
  if (known === undefined) return;
  invariant(compareEntryIds(known.id, entry.id) === 0, 'a log is a prefix of its predecessor’s', entry.id.sequence);
}

/** Appends what waits and is complete; asks for chunks that do not come by themselves. */
export function takeWaiting(turn: Turn, shardId: ShardId): void {
  writeAgain(turn, shardId);
  const shard = shardOfTurn(turn, shardId);
  if (shard.waiting.size === 0) return;
  const ready: LogEntry[] = [];
  let { waiting } = shard;
  for (let sequence = shard.last.sequence + 1; ; sequence++) {
    const entry = waiting.get(sequence);
    if (entry === undefined || !(isComplete(turn, shardId, entry) || isUndone(shard, entry))) break;
    ready.push(entry);
    waiting = waiting.delete(sequence);
  }
  if (ready.length > 0) {
    changeShard(turn, shardId, { waiting, waitingSinceMs: turn.now });
    appendEntries(turn, shardId, ready);
    applyLearned(turn, shardId);
  }
  if (waiting.size === 0) return;
  wakeBy(turn, 'chains', turn.now + turn.state.limits.chunkGraceMs);
  const isFetching = turn.now - shard.fetchedAtMs < revolutionMs(turn);
  if (isFetching ? hasAllFetched(turn, shardId) : isOfBefore(turn, shardId)) fetchMissing(turn, shardId);
}

/** The next in line was ordered in an epoch before: bytes that were under way then do not come by themselves any more. */
function isOfBefore(turn: Turn, shardId: ShardId): boolean {
  const { waiting, last } = shardOfTurn(turn, shardId);
  const next = waiting.get(last.sequence + 1);
  return next !== undefined && next.id.epoch < turn.state.view.epoch;
}

/** While a log is being repaired: what was asked for has come, so that more can be asked for at once. */
function hasAllFetched(turn: Turn, shardId: ShardId): boolean {
  const shard = shardOfTurn(turn, shardId);
  const { waiting, last, fetchedTo } = shard;
  for (const [sequence, entry] of waiting.entries(last.sequence + 1)) {
    const { change } = entry.proposal;
    if (sequence > fetchedTo.sequence) return true;
    if (storedUpload(entry) === undefined || change.kind !== 'put') continue;
    const to = sequence < fetchedTo.sequence ? chunkCount(change.manifest) : fetchedTo.index;
    const isHere = missingOfUpload(turn, change.manifest.upload, 0, to).length === 0;
    if (!isHere && !isUndone(shard, entry)) return false;
  }
  return true;
}

function isComplete(turn: Turn, shardId: ShardId, entry: LogEntry): boolean {
  const { change } = entry.proposal;
  if (storedUpload(entry) === undefined || change.kind !== 'put') return true;
  expect(turn, shardId, change.manifest.upload);
  return missingOf(turn, change.manifest).length === 0;
}

/**
 * A later entry, committed as well, has taken its file's place: a learner does without bytes that nobody needs any more. Not
 * to be asked for them is more than thrift: the tail does not have them for long.
 */
function isUndone({ waiting, learning }: ShardState, { id, proposal }: LogEntry): boolean {
  if (learning === undefined) return false;
  for (const [sequence, later] of waiting.entries(id.sequence + 1)) {
    if (sequence > learning.committedTo) break;
    if (later.proposal.path === proposal.path && later.outcome.result !== 'precondition-failed') return true;
  }
  return false;
}

/**
 * Fetches chunks that waiting entries lack, the first ones first, from the chain predecessor, which holds them durably.
 * Of many entries at once: one in a revolution would never catch up with a load of small files.
 */
export function fetchMissing(turn: Turn, shardId: ShardId): void {
  const shard = shardOfTurn(turn, shardId);
  const { waiting, last } = shard;
  const source = sourceOf(turn, shardId);
  if (source === undefined) return;
  const round = beginRound(turn, shardId, source);
  let expected = last.sequence + 1;
  for (const [sequence, entry] of waiting.entries(expected)) {
    // What is behind a gap comes again with what is missing there.
    if (isRoundOver(round) || sequence !== expected++) break;
    const { change } = entry.proposal;
    if (isComplete(turn, shardId, entry) || change.kind !== 'put' || isUndone(shard, entry)) continue;
    const ranges = askFor(turn, round, { ...change.manifest, missing: missingOf(turn, change.manifest) });
    const index = ranges[ranges.length - 1]?.to ?? 0;
    changeShard(turn, shardId, { fetchedAtMs: turn.now, fetchedTo: { sequence, index } });
  }
}
