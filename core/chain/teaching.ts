/**
 * The tail teaches a learner: hands over its tables as of one entry, page by page (persistent maps make the snapshot a
 * reference), then its log. When the learner is close, the tail holds: from then on it commits only what the learner
 * has persisted, and ends that only by installing a newer view (rule J, brief §3.7). Without it an acknowledged write
 * is lost in eight steps.
 */
import type { LogEntry } from '../file.js';
import type { Learn, Learned, Lesson, ListItem } from '../frame.js';
import { compareEntryIds, type EntryId, type MemberId, type ShardId } from '../ids.js';
import type { Teaching } from '../learning-state.js';
import { changeMembership } from '../membership/change.js';
import type { ShardState } from '../state.js';
import { launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { chainOf } from '../view/view.js';
import { commitDurable } from './commit.js';
import { durableTo } from './durable-prefix.js';
import { readyLearners, stalledLearners } from './facts.js';
import { changeShard, idAt, placeIn, shardOfTurn } from './shards.js';

/** Close: with at most this part of a batch missing, or after a round that took at most this part of what a hold may. */
const CLOSE = 4;

function change(turn: Turn, shard: ShardId, change: Partial<Teaching>): Teaching {
  const teaching = { ...(shardOfTurn(turn, shard).teaching as Teaching), ...change };
  changeShard(turn, shard, { teaching });
  return teaching;
}

function isMyLearner(turn: Turn, shard: ShardId, member: MemberId): boolean {
  return placeIn(turn, shard)?.isTail === true && chainOf(turn.state.view, shard).learners.includes(member);
}

/** A learner asks: from its last entry on, or for a page of the tables it is being given. */
export function onLearn(turn: Turn, frame: Learn): void {
  if (!isMyLearner(turn, frame.shard, frame.origin)) return;
  const { teaching } = shardOfTurn(turn, frame.shard);
  // A late copy of its first question must not end a hold inside the epoch.
  if (teaching !== undefined && teaching.holdSinceMs > 0) return;
  if (frame.page === 0) begin(turn, frame.shard, frame.origin, frame.last);
  else if (teaching?.how === 'snapshot' && compareEntryIds(teaching.at, frame.at) === 0) sendPage(turn, frame);
}

function begin(turn: Turn, shardId: ShardId, learner: MemberId, last: EntryId): void {
  const shard = shardOfTurn(turn, shardId);
  const how = reachesBackTo(shard, last) && isCommittable(turn, shardId, last) ? 'log' : 'snapshot';
  const at = how === 'log' ? last : shard.committed;
  const { files, outcomes, floor } = shard;
  const teaching: Teaching = {
    learner,
    how,
    at,
    files,
    outcomes,
    floor,
    sentTo: at.sequence,
    durableTold: at.sequence,
    acknowledged: -1,
    target: durableTo(turn, shardId),
    roundSinceMs: turn.now,
    holdSinceMs: 0,
    holdFrom: 0,
    isReady: false,
    isStalled: false,
    progressAtMs: turn.now,
    sentAtMs: turn.now,
  };
  changeShard(turn, shardId, { teaching });
  tell(turn, { fact: 'lesson-begun', shard: shardId, learner, how });
  if (how === 'snapshot') {
    sendPage(turn, { shard: shardId, origin: learner, page: 0, afterPath: '', afterOperation: '' });
    return;
  }
  const { committed } = shard;
  const none = { committed, files: [], outcomes: [], floor, isLast: true, count: 0, page: 0 };
  launch(turn, learner, { kind: 'lesson', shard: shardId, how, at, staged: stagedFor(turn, shardId), ...none });
}

/**
 * Whether the learner's log is a prefix of ours, by (epoch, sequence), and we still have what follows. Who has nothing is given
 * the tables: they are quicker than a log of all that was ever written, also of what was replaced since.
 */
function reachesBackTo(shard: ShardState, last: EntryId): boolean {
  if (last.sequence === 0) return shard.committed.sequence === 0;
  const known = idAt(shard, last.sequence);
  if (known === undefined || compareEntryIds(known, last) !== 0) return false;
  return last.sequence >= shard.committed.sequence || shard.history.has(last.sequence + 1);
}

/**
 * A learner that has recovered takes all of its log for committed. What is not, nor durable with everybody before us, may
 * have gone ahead of a sync that never comes: with such an end it is given the tables instead.
 */
function isCommittable(turn: Turn, shardId: ShardId, { sequence }: EntryId): boolean {
  return sequence <= Math.max(shardOfTurn(turn, shardId).committed.sequence, durableTo(turn, shardId));
}

type PageAsked = Pick<Learn, 'shard' | 'origin' | 'page' | 'afterPath' | 'afterOperation'>;

function sendPage(turn: Turn, { shard, origin, page, afterPath, afterOperation }: PageAsked): void {
  const { lessonPageMax } = turn.state.limits;
  const { at, files, outcomes, floor } = shardOfTurn(turn, shard).teaching as Teaching;
  const items: ListItem[] = [];
  const remembered: Lesson['outcomes'][number][] = [];
  for (const [path, file] of files.entries(afterPath)) {
    if (path === afterPath) continue;
    if (items.length === lessonPageMax) break;
    items.push({ path, file });
  }
  for (const [operation, outcome] of outcomes.entries(afterOperation)) {
    if (operation === afterOperation) continue;
    if (items.length + remembered.length === lessonPageMax) break;
    remembered.push({ operation, remembered: outcome });
  }
  const lastPath = items[items.length - 1]?.path ?? afterPath;
  const lastOperation = remembered[remembered.length - 1]?.operation ?? afterOperation;
  const isLast = lastPath === (files.last()?.[0] ?? '') && lastOperation === (outcomes.last()?.[0] ?? '');
  change(turn, shard, { progressAtMs: turn.now });
  const staged = page === 0 ? stagedFor(turn, shard) : [];
  const count = files.size + outcomes.size;
  const table = { committed: at, files: items, outcomes: remembered, floor, staged, isLast, count };
  launch(turn, origin, { kind: 'lesson', shard, how: 'snapshot', at, page, ...table });
}

/** Uploads that no entry names yet, as far as they are here. */
function stagedFor(turn: Turn, shard: ShardId): Lesson['staged'] {
  const { held, staged } = turn.state;
  const found: Lesson['staged'][number][] = [];
  for (const [upload, its] of staged.entries()) {
    if (its === shard) found.push({ upload, chunks: held.get(upload)?.chunks ?? [] });
  }
  return found;
}

/** The learner has persisted all up to here. */
export function onLearned(turn: Turn, frame: Learned): void {
  const { shard: shardId, upTo } = frame;
  const { teaching } = shardOfTurn(turn, shardId);
  if (teaching === undefined || teaching.learner !== frame.origin || !isMyLearner(turn, shardId, frame.origin)) return;
  if (upTo.sequence > teaching.acknowledged) {
    change(turn, shardId, { acknowledged: upTo.sequence, progressAtMs: turn.now });
  }
  holdIfClose(turn, shardId);
  commitDurable(turn, shardId);
  judge(turn, shardId);
  feed(turn, shardId);
  const { teaching: now } = shardOfTurn(turn, shardId);
  // The next round. Not sooner: under a steady load there is always something that the learner has not got yet.
  if (now !== undefined && now.acknowledged >= now.target)
    change(turn, shardId, { target: durableTo(turn, shardId), roundSinceMs: turn.now });
}

/**
 * Holds begin when the learner is close: it has, at the end of a round, all that was in the log when that began, and lacks
 * little now or got that quickly: whoever writes meanwhile waits about so long. Under a heavy load it always lacks something.
 * It must then have whatever was committed without it so far.
 */
function holdIfClose(turn: Turn, shardId: ShardId): void {
  const { teaching } = shardOfTurn(turn, shardId);
  if (teaching === undefined || teaching.holdSinceMs > 0 || teaching.acknowledged < teaching.target) return;
  const { batchEntriesMax, holdMs } = turn.state.limits;
  // Of what is not durable before us it can have nothing: that is no fault of its own.
  const durable = durableTo(turn, shardId);
  const lacksLittle = (durable - teaching.acknowledged) * CLOSE <= batchEntriesMax;
  const isQuick = (turn.now - teaching.roundSinceMs) * CLOSE <= holdMs;
  if (!lacksLittle && !isQuick) return;
  change(turn, shardId, { holdSinceMs: turn.now, holdFrom: durable, progressAtMs: turn.now });
  tell(turn, { fact: 'hold-begun', shard: shardId, learner: teaching.learner });
}

/** Caught up: has all that was committed without it, while nothing is any more. */
function judge(turn: Turn, shardId: ShardId): void {
  const { teaching } = shardOfTurn(turn, shardId);
  if (teaching === undefined || teaching.holdSinceMs === 0 || teaching.isReady) return;
  if (teaching.acknowledged < teaching.holdFrom) return;
  change(turn, shardId, { isReady: true });
  tell(turn, { fact: 'learner-ready', shard: shardId, learner: teaching.learner });
  changeMembership(turn, { ready: readyLearners(turn) });
}

/**
 * Sends the learner the durable entries it was not sent, a batch or two ahead of what it has said to have; or all of these
 * once more, which is no progress.
 */
export function feed(turn: Turn, shardId: ShardId, isRepeated = false): void {
  const shard = shardOfTurn(turn, shardId);
  const { teaching, committed } = shard;
  if (teaching === undefined || teaching.acknowledged < 0 || placeIn(turn, shardId)?.isTail !== true) return;
  const { batchEntriesMax } = turn.state.limits;
  const durable = durableTo(turn, shardId);
  const isIdle = !isRepeated && Math.min(teaching.sentTo, teaching.durableTold) <= teaching.acknowledged;
  let sentTo = isRepeated ? teaching.acknowledged : Math.max(teaching.sentTo, teaching.acknowledged);
  const upTo = Math.min(shard.durable, teaching.acknowledged + 2 * batchEntriesMax);
  if (sentTo < committed.sequence && !shard.history.has(sentTo + 1)) {
    // It fell behind our history: only the tables can help. Never inside a hold, which keeps it close.
    begin(turn, shardId, teaching.learner, { epoch: 0, sequence: -1 });
    return;
  }
  while (sentTo < upTo) {
    const entries: LogEntry[] = [];
    while (sentTo < upTo && entries.length < batchEntriesMax) {
      sentTo++;
      entries.push((shard.history.get(sentTo) ?? shard.log.get(sentTo)) as LogEntry);
    }
    launch(turn, teaching.learner, { kind: 'replicate', shard: shardId, committed, durable, entries });
  }
  if (!isRepeated && sentTo === teaching.sentTo) {
    // Of all that it was sent it knows that it is durable, or has said so.
    if (Math.max(teaching.durableTold, teaching.acknowledged) >= Math.min(sentTo, durable)) return;
    launch(turn, teaching.learner, { kind: 'replicate', shard: shardId, committed, durable, entries: [] });
  }
  const progressAtMs = isIdle ? turn.now : teaching.progressAtMs;
  change(turn, shardId, { sentTo, durableTold: durable, sentAtMs: turn.now, progressAtMs });
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
}

/** The chains timer, for a tail that teaches: what was lost is sent again; who stalls the shard is given up. */
export function sweepTeaching(turn: Turn, shardId: ShardId): void {
  const { teaching } = shardOfTurn(turn, shardId);
  if (teaching === undefined || placeIn(turn, shardId)?.isTail !== true) return;
  wakeBy(turn, 'chains', turn.now + revolutionMs(turn));
  const { holdMs } = turn.state.limits;
  const isHeldUp = teaching.holdSinceMs > 0 && teaching.acknowledged < durableTo(turn, shardId);
  if (isHeldUp && !teaching.isStalled && turn.now - teaching.progressAtMs >= holdMs) {
    change(turn, shardId, { isStalled: true });
    tell(turn, { fact: 'learner-stalled', shard: shardId, learner: teaching.learner });
    changeMembership(turn, { ready: readyLearners(turn), stalled: stalledLearners(turn) });
  }
  if (teaching.sentTo <= teaching.acknowledged || turn.now - teaching.sentAtMs < revolutionMs(turn)) return;
  feed(turn, shardId, true);
}
