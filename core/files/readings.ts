/**
 * Readings: versions being read by clients of this server, and the chunks they get: from the store where this server
 * is in the chain, else from the stream as they pass, else by asking the nearest holder (brief §3.5.4).
 * A reader that cannot keep up loses its catch and asks again; it never slows the stream.
 */

import { pin } from '../chain/held.js';
import { placeIn } from '../chain/shards.js';
import { copyOfReading } from '../copies.js';
import type { Chunk, FileRecord } from '../file.js';
import type { ChunkFrame } from '../frame.js';
import type { RequestId, ShardId, UploadId } from '../ids.js';
import { type Range, type Ranges, rangesOf } from '../ranges.js';
import type { JoinedWant, OwnWant, Reader, Reading } from '../reads-state.js';
import { SortedMap } from '../sorted-map.js';
import { launch, put, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { nearestHolder, shardOf, tailOf } from '../view/view.js';
import { keepIfAtHand, momentNow } from './at-hand.js';
import { keptFile } from './kept.js';
import { changeReader, changeReads, finishReader, readerOf } from './readers.js';

function changeReading(turn: Turn, reading: Reading, change: Partial<Reading>): void {
  const changed = Object.assign(copyOfReading(reading), change);
  changeReads(turn, { readings: turn.state.reads.readings.set(reading.upload, changed) });
}

/**
 * The version is known: tell the client its head and begin to gather its chunks.
 * @param boarded chunks that the nearest holder has put on the stream behind the want
 */
export function open(turn: Turn, reader: Reader, file: FileRecord, boarded: Ranges): void {
  const { manifest, version } = file;
  const { request, from } = reader;
  const toByte = Math.min(reader.to ?? manifest.length, manifest.length);
  if (from > toByte || (from === toByte && from > 0)) {
    finishReader(turn, request, { result: 'refused', code: 'bad-range' });
    return;
  }
  put(turn, { kind: 'client-file', request, version, manifest, fromByte: from, toByte });
  if (toByte === from) {
    finishReader(turn, request, { result: 'delivered' });
    return;
  }
  const { upload, chunkBytes } = manifest;
  const next = Math.floor(from / chunkBytes);
  const end = Math.ceil(toByte / chunkBytes);
  changeReader(turn, reader, { to: toByte, next, end, upload, activeAtMs: turn.now });
  const known = turn.state.reads.readings.get(upload);
  const shard = shardOf(reader.path, turn.state.view.settings.shards);
  const asOf = momentNow(turn, shard);
  const reading = known ?? {
    upload,
    shard,
    file,
    asOf,
    readers: [],
    caught: SortedMap.empty(),
    asked: SortedMap.empty(),
  };
  let { asked, caught } = reading;
  for (const chunk of turn.state.reads.glimpsed) {
    if (chunk.upload === upload) caught = caught.set(chunk.index, chunk);
  }
  const kept = keptFile(turn, reader.path)?.chunk;
  if (kept?.upload === upload) caught = caught.set(kept.index, kept);
  for (const range of boarded)
    for (let index = range.from; index < range.to; index++) asked = asked.set(index, turn.now);
  changeReading(turn, reading, { asOf, asked, caught, readers: [...reading.readers, request] });
  serveReading(turn, upload);
}

/** Delivers what is there, forgets what nobody needs, asks for what is missing. */
export function serveReading(turn: Turn, upload: UploadId): void {
  const reading = turn.state.reads.readings.get(upload);
  if (reading === undefined) return;
  if (reading.caught.size > 0) for (const request of reading.readers) deliver(turn, reading, request);
  const left = turn.state.reads.readings.get(upload);
  if (left === undefined) return;
  const readers = readersOf(turn, left);
  let { caught } = left;
  for (const index of left.caught.keys()) if (!isAhead(readers, index)) caught = caught.delete(index);
  if (caught !== left.caught) changeReading(turn, left, { caught });
  ask(turn, upload, windowsOf(turn, readers));
}

function readersOf(turn: Turn, reading: Reading): readonly Reader[] {
  return reading.readers.map((request) => readerOf(turn, request) as Reader);
}

/** Whether some reader has this chunk still before it. */
function isAhead(readers: readonly Reader[], index: number): boolean {
  return readers.some((reader) => index >= reader.next && index < reader.end);
}

/** What the readers need next, merged: chunks that are asked for. */
function windowsOf(turn: Turn, readers: readonly Reader[]): Ranges {
  const { readWindowChunks } = turn.state.limits;
  const windows = readers.map(({ next, end }) => ({ from: next, to: Math.min(end, next + readWindowChunks) }));
  windows.sort((a, b) => a.from - b.from);
  const merged: Range[] = [];
  for (const window of windows) {
    const last = merged[merged.length - 1];
    if (last === undefined || window.from > last.to) merged.push(window);
    else if (window.to > last.to) merged[merged.length - 1] = { from: last.from, to: window.to };
  }
  return merged;
}

/**
 * Whether a passing chunk is worth keeping: always inside a reader's window; further ahead while there is room, so
 * that readers who came late need only what they missed, not a stream of their own.
 */
function isWanted(turn: Turn, reading: Reading, index: number): boolean {
  const { readWindowChunks, catchAheadChunks } = turn.state.limits;
  const readers = readersOf(turn, reading);
  if (!isAhead(readers, index)) return false;
  if (readers.some(({ next, end }) => index >= next && index < Math.min(end, next + readWindowChunks))) return true;
  let held = 0;
  for (const { caught } of turn.state.reads.readings.values()) held += caught.size;
  return held < catchAheadChunks;
}

function deliver(turn: Turn, reading: Reading, request: RequestId): void {
  const { chunkBytes } = reading.file.manifest;
  for (;;) {
    const reader = readerOf(turn, request);
    if (reader === undefined || reader.credits === 0) return;
    const chunk = reading.caught.get(reader.next);
    if (chunk === undefined) return;
    const start = reader.next * chunkBytes;
    const from = Math.max(0, reader.from - start);
    const to = Math.min(chunk.length, (reader.to as number) - start);
    put(turn, { kind: 'client-data', request, chunk, from, to });
    keepIfAtHand(turn, reader.path, reading, chunk);
    const next = reader.next + 1;
    changeReader(turn, reader, { next, credits: reader.credits - 1, activeAtMs: turn.now });
    if (next === reader.end) finishReader(turn, request, { result: 'delivered' });
  }
}

/** Asks the store or the nearest holder for chunks that are neither here nor on their way. */
function ask(turn: Turn, upload: UploadId, windows: Ranges): void {
  const reading = turn.state.reads.readings.get(upload) as Reading;
  const overdueMs = turn.now - revolutionMs(turn);
  const missing: number[] = [];
  let underWay = 0;
  let again = false;
  for (const window of windows) {
    for (let index = window.from; index < window.to; index++) {
      if (reading.caught.has(index)) continue;
      const askedAt = reading.asked.get(index);
      if (askedAt === undefined || askedAt <= overdueMs) missing.push(index);
      else underWay++;
      again ||= askedAt !== undefined && askedAt <= overdueMs;
    }
  }
  if (missing.length === 0) return;
  const isLocal = placeIn(turn, reading.shard) !== undefined && pin(turn, upload);
  // A fetch goes round the ring: half a window at a time is worth the way.
  if (!isLocal && underWay > 0 && missing.length * 2 < turn.state.limits.readWindowChunks) return;
  let { asked } = reading;
  for (const index of missing) {
    asked = asked.set(index, turn.now);
    if (isLocal) put(turn, { kind: 'read-chunk', upload, index });
  }
  changeReading(turn, reading, { asked });
  wakeBy(turn, 'reads', turn.now + revolutionMs(turn));
  if (isLocal) return;
  const { shard } = reading;
  const { view, self } = turn.state;
  const holder = nearestHolder(view, shard, self) ?? tailOf(view, shard);
  if (holder === undefined) return;
  const seen = turn.state.reads.seen.get(holder) ?? 0;
  launch(turn, holder, { kind: 'fetch', purpose: 'read', shard, upload, ranges: rangesOf(missing), seen, again });
}

/** A chunk passes: readers here may have it. @returns whether some did. */
export function catchChunk(turn: Turn, frame: ChunkFrame): boolean {
  const { chunk, purpose, origin, boarding } = frame;
  const { reads } = turn.state;
  if (purpose === 'rider' && frame.epoch === turn.state.view.epoch) {
    // Idle riders are overtaken by others with later numbers: the highest counts.
    changeReads(turn, { seen: reads.seen.set(origin, Math.max(boarding, reads.seen.get(origin) ?? 0)) });
  }
  glimpse(turn, frame);
  const caught = take(turn, chunk);
  if (caught) tell(turn, { fact: 'caught', upload: chunk.upload, index: chunk.index });
  return caught;
}

/** A want under way may be about to name this version to further readers, whose holder says that its chunks are to come. */
function glimpse(turn: Turn, { purpose, shard, chunk }: ChunkFrame): void {
  const { reads, limits } = turn.state;
  if (purpose !== 'rider' || reads.wants.size + reads.joined.size === 0) return;
  const isForOne = (want: OwnWant | JoinedWant): boolean => mayBeginWith(turn, want, shard, chunk.index);
  if (![...reads.wants.values()].some(isForOne) && ![...reads.joined.values()].some(isForOne)) return;
  const glimpsed = reads.glimpsed.push(chunk);
  changeReads(turn, { glimpsed: glimpsed.size > limits.readWindowChunks ? glimpsed.shift() : glimpsed });
}

/** Whether a reader of this want is to have such a chunk among its first. */
function mayBeginWith(turn: Turn, { path, readers }: OwnWant | JoinedWant, shard: ShardId, index: number): boolean {
  const { view, limits } = turn.state;
  if (shardOf(path, view.settings.shards) !== shard) return false;
  return readers.some((request) => {
    const first = Math.floor((readerOf(turn, request)?.from ?? 0) / view.settings.chunkBytes);
    return index >= first && index < first + limits.readWindowChunks;
  });
}

/** A chunk is at hand, from the stream or the store. @returns whether a reader here needed it. */
export function take(turn: Turn, chunk: Chunk): boolean {
  const reading = turn.state.reads.readings.get(chunk.upload);
  if (reading === undefined || reading.caught.has(chunk.index) || !isWanted(turn, reading, chunk.index)) return false;
  changeReading(turn, reading, {
    caught: reading.caught.set(chunk.index, chunk),
    asked: reading.asked.delete(chunk.index),
  });
  serveReading(turn, chunk.upload);
  return true;
}

/** The store answers; what it cannot give comes as a repair from another holder. */
export function onChunkRead(turn: Turn, chunk: Chunk | undefined): void {
  if (chunk !== undefined) take(turn, chunk);
}

/** The bytes of this version are no more: its answers are cut, never mixed with another's. */
export function onGone(turn: Turn, upload: UploadId): void {
  for (const request of turn.state.reads.readings.get(upload)?.readers ?? []) {
    finishReader(turn, request, { result: 'refused', code: 'version-gone' });
  }
}

/** The client of a get takes more. */
export function onClientReady(turn: Turn, request: RequestId, chunks: number): void {
  const reader = readerOf(turn, request);
  if (reader === undefined) return;
  changeReader(turn, reader, { credits: reader.credits + chunks, activeAtMs: turn.now });
  if (reader.upload !== undefined) serveReading(turn, reader.upload);
}

/** A new view: whatever was on its way is not. */
export function onView(turn: Turn): void {
  for (const reading of turn.state.reads.readings.values()) {
    changeReading(turn, reading, { asked: SortedMap.empty() });
    serveReading(turn, reading.upload);
  }
}

/** The reads timer, for chunks that were asked for in vain. */
export function sweepReadings(turn: Turn): void {
  for (const upload of turn.state.reads.readings.keys()) serveReading(turn, upload);
}
