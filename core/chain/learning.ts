/**
 * A learner: brought up to date by the tail of its chain, with its tables as of one entry, or by its log alone where the
 * tail knows the learner's last entry; then with whatever the chain writes (brief §3.7, rule J). What it holds beyond
 * the tail's tables goes (hazard 5). Nothing is acknowledged that is not durable here, chunks included.
 */
import { isAnswered, persistBase } from '../durability.js';
import type { FileRecord } from '../file.js';
import type { Lesson } from '../frame.js';
import { compareEntryIds, type EntryId, NO_ENTRY, type ShardId, type UploadId } from '../ids.js';
import type { Learning } from '../learning-state.js';
import { missingIn, type Ranges } from '../ranges.js';
import { SortedMap } from '../sorted-map.js';
import type { ShardState } from '../state.js';
import { launch, put, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { chainOf, tailOf } from '../view/view.js';
import { applyLearned } from './commit.js';
import { durableTo } from './durable-prefix.js';
import { askFor, beginRound, isRoundOver } from './fetching.js';
import { abandon, expect, keep, missingOf, retire } from './held.js';
import { changeShard, idAt, shardOfTurn } from './shards.js';

/** A learner that has only just become one. */
export const NOT_LEARNED: Learning = {
  phase: 'asking',
  at: NO_ENTRY,
  page: 0,
  files: SortedMap.empty(),
  outcomes: SortedMap.empty(),
  floor: '',
  staged: SortedMap.empty(),
  chunksFrom: '',
  awaited: 0,
  gone: SortedMap.empty(),
  abandoned: SortedMap.empty(),
  dropped: 0,
  committedTo: 0,
  wantsTables: false,
  isDirty: false,
  baseWrite: 0,
  askedAtMs: 0,
};

export function isLearner(turn: Turn, shard: ShardId): boolean {
  const { view, self, status } = turn.state;
  return status === 'member' && chainOf(view, shard).learners.includes(self);
}

function learningOf(turn: Turn, shard: ShardId): Learning | undefined {
  return shardOfTurn(turn, shard).learning;
}

function change(turn: Turn, shard: ShardId, change: Partial<Learning>): void {
  changeShard(turn, shard, { learning: { ...(learningOf(turn, shard) ?? NOT_LEARNED), ...change } });
}

/**
 * A new view with this server as a learner: whatever was agreed with the last tail counts for nothing. What came of its
 * lesson is here, and must yet be made durable if it was not.
 */
export function beginLearning(turn: Turn, shard: ShardId): void {
  const { learning, durable, committed } = shardOfTurn(turn, shard);
  const isDirty = learning?.isDirty === true || durable < committed.sequence;
  changeShard(turn, shard, { learning: { ...NOT_LEARNED, isDirty }, waiting: SortedMap.empty(), durableBefore: 0 });
  askForLesson(turn, shard);
}

/** A new view without this server in the chain: should it come back, what it was taught is not durable yet. */
export function endLearning(turn: Turn, shard: ShardId): void {
  const { learning, durable, committed } = shardOfTurn(turn, shard);
  const undone = learning?.isDirty === true ? committed.sequence - 1 : durable;
  changeShard(turn, shard, { learning: undefined, durable: Math.min(durable, undone), waiting: SortedMap.empty() });
}

/** Asks for the first lesson, or for the next page. */
function askForLesson(turn: Turn, shard: ShardId): void {
  const tail = tailOf(turn.state.view, shard);
  const learning = learningOf(turn, shard);
  if (tail === undefined || learning === undefined) return;
  const last = learning.wantsTables ? { epoch: 0, sequence: -1 } : shardOfTurn(turn, shard).last;
  const { at, page, files, outcomes } = learning;
  const afterPath = files.last()?.[0] ?? '';
  const afterOperation = outcomes.last()?.[0] ?? '';
  change(turn, shard, { askedAtMs: turn.now });
  launch(turn, tail, { kind: 'learn', shard, last, at, page, afterPath, afterOperation });
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
}

/** The tail answers. */
export function onLesson(turn: Turn, frame: Lesson): void {
  const learning = learningOf(turn, frame.shard);
  if (learning === undefined || !isLearner(turn, frame.shard)) return;
  if (frame.how === 'log') {
    if (learning.phase !== 'asking') return;
    const committedTo = frame.committed.sequence;
    const { isSuspect, durable, committed } = shardOfTurn(turn, frame.shard);
    // A log that was cut has something unsound behind it on the disk, which only a base takes away; and tables that were
    // taken over in an epoch before may not be on the disk yet.
    const isDirty = learning.isDirty || isSuspect || durable < committed.sequence;
    change(turn, frame.shard, { at: frame.at, staged: stagedIn(frame), phase: 'chunks', committedTo, isDirty });
    fetchChunks(turn, frame.shard);
    return;
  }
  const { last } = shardOfTurn(turn, frame.shard);
  // The tail may begin anew when its history no longer reaches back to us, never to take back what we acknowledged.
  const mayBegin = learning.phase === 'asking' || frame.at.sequence > last.sequence;
  if (frame.page === 0 ? !mayBegin : !isNextPage(learning, frame)) return;
  const before =
    frame.page === 0 ? { ...NOT_LEARNED, staged: stagedIn(frame), abandoned: learning.abandoned } : learning;
  let { files, outcomes } = before;
  for (const { path, file } of frame.files) files = files.set(path, file);
  for (const { operation, remembered } of frame.outcomes) outcomes = outcomes.set(operation, remembered);
  const { at, floor } = frame;
  const page = frame.page + 1;
  changeShard(turn, frame.shard, { learning: { ...before, phase: 'tables', at, page, floor, files, outcomes } });
  if (!frame.isLast) askForLesson(turn, frame.shard);
  else if (files.size + outcomes.size === frame.count) adopt(turn, frame.shard);
  else beginLearning(turn, frame.shard);
}

function isNextPage(learning: Learning, frame: Lesson): boolean {
  return learning.phase === 'tables' && learning.page === frame.page && compareEntryIds(learning.at, frame.at) === 0;
}

function stagedIn({ staged }: Lesson): SortedMap<UploadId, Ranges> {
  let found: SortedMap<UploadId, Ranges> = SortedMap.empty();
  for (const { upload, chunks } of staged) found = found.set(upload, chunks);
  return found;
}

/** The tables are complete: they are this shard now, and whatever else was here is not. */
function adopt(turn: Turn, shardId: ShardId): void {
  const { files: old, log, learning } = shardOfTurn(turn, shardId);
  const { files, outcomes, floor, at } = learning as Learning;
  const named = new Set<UploadId>();
  for (const { manifest } of files.values()) named.add(manifest.upload);
  let dropped = 0;
  for (const [path, { manifest }] of old.entries()) {
    if (!files.has(path)) dropped++;
    if (!named.has(manifest.upload)) retire(turn, manifest.upload);
  }
  for (const { proposal } of log.values()) {
    if (proposal.change.kind === 'put' && !named.has(proposal.change.manifest.upload)) {
      retire(turn, proposal.change.manifest.upload);
    }
  }
  // Staged for entries that these tables have overtaken. An open upload's chunks come again, or are fetched.
  for (const [upload, shard] of turn.state.staged.entries()) {
    if (shard === shardId && !named.has(upload) && learning?.staged.has(upload) !== true) abandon(turn, upload);
  }
  put(turn, { kind: 'forget-shard', shard: shardId });
  changeShard(turn, shardId, {
    log: SortedMap.empty(),
    waiting: SortedMap.empty(),
    pendingPaths: SortedMap.empty(),
    pendingOperations: SortedMap.empty(),
    history: SortedMap.empty(),
    files,
    outcomes,
    floor,
    last: at,
    committed: at,
    durable: at.sequence - 1,
    written: at.sequence - 1,
    rewrites: SortedMap.empty(),
    sentTo: at.sequence,
    sinceBase: 0,
    isSuspect: false,
  });
  change(turn, shardId, { phase: 'chunks', dropped, isDirty: true, chunksFrom: '' });
  fetchChunks(turn, shardId);
}

/** Asks for chunks of the tables that are not here, some at a time; when none is missing, all is made durable. */
export function fetchChunks(turn: Turn, shardId: ShardId): void {
  const { view } = turn.state;
  const learning = learningOf(turn, shardId);
  const tail = tailOf(view, shardId);
  if (learning?.phase !== 'chunks' || tail === undefined) return;
  const round = beginRound(turn, shardId, tail);
  let { chunksFrom } = learning;
  for (const [path, file] of shardOfTurn(turn, shardId).files.entries(chunksFrom)) {
    const missing = missingOfFile(turn, shardId, learning, file);
    askFor(turn, round, { ...file.manifest, missing });
    // Where something is missing, looking begins again: it may not come.
    if (round.asked === 0) chunksFrom = path;
    if (isRoundOver(round)) break;
  }
  const { chunkBytes } = view.settings;
  for (const [upload, chunks] of learning.staged.entries()) {
    if (isRoundOver(round)) break;
    askFor(turn, round, { upload, chunkBytes, missing: missingOfStaged(turn, shardId, upload, chunks) });
  }
  const awaited = round.asked;
  change(turn, shardId, { chunksFrom, awaited, askedAtMs: turn.now, isDirty: learning.isDirty || awaited > 0 });
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
  if (awaited === 0) makeDurable(turn, shardId);
}

function missingOfFile(turn: Turn, shard: ShardId, { gone }: Learning, { manifest }: FileRecord): Ranges {
  if (gone.has(manifest.upload)) return [];
  expect(turn, shard, manifest.upload);
  keep(turn, manifest.upload);
  return missingOf(turn, manifest);
}

function missingOfStaged(turn: Turn, shard: ShardId, upload: UploadId, chunks: Ranges): Ranges {
  const learning = learningOf(turn, shard);
  if (learning?.gone.has(upload) === true || learning?.abandoned.has(upload) === true) return [];
  const held = turn.state.held.get(upload)?.chunks ?? [];
  const missing = chunks.flatMap(({ from, to }) => missingIn(held, from, to));
  if (missing.length > 0) expect(turn, shard, upload);
  return missing;
}

/** A chunk that was asked for has come. */
export function onChunkLearned(turn: Turn, shard: ShardId): void {
  const learning = learningOf(turn, shard);
  if (learning?.phase !== 'chunks') return;
  const awaited = Math.max(0, learning.awaited - 1);
  change(turn, shard, { awaited });
  if (awaited === 0) fetchChunks(turn, shard);
}

/** The tail has this upload no more: a later entry takes its place, and is taught in its turn. */
export function onUploadGone(turn: Turn, upload: UploadId): void {
  const shard = turn.state.held.get(upload)?.shard;
  const learning = shard === undefined ? undefined : learningOf(turn, shard);
  if (shard === undefined || learning === undefined) return;
  if (learning.phase === 'log' && isWaitedFor(shardOfTurn(turn, shard), upload)) {
    // An entry that a later one has undone: its bytes are gone. The tables do not name it any more.
    changeShard(turn, shard, { learning: { ...NOT_LEARNED, wantsTables: true }, waiting: SortedMap.empty() });
    askForLesson(turn, shard);
  }
  if (learning.phase !== 'chunks') return;
  change(turn, shard, { gone: learning.gone.set(upload, true) });
  // An open upload that was abandoned before we asked for it.
  abandon(turn, upload);
  fetchChunks(turn, shard);
}

/**
 * The word that an upload is abandoned has passed. A tail that had not heard it may still tell of that upload in its
 * lesson: what nobody names must not be asked for.
 */
export function onAbandoned(turn: Turn, upload: UploadId): void {
  for (const [shard, { learning }] of turn.state.shards.entries()) {
    if (learning !== undefined) change(turn, shard, { abandoned: learning.abandoned.set(upload, true) });
  }
}

function isWaitedFor({ waiting }: ShardState, upload: UploadId): boolean {
  for (const { proposal } of waiting.values()) {
    if (proposal.change.kind === 'put' && proposal.change.manifest.upload === upload) return true;
  }
  return false;
}

/** Chunks first, tables behind them: when these are durable, all is. */
function makeDurable(turn: Turn, shardId: ShardId): void {
  const { committed, files, outcomes, floor, learning } = shardOfTurn(turn, shardId);
  if (learning?.isDirty !== true) {
    take(turn, shardId);
    return;
  }
  const baseWrite = persistBase(turn, shardId, { at: committed, files, outcomes, floor });
  change(turn, shardId, { phase: 'base', baseWrite });
  changeShard(turn, shardId, { durable: committed.sequence - 1, sinceBase: 0, isSuspect: false });
}

/** While the base is written behind the chunks, one of them is lost: it is fetched again, and another base follows it. */
export function onChunkLost(turn: Turn, shardId: ShardId): void {
  if (learningOf(turn, shardId)?.phase !== 'base') return;
  change(turn, shardId, { phase: 'chunks', chunksFrom: '' });
  fetchChunks(turn, shardId);
}

/** An answer that was asked for before the base says nothing of it. */
export function isBaseUnderWay(turn: Turn, shardId: ShardId): boolean {
  const learning = learningOf(turn, shardId);
  return learning?.phase === 'base' && !isAnswered(turn, shardId, learning.baseWrite);
}

/** From here on the log is learned. */
function take(turn: Turn, shardId: ShardId): void {
  change(turn, shardId, { phase: 'log', isDirty: false });
  applyLearned(turn, shardId);
  const shard = shardOfTurn(turn, shardId);
  const { dropped } = shard.learning as Learning;
  tell(turn, { fact: 'learned', shard: shardId, upTo: shard.last, dropped });
  acknowledge(turn, shardId);
}

/** Something became durable, here or before: the tail is told, which may commit it then (rule J). */
export function acknowledge(turn: Turn, shardId: ShardId): void {
  const tail = tailOf(turn.state.view, shardId);
  const shard = shardOfTurn(turn, shardId);
  if (tail === undefined || shard.learning === undefined || !isLearner(turn, shardId)) return;
  if (shard.learning.phase === 'base') {
    take(turn, shardId);
    return;
  }
  // In sync is only who can say so in the next life, too: as of the logs of lost shards (facts.ts).
  if (!turn.state.membership.isOnDisk) return;
  const durable = durableTo(turn, shardId);
  const upTo: EntryId | undefined = durable === 0 ? NO_ENTRY : idAt(shard, durable);
  if (shard.learning.phase !== 'log' || upTo === undefined) return;
  change(turn, shardId, { askedAtMs: turn.now });
  launch(turn, tail, { kind: 'learned', shard: shardId, upTo });
}

/** The disk knows of this life: whoever had nothing to write had to wait for that. */
export function acknowledgeAll(turn: Turn): void {
  for (const [shard, { learning }] of turn.state.shards.entries()) {
    if (learning?.phase === 'log') acknowledge(turn, shard);
  }
}

/** The chains timer, for a learner: whatever it waits for is asked for again. */
export function sweepLearning(turn: Turn, shardId: ShardId): void {
  const learning = learningOf(turn, shardId);
  if (learning === undefined || !isLearner(turn, shardId)) return;
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
  if (turn.now - learning.askedAtMs < revolutionMs(turn)) return;
  if (learning.phase === 'asking' || learning.phase === 'tables') askForLesson(turn, shardId);
  else if (learning.phase === 'chunks') fetchChunks(turn, shardId);
  else if (learning.phase === 'log') acknowledge(turn, shardId);
}
