/**
 * Wants: how a reader's server learns, without any clock, what a path holds now. A want makes one full revolution in
 * one epoch; the tail of the path's chain stamps it. A server that is cut off, or lives in an old view, cannot bring
 * one home (brief §3.5).
 */

import { board } from '../carousel/boarding.js';
import { placeIn, shardOfTurn } from '../chain/shards.js';
import { chunkCount, type FileRecord } from '../file.js';
import type { Stamp, Want } from '../frame.js';
import { compareEntryIds, type EntryId, type RequestId } from '../ids.js';
import { Queue } from '../queue.js';
import { NO_RANGES, type Ranges } from '../ranges.js';
import type { JoinedWant, OwnWant, Reader } from '../reads-state.js';
import { SortedMap } from '../sorted-map.js';
import { revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { nearestHolder, shardOf } from '../view/view.js';
import { knownFile } from './at-hand.js';
import { changeReader, changeReads, finishReader, readerOf } from './readers.js';
import { open } from './readings.js';

/** This reader needs a want: it goes off next, or when the one under way is home. The reader must not ride on that one, which
 * may have been stamped before it asked. */
export function queue(turn: Turn, reader: Reader): void {
  const { path, request } = reader;
  changeReader(turn, reader, { by: 'want' });
  const { queued, unconfirmed } = turn.state.reads;
  changeReads(turn, {
    queued: queued.set(path, [...(queued.get(path) ?? []), request]),
    unconfirmed: unconfirmed.delete(request),
  });
  requireQueued(turn, path);
}

function requireWant(turn: Turn, path: string): void {
  const { required } = turn.state.reads;
  if (!required.has(path)) changeReads(turn, { required: required.set(path, true) });
}

/** Asks for a want for everybody who waits for this path, unless one is under way. */
function requireQueued(turn: Turn, path: string): void {
  const { queued, wants } = turn.state.reads;
  if (queued.has(path) && !wants.has(path)) requireWant(turn, path);
}

/** Wants that have been waiting for a shuttle. @param most so many of them; the others wait on */
export function takeRequired(turn: Turn, most: number): readonly Want[] {
  const { required } = turn.state.reads;
  const taken: Want[] = [];
  for (const path of required.keys()) {
    if (taken.length >= most) break;
    changeReads(turn, { required: turn.state.reads.required.delete(path) });
    const own = ownWant(turn, path);
    if (own !== undefined) taken.push(visitWant(turn, setOff(turn, own)));
  }
  return taken;
}

/** The want of this path, which has to be sent again, or is new. */
function ownWant(turn: Turn, path: string): OwnWant | undefined {
  const { reads } = turn.state;
  const former = reads.wants.get(path);
  const readers = reads.queued.get(path);
  if (former !== undefined || readers === undefined) return former;
  const own: OwnWant = { id: reads.nextId, path, readers, known: knownFile(turn, path), sentAtMs: turn.now };
  changeReads(turn, { queued: reads.queued.delete(path), nextId: reads.nextId + 1 });
  return own;
}

function setOff(turn: Turn, own: OwnWant): Want {
  const { view, self, reads } = turn.state;
  const { id, path } = own;
  const copy = reads.nextId;
  changeReads(turn, { wants: reads.wants.set(path, { ...own, sentAtMs: turn.now }), nextId: copy + 1 });
  const shard = shardOf(path, view.settings.shards);
  const need = placeIn(turn, shard) === undefined ? neededBytes(turn, own.readers) : undefined;
  const seen = reads.seen.get(nearestHolder(view, shard, self) ?? '') ?? 0;
  const known = own.known?.version;
  return { origin: self, id, copy, path, shard, known, stamp: undefined, awaitedBy: [self], need, seen };
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
function visitWant(turn: Turn, frame: Want): Want {
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
  const file = knownFile(turn, path);
  // What only its sender knows is no answer for those who have joined it.
  const known = isVersion(file, frame.known) ? file : undefined;
  changeReads(turn, {
    queued: reads.queued.delete(path),
    joined: reads.joined.set(joinKey(frame), { origin, id, path, readers, known, joinedAtMs: turn.now }),
  });
  tell(turn, { fact: 'want-joined', path, origin });
  return { ...frame, known: known?.version, awaitedBy: [...frame.awaitedBy, self] };
}

function isVersion(file: FileRecord | undefined, version: EntryId | undefined): boolean {
  return file !== undefined && version !== undefined && compareEntryIds(file.version, version) === 0;
}

const joinKey = (frame: Want): string => `${frame.origin}/${frame.copy}`;

/** The tail says what is committed. */
function stamp(turn: Turn, frame: Want): Want {
  if (frame.stamp !== undefined || placeIn(turn, frame.shard)?.isTail !== true) return frame;
  const file = shardOfTurn(turn, frame.shard).files.get(frame.path);
  tell(turn, { fact: 'want-stamped', path: frame.path, origin: frame.origin });
  return { ...frame, stamp: isVersion(file, frame.known) ? { holds: 'known' } : { holds: 'other', file } };
}

/**
 * The last member of the chain that a stamped want passes on its way home boards the first window behind it: what is
 * committed is on every member, and from there the bytes cross the fewest links.
 */
function boardBehind(turn: Turn, frame: Want, stamp: Stamp): void {
  const { view, self } = turn.state;
  const { shard, origin, seen } = frame;
  if (stamp.holds === 'known' || stamp.file === undefined || nearestHolder(view, shard, origin) !== self) return;
  const { upload } = stamp.file.manifest;
  for (const range of boardedBehind(turn, frame)) {
    board(turn, { shard, upload, range, reader: origin, seen, again: false, isNew: true });
  }
}

/** The chunks that are boarded behind a stamped want: its sender and who boards them reckon alike. */
function boardedBehind(turn: Turn, frame: Want): Ranges {
  const { stamp, need } = frame;
  if (stamp?.holds !== 'other' || stamp.file === undefined || need === undefined) return NO_RANGES;
  const { manifest } = stamp.file;
  const from = Math.floor(need.fromByte / manifest.chunkBytes);
  const end = Math.min(chunkCount(manifest), Math.ceil(need.toByte / manifest.chunkBytes));
  const to = Math.min(end, from + turn.state.limits.readWindowChunks);
  return to > from ? [{ from, to }] : NO_RANGES;
}

/** A want that has made a full revolution for readers of this server. */
export interface HomeWant {
  readonly want: Want;
  readonly stamp: Stamp;
  readonly waiting: OwnWant | JoinedWant;
}

/**
 * A want comes to a server. If it was sent or joined here it has made a full revolution for our readers.
 * @param home takes it then, to be answered when the frame has gone on
 * @returns the want as it goes on; undefined: nobody waits for it any more.
 */
export function onWant(turn: Turn, frame: Want, home: HomeWant[]): Want | undefined {
  const { self } = turn.state;
  const isHome = frame.awaitedBy.includes(self);
  if (isHome) welcomeHome(turn, frame, home);
  const awaitedBy = isHome ? frame.awaitedBy.filter((member) => member !== self) : frame.awaitedBy;
  if (awaitedBy.length === 0) return undefined;
  return visitWant(turn, isHome ? { ...frame, awaitedBy } : frame);
}

function welcomeHome(turn: Turn, frame: Want, home: HomeWant[]): void {
  const { reads, self } = turn.state;
  if (frame.origin === self) {
    const want = reads.wants.get(frame.path);
    // An unstamped want met no tail: it is sent again when it is overdue, not at once and for ever.
    if (want === undefined || want.id !== frame.id || frame.stamp === undefined) return;
    changeReads(turn, { wants: reads.wants.delete(frame.path) });
    home.push({ want: frame, stamp: frame.stamp, waiting: want });
    requireQueued(turn, frame.path);
  } else {
    const joined = reads.joined.get(joinKey(frame));
    if (joined === undefined) return;
    changeReads(turn, { joined: reads.joined.delete(joinKey(frame)) });
    if (frame.stamp === undefined) requeue(turn, frame.path, joined.readers);
    else home.push({ want: frame, stamp: frame.stamp, waiting: joined });
  }
}

/** Without a want under way nothing needs to be remembered. */
function forgetGlimpsed(turn: Turn): void {
  const { wants, joined, glimpsed } = turn.state.reads;
  if (wants.size + joined.size === 0 && glimpsed.size > 0) changeReads(turn, { glimpsed: Queue.empty() });
}

/** Serves readers with what the tail said. */
export function answerHome(turn: Turn, home: readonly HomeWant[]): void {
  for (const { want, stamp, waiting } of home) {
    const file = stamp.holds === 'known' ? waiting.known : stamp.file;
    const boarded = want.origin === turn.state.self ? boardedBehind(turn, want) : NO_RANGES;
    for (const request of waiting.readers) {
      const reader = readerOf(turn, request);
      if (reader !== undefined) respond(turn, reader, file, boarded);
    }
  }
  if (home.length > 0) forgetGlimpsed(turn);
}

export function respond(turn: Turn, reader: Reader, file: FileRecord | undefined, boarded: Ranges): void {
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
export function requireAll(turn: Turn): void {
  for (const joined of turn.state.reads.joined.values()) requeue(turn, joined.path, joined.readers);
  changeReads(turn, { joined: SortedMap.empty(), seen: SortedMap.empty() });
  for (const path of turn.state.reads.wants.keys()) requireWant(turn, path);
  for (const path of turn.state.reads.queued.keys()) requireQueued(turn, path);
}

/** Wants that set off at this time or before were lost: they are to be sent again. */
export function requireOverdue(turn: Turn, overdueMs: number): void {
  for (const [key, joined] of turn.state.reads.joined.entries()) {
    if (joined.joinedAtMs > overdueMs) continue;
    changeReads(turn, { joined: turn.state.reads.joined.delete(key) });
    requeue(turn, joined.path, joined.readers);
  }
  for (const want of turn.state.reads.wants.values()) {
    const isAwaited = want.readers.some((request) => turn.state.reads.readers.has(request));
    if (!isAwaited) changeReads(turn, { wants: turn.state.reads.wants.delete(want.path) });
    else if (want.sentAtMs <= overdueMs) requireWant(turn, want.path);
  }
  for (const path of turn.state.reads.queued.keys()) requireQueued(turn, path);
}
