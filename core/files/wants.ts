/**
 * Wants: how a reader's server learns, without any clock, what a path holds now. A want makes one full revolution in
 * one epoch; the tail of the path's chain stamps it. A server that is cut off, or lives in an old view, cannot bring
 * one home (brief §3.5).
 */

import { board } from '../carousel/boarding.js';
import { placeIn, shardOfTurn } from '../chain/shards.js';
import { chunkCount, type FileRecord } from '../file.js';
import type { Stamp, Want } from '../frame.js';
import type { RequestId } from '../ids.js';
import { Queue } from '../queue.js';
import { NO_RANGES, type Ranges } from '../ranges.js';
import type { OwnWant, Reader } from '../reads-state.js';
import { SortedMap } from '../sorted-map.js';
import { launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { nearestHolder, shardOf } from '../view/view.js';
import { changeReads, finishReader, readerOf } from './readers.js';
import { open } from './readings.js';

/** A new reader: its want goes off now, or when the one under way is home. It must not ride on that one, which may
 * have been stamped before this reader asked. */
export function queueReader(turn: Turn, reader: Reader): void {
  const { reads } = turn.state;
  const waiting = reads.queued.get(reader.path) ?? [];
  changeReads(turn, {
    readers: reads.readers.set(reader.request, reader),
    queued: reads.queued.set(reader.path, [...waiting, reader.request]),
  });
  wakeBy(turn, 'reads', turn.now + revolutionMs(turn));
  sendQueued(turn, reader.path);
}

/** Sends a want for everybody who waits for this path, unless one is under way. */
function sendQueued(turn: Turn, path: string): void {
  const { reads } = turn.state;
  const readers = reads.queued.get(path);
  if (readers === undefined || reads.wants.has(path)) return;
  const want: OwnWant = { id: reads.nextId, path, readers, sentAtMs: turn.now };
  changeReads(turn, {
    queued: reads.queued.delete(path),
    wants: reads.wants.set(path, want),
    nextId: reads.nextId + 1,
  });
  sendWant(turn, want);
}

function sendWant(turn: Turn, want: OwnWant): void {
  const { view, self, reads } = turn.state;
  const shard = shardOf(want.path, view.settings.shards);
  const copy = reads.nextId;
  changeReads(turn, { wants: reads.wants.set(want.path, { ...want, sentAtMs: turn.now }), nextId: copy + 1 });
  const { id, path } = want;
  const need = placeIn(turn, shard) === undefined ? neededBytes(turn, want.readers) : undefined;
  const seen = reads.seen.get(nearestHolder(view, shard, self) ?? '') ?? 0;
  launch(turn, self, { kind: 'want', id, copy, path, shard, stamp: undefined, awaitedBy: [self], need, seen });
}

/** The bytes that the first of these readers begins with. */
function neededBytes(turn: Turn, readers: readonly RequestId[]): Want['need'] {
  for (const request of readers) {
    const reader = readerOf(turn, request);
    if (reader?.kind !== 'get') continue;
    return { fromByte: reader.from, toByte: reader.to ?? Number.MAX_SAFE_INTEGER };
  }
  return undefined;
}

/** A want passes (or sets off). @returns the want as it goes on. */
export function visitWant(turn: Turn, frame: Want): Want {
  const stamped = stamp(turn, join(turn, frame));
  if (stamped.stamp !== undefined) boardBehind(turn, stamped, stamped.stamp);
  return stamped;
}

/** Our readers of this path may use a want that nobody has stamped yet, and need a full revolution of it from here. */
function join(turn: Turn, frame: Want): Want {
  const { reads, self, limits } = turn.state;
  const readers = reads.queued.get(frame.path);
  if (readers === undefined || frame.origin === self || reads.joined.has(joinKey(frame))) return frame;
  if (frame.stamp !== undefined || frame.awaitedBy.length >= limits.wantSharersMax) return frame;
  const { origin, id, path } = frame;
  changeReads(turn, {
    queued: reads.queued.delete(path),
    joined: reads.joined.set(joinKey(frame), { origin, id, path, readers, joinedAtMs: turn.now }),
  });
  tell(turn, { fact: 'want-joined', path, origin });
  return { ...frame, awaitedBy: [...frame.awaitedBy, self] };
}

const joinKey = (frame: Want): string => `${frame.origin}/${frame.copy}`;

/** The tail says what is committed. */
function stamp(turn: Turn, frame: Want): Want {
  if (frame.stamp !== undefined || placeIn(turn, frame.shard)?.isTail !== true) return frame;
  const file = shardOfTurn(turn, frame.shard).files.get(frame.path);
  tell(turn, { fact: 'want-stamped', path: frame.path, origin: frame.origin });
  return { ...frame, stamp: { file } };
}

/**
 * The last member of the chain that a stamped want passes on its way home boards the first window behind it: what is
 * committed is on every member, and from there the bytes cross the fewest links.
 */
function boardBehind(turn: Turn, frame: Want, { file }: Stamp): void {
  const { view, self } = turn.state;
  const { shard, origin, seen } = frame;
  if (frame.need === undefined || file === undefined || nearestHolder(view, shard, origin) !== self) return;
  for (const range of boardedBehind(turn, frame, file)) {
    board(turn, { shard, upload: file.manifest.upload, range, reader: origin, seen, again: false, isNew: true });
  }
}

/** The chunks that are boarded behind a stamped want: its sender and who boards them reckon alike. */
function boardedBehind(turn: Turn, frame: Want, file: FileRecord | undefined): Ranges {
  if (file === undefined || frame.need === undefined) return NO_RANGES;
  const { manifest } = file;
  const from = Math.floor(frame.need.fromByte / manifest.chunkBytes);
  const end = Math.min(chunkCount(manifest), Math.ceil(frame.need.toByte / manifest.chunkBytes));
  const to = Math.min(end, from + turn.state.limits.readWindowChunks);
  return to > from ? [{ from, to }] : NO_RANGES;
}

/**
 * A want comes to a server. If it was sent or joined here it has made a full revolution for our readers, and they are
 * served. @returns the want as it goes on; undefined: nobody waits for it any more.
 */
export function onWant(turn: Turn, frame: Want): Want | undefined {
  const { self } = turn.state;
  const isHome = frame.awaitedBy.includes(self);
  if (isHome) welcomeHome(turn, frame);
  const awaitedBy = isHome ? frame.awaitedBy.filter((member) => member !== self) : frame.awaitedBy;
  if (awaitedBy.length === 0) return undefined;
  return visitWant(turn, isHome ? { ...frame, awaitedBy } : frame);
}

function welcomeHome(turn: Turn, frame: Want): void {
  const { reads, self } = turn.state;
  if (frame.origin === self) {
    const want = reads.wants.get(frame.path);
    if (want === undefined || want.id !== frame.id) return;
    changeReads(turn, { wants: reads.wants.delete(frame.path) });
    answer(turn, frame, want.readers);
    // An unstamped want met no tail: asking again at once would go on for ever in a ring of one.
    if (frame.stamp !== undefined) sendQueued(turn, frame.path);
  } else {
    const joined = reads.joined.get(joinKey(frame));
    if (joined === undefined) return;
    changeReads(turn, { joined: reads.joined.delete(joinKey(frame)) });
    answer(turn, frame, joined.readers);
  }
  forgetGlimpsed(turn);
}

/** Without a want under way nothing needs to be remembered. */
function forgetGlimpsed(turn: Turn): void {
  const { wants, joined, glimpsed } = turn.state.reads;
  if (wants.size + joined.size === 0 && glimpsed.size > 0) changeReads(turn, { glimpsed: Queue.empty() });
}

/** Serves readers with what the tail said; an unstamped want met no tail, and is asked again in time. */
function answer(turn: Turn, frame: Want, readers: readonly RequestId[]): void {
  if (frame.stamp === undefined) {
    requeue(turn, frame.path, readers);
    return;
  }
  const { file } = frame.stamp;
  const boarded = frame.origin === turn.state.self ? boardedBehind(turn, frame, file) : NO_RANGES;
  for (const request of readers) {
    const reader = readerOf(turn, request);
    if (reader !== undefined) respond(turn, reader, file, boarded);
  }
}

function respond(turn: Turn, reader: Reader, file: FileRecord | undefined, boarded: Ranges): void {
  if (file === undefined) finishReader(turn, reader.request, { result: 'absent' });
  else if (reader.kind === 'stat') finishReader(turn, reader.request, { result: 'found', file });
  else open(turn, reader, file, boarded);
}

/**
 * For a reader that takes what was current a while ago: a member of the chain says at once what it knows to be committed,
 * also while no want can come home. @returns false: this server is none.
 */
export function answerAsKnown(turn: Turn, reader: Reader): boolean {
  const { reads, view } = turn.state;
  const shard = shardOf(reader.path, view.settings.shards);
  if (placeIn(turn, shard) === undefined) return false;
  changeReads(turn, { readers: reads.readers.set(reader.request, reader) });
  wakeBy(turn, 'reads', turn.now + revolutionMs(turn));
  respond(turn, reader, shardOfTurn(turn, shard).files.get(reader.path), NO_RANGES);
  return true;
}

function requeue(turn: Turn, path: string, readers: readonly RequestId[]): void {
  const { reads } = turn.state;
  const living = readers.filter((request) => reads.readers.has(request));
  if (living.length === 0) return;
  changeReads(turn, { queued: reads.queued.set(path, [...(reads.queued.get(path) ?? []), ...living]) });
}

/** A new view: what was under way counts for nothing. Wants keep their name: their epoch is what voids old copies. */
export function onView(turn: Turn): void {
  for (const joined of turn.state.reads.joined.values()) requeue(turn, joined.path, joined.readers);
  changeReads(turn, { joined: SortedMap.empty(), seen: SortedMap.empty() });
  for (const want of turn.state.reads.wants.values()) sendWant(turn, want);
  for (const path of turn.state.reads.queued.keys()) sendQueued(turn, path);
}

/** The reads timer, for wants: those that were lost are sent again. */
export function sweepWants(turn: Turn): void {
  const overdueMs = turn.now - revolutionMs(turn);
  for (const [key, joined] of turn.state.reads.joined.entries()) {
    if (joined.joinedAtMs > overdueMs) continue;
    changeReads(turn, { joined: turn.state.reads.joined.delete(key) });
    requeue(turn, joined.path, joined.readers);
  }
  for (const want of turn.state.reads.wants.values()) {
    const isAwaited = want.readers.some((request) => turn.state.reads.readers.has(request));
    if (!isAwaited) changeReads(turn, { wants: turn.state.reads.wants.delete(want.path) });
    else if (want.sentAtMs <= overdueMs) sendWant(turn, want);
  }
  for (const path of turn.state.reads.queued.keys()) sendQueued(turn, path);
}
