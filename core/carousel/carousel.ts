/**
 * The carousel: riders that come home are sent round again or parked; idle capacity carries files for nobody yet;
 * holders answer fetches. Everything here gives way to uploads and to readers who wait.
 */

import { pin } from '../chain/held.js';
import { isHopeless, mend } from '../chain/mending.js';
import { placeIn } from '../chain/shards.js';
import type { Chunk } from '../file.js';
import { chunkCount } from '../file.js';
import type { ChunkFrame, Fetch } from '../frame.js';
import type { MemberId, ShardId, UploadId } from '../ids.js';
import { countOf, hasIndex } from '../ranges.js';
import { pass, waitingFrames } from '../stream/flow.js';
import { isLinked, launch, put, routed, setTimer, type Turn, tell, wakeBy } from '../turn.js';
import { board, boardRead, changeCarousel, chunkKey, enter } from './boarding.js';
import { bar, endTurn, levelOf } from './heat.js';

/** A reader's server, or a chain member that lacks chunks, asks for them. */
export function onFetch(turn: Turn, frame: Fetch): void {
  const { upload, shard } = frame;
  if (frame.purpose === 'repair') {
    // An entry server outside the chain says nothing of what others may have.
    if (giveOwn(turn, frame) || placeIn(turn, shard) === undefined) return;
  }
  if (!pin(turn, upload)) {
    launch(turn, frame.origin, { kind: 'gone', upload });
    return;
  }
  for (const range of frame.ranges) {
    if (frame.purpose === 'read') {
      board(turn, { shard, upload, range, reader: frame.origin, seen: frame.seen, again: frame.again, isNew: false });
      continue;
    }
    for (let index = range.from; index < range.to; index++) {
      if (isHopeless(turn, upload, index)) {
        launch(turn, frame.origin, { kind: 'gone', upload });
        return;
      }
      const { carousel, limits } = turn.state;
      if (carousel.repairs.size >= limits.boardingsMax) return;
      changeCarousel(turn, { repairs: carousel.repairs.set(chunkKey(upload, index), { shard, to: frame.origin }) });
      put(turn, { kind: 'read-chunk', upload, index });
    }
  }
}

/** Of what our client is writing: no disk may have it. @returns whether it is all that was asked for */
function giveOwn(turn: Turn, { origin, shard, upload, ranges }: Fetch): boolean {
  for (const { upload: own, window } of turn.state.operations.values()) {
    if (own !== upload) continue;
    const chunks = [...window.values()].filter(({ index }) => hasIndex(ranges, index));
    if (chunks.length < countOf(ranges)) return false;
    for (const chunk of chunks) sendRepair(turn, origin, shard, chunk);
    return true;
  }
  return false;
}

function sendRepair(turn: Turn, to: MemberId, shard: ShardId, chunk: Chunk): void {
  launch(turn, to, { kind: 'chunk', purpose: 'repair', shard, chunk, boarding: 0, served: 0 });
}

/** The store answers: whoever of ours waits for this chunk gets it. */
export function onChunkRead(turn: Turn, upload: UploadId, index: number, chunk: Chunk | undefined): void {
  if (chunk === undefined) mend(turn, upload, index, 'chunk-rotten');
  const key = chunkKey(upload, index);
  const { reading, repairs } = turn.state.carousel;
  const repair = repairs.get(key);
  if (repair !== undefined) {
    changeCarousel(turn, { repairs: repairs.delete(key) });
    const { shard, to } = repair;
    if (chunk !== undefined) sendRepair(turn, to, shard, chunk);
  }
  const purpose = reading.get(key);
  if (purpose === undefined) return;
  changeCarousel(turn, { reading: reading.delete(key) });
  if (purpose === 'board') boardRead(turn, key, chunk);
  else if (chunk !== undefined) ride(turn, turn.state.carousel.idleAt.shard, chunk);
}

/** Puts a chunk on the stream for one turn of the ring, behind everything else. */
function ride(turn: Turn, shard: ShardId, chunk: Chunk): void {
  const { self } = turn.state;
  const key = chunkKey(chunk.upload, chunk.index);
  const boarding = { shard, upload: chunk.upload, index: chunk.index, lastStop: self, number: 0 };
  const number = enter(turn, key, boarding);
  tell(turn, { fact: 'boarded', upload: chunk.upload, index: chunk.index, idle: true });
  pass(
    turn,
    routed(turn, self, { kind: 'chunk', purpose: 'rider', shard, chunk, boarding: number, served: 0 }),
    'idle',
  );
}

/** One of our riders has gone all the way round: another turn, or off the stream. */
export function onRiderHome(turn: Turn, frame: ChunkFrame): void {
  const { upload, index } = frame.chunk;
  // The first chunk stands for the file: with it a turn is over.
  if (index === 0) endTurn(turn, upload);
  const heat = levelOf(turn, upload);
  const isCurrent = turn.state.held.get(upload)?.phase === 'kept';
  if (isCurrent && heat >= bar(turn) && placeIn(turn, frame.shard)?.isTail === true) {
    tell(turn, { fact: 'another-turn', upload, index, heat });
    ride(turn, frame.shard, frame.chunk);
    return;
  }
  const key = chunkKey(upload, index);
  const { boardings } = turn.state.carousel;
  if (boardings.get(key)?.number === frame.boarding) changeCarousel(turn, { boardings: boardings.delete(key) });
  tell(turn, { fact: 'parked', upload, index });
}

function idleMs(turn: Turn): number {
  return turn.state.limits.idleChunkMs * turn.state.view.ring.length;
}

export function onView(turn: Turn): void {
  if (isLinked(turn) && turn.state.limits.idleChunkMs > 0) setTimer(turn, 'idle', turn.now + idleMs(turn));
}

/** The idle timer: the stream never stops, but it is unhurried when nobody waits. */
export function rideIdly(turn: Turn): void {
  if (!isLinked(turn)) return;
  wakeBy(turn, 'idle', turn.now + idleMs(turn));
  const { stream, carousel, limits } = turn.state;
  if (stream.transit.size + waitingFrames(stream) + carousel.waiting.size > 0) return;
  // A slow disk has enough to read for those who wait.
  if (carousel.reading.size >= limits.boardingReadsMax) return;
  const next = nextIdle(turn);
  if (next === undefined) return;
  const key = chunkKey(next.upload, next.index);
  if (carousel.reading.has(key)) return;
  changeCarousel(turn, {
    idleAt: { shard: next.shard, path: next.path, index: next.index + 1 },
    reading: carousel.reading.set(key, 'idle'),
  });
  put(turn, { kind: 'read-chunk', upload: next.upload, index: next.index });
}

interface IdleChunk {
  readonly shard: ShardId;
  readonly path: string;
  readonly upload: UploadId;
  readonly index: number;
}

/** The next chunk of the next file, over all files whose tail we are, and round again. */
function nextIdle(turn: Turn): IdleChunk | undefined {
  const { shards, carousel } = turn.state;
  const { idleAt } = carousel;
  for (const [shard, { files }] of shards.entries(idleAt.shard)) {
    if (placeIn(turn, shard)?.isTail !== true) continue;
    const isSame = shard === idleAt.shard;
    for (const [path, { manifest }] of files.entries(isSame ? idleAt.path : undefined)) {
      const index = isSame && path === idleAt.path ? idleAt.index : 0;
      if (index < chunkCount(manifest)) return { shard, path, upload: manifest.upload, index };
    }
  }
  changeCarousel(turn, { idleAt: { shard: 0, path: '', index: 0 } });
  return undefined;
}
