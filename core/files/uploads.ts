/**
 * The entry server's side of a put: chunks go clockwise to every member of the chain as they come from the client; a
 * marker behind each window collects what somebody misses; a window is kept until all of it is confirmed
 * (brief §3.4.1). Each byte crosses each link at most once, unless it was lost.
 */
import { expect, missingOfUpload, stage } from '../chain/held.js';
import { placeIn } from '../chain/shards.js';
import { lacksSpace } from '../chain/space.js';
import type { Chunk, Manifest } from '../file.js';
import type { Marker, Refusal } from '../frame.js';
import type { MemberId, RequestId } from '../ids.js';
import { missingIn, type Ranges, rangesOf } from '../ranges.js';
import { launch, put, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { isKeeper } from '../view/view.js';
import type { WriteOperation } from '../writes-state.js';
import { changeOperation, operationOf, refuseOperation } from './operations.js';
import { farthest, mayBeParcel, receiversOf } from './parcels.js';
import { propose } from './proposals.js';

function sendChunk(turn: Turn, operation: WriteOperation, chunk: Chunk, lastStop: MemberId | undefined): void {
  if (lastStop === undefined) return;
  const { shard } = operation;
  launch(turn, lastStop, { kind: 'chunk', purpose: 'upload', shard, chunk, boarding: 0, served: 0 });
}

function uploadOf(turn: Turn, request: RequestId): WriteOperation | undefined {
  const id = turn.state.requests.get(request);
  const operation = id === undefined ? undefined : operationOf(turn, id);
  return operation?.phase === 'uploading' ? operation : undefined;
}

/** The next piece of a body. */
export function onClientChunk(turn: Turn, request: RequestId, piece: Chunk): void {
  const operation = uploadOf(turn, request);
  if (operation === undefined || operation.manifest !== undefined) return;
  const { chunkBytes } = turn.state.view.settings;
  const { received, receivedBytes } = operation;
  const isInLine = piece.index === received && receivedBytes === received * chunkBytes;
  if (!isInLine || piece.length > chunkBytes || piece.length === 0) {
    refuseOperation(turn, operation, 'wrong-length');
    return;
  }
  const chunk: Chunk = { ...piece, upload: operation.upload };
  const isParcel = mayBeParcel(turn, chunk);
  if (isParcel) turn.state.parcels++;
  const taken = changeOperation(turn, operation, {
    isParcel,
    window: operation.window.set(chunk.index, chunk),
    received: received + 1,
    receivedBytes: receivedBytes + chunk.length,
    clientAtMs: turn.now,
  });
  if (placeIn(turn, operation.shard) !== undefined) stage(turn, operation.shard, chunk);
  // A parcel's bytes wait for the proposal that they go with.
  if (isParcel) return;
  sendChunk(turn, taken, chunk, farthest(turn, receiversOf(turn, taken.shard)));
  if (taken.received - taken.marked >= turn.state.limits.uploadWindowChunks) mark(turn, taken, taken.marked);
}

/** The body is complete: a small one is proposed at once, behind its chunks or with them; a large one when all is confirmed. */
export function onClientEnd(turn: Turn, request: RequestId, length: number, sha256: string): void {
  const operation = uploadOf(turn, request);
  if (operation === undefined || operation.manifest !== undefined) return;
  if (operation.receivedBytes !== length) {
    refuseOperation(turn, operation, 'wrong-length');
    return;
  }
  const { upload, contentType, modifiedMs } = operation;
  const { chunkBytes } = turn.state.view.settings;
  const manifest: Manifest = { upload, length, chunkBytes, sha256, contentType, modifiedMs };
  const ended = changeOperation(turn, operation, { manifest, clientAtMs: turn.now });
  if (ended.marked === 0) propose(turn, ended, 'data');
  else if (ended.received > ended.marked) mark(turn, ended, ended.marked);
  else proposeIfConfirmed(turn, ended);
}

function proposeIfConfirmed(turn: Turn, operation: WriteOperation): void {
  if (operation.manifest !== undefined && operation.confirmed === operation.received)
    propose(turn, operation, 'control');
}

/** Sends a marker behind everything sent so far. */
function mark(turn: Turn, operation: WriteOperation, from: number): void {
  const { shard, upload, received, operation: id } = operation;
  changeOperation(turn, operation, { marked: received, ringAtMs: turn.now });
  launch(turn, turn.state.self, { kind: 'marker', operation: id, shard, upload, from, to: received, missing: [] });
  wakeBy(turn, 'uploads', turn.now + revolutionMs(turn));
}

/** A marker passes a server: a chain member says what it misses. */
export function visitMarker(turn: Turn, frame: Marker): Marker {
  const { self, view } = turn.state;
  if (!isKeeper(view, frame.shard, self)) return frame;
  // A learner that has no room holds up nobody: it is taught when it has.
  if (turn.state.fullDisks.has(self) && placeIn(turn, frame.shard) === undefined) return frame;
  const ranges = missingOfUpload(turn, frame.upload, frame.from, frame.to);
  return ranges.length === 0 ? frame : { ...frame, missing: [...frame.missing, { member: self, ranges }] };
}

/** A marker is home: its window is confirmed, or what somebody misses is sent again, with another marker. */
export function onMarkerHome(turn: Turn, frame: Marker): void {
  const operation = operationOf(turn, frame.operation);
  if (operation === undefined || operation.upload !== frame.upload || operation.phase !== 'uploading') return;
  if (frame.missing.length > 0) {
    if (lacksSpace(turn, frame.shard)) {
      refuseOperation(turn, operation, 'no-space');
      return;
    }
    const members = frame.missing.map((one) => one.member);
    resendChunks(
      turn,
      operation,
      frame.missing.flatMap((one) => one.ranges),
      members,
    );
    const { shard, upload, from, to } = frame;
    changeOperation(turn, operation, { ringAtMs: turn.now });
    launch(turn, turn.state.self, { kind: 'marker', operation: frame.operation, shard, upload, from, to, missing: [] });
    return;
  }
  if (frame.to <= operation.confirmed) return;
  if (frame.from > operation.confirmed) {
    // Confirmation goes in order, and so do markers: the one before was lost or found a miss. Ask about both again,
    // behind whatever was sent again.
    markAgain(turn, operation);
    return;
  }
  let { window } = operation;
  for (let index = operation.confirmed; index < frame.to; index++) window = window.delete(index);
  const confirmed = changeOperation(turn, operation, { window, confirmed: frame.to, ringAtMs: turn.now });
  const { request } = operation;
  if (request !== undefined && operation.manifest === undefined) {
    put(turn, { kind: 'client-accept', request, chunks: frame.to - operation.confirmed });
  }
  proposeIfConfirmed(turn, confirmed);
}

/** Sends chunks of the window once more, as far as the farthest who misses some. */
export function resendChunks(
  turn: Turn,
  operation: WriteOperation,
  ranges: Ranges,
  members: readonly MemberId[],
): void {
  const indexes = new Set<number>();
  for (const range of ranges) for (let index = range.from; index < range.to; index++) indexes.add(index);
  const lastStop = farthest(turn, members);
  const isOurs = members.includes(turn.state.self);
  let count = 0;
  for (const [index, chunk] of operation.window.entries()) {
    if (!indexes.has(index)) continue;
    if (isOurs) takeOwn(turn, operation, chunk);
    sendChunk(turn, operation, chunk, lastStop);
    count++;
  }
  tell(turn, { fact: 'chunks-resent', upload: operation.upload, count });
}

/** We have come into the chain since the client sent this, or were taught without it. */
function takeOwn(turn: Turn, { shard, upload }: WriteOperation, chunk: Chunk): void {
  expect(turn, shard, upload);
  stage(turn, shard, chunk);
}

/** Asks again what of the unconfirmed part is missing: after a new view, or when a marker was lost. */
export function markAgain(turn: Turn, operation: WriteOperation): void {
  if (operation.received > operation.confirmed) mark(turn, operation, operation.confirmed);
  else proposeIfConfirmed(turn, operation);
}

/**
 * The head lacks chunks: they go again, with the proposal behind them, and to the whole chain: what the head missed in a
 * change of the view, the others mostly missed, too, and would ask for only after their grace.
 */
export function onMissingAtHead(turn: Turn, operation: WriteOperation, frame: Refusal): void {
  const have = rangesOf([...operation.window.keys()]);
  const isHere = frame.missing.every((range) => missingIn(have, range.from, range.to).length === 0);
  if (!isHere) {
    refuseOperation(turn, operation, 'unavailable');
    return;
  }
  resendChunks(turn, operation, frame.missing, receiversOf(turn, operation.shard));
  propose(turn, operation, 'data');
}
