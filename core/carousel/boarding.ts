/**
 * Holders put chunks of committed files on the stream for those who ask: each once for everybody who can still catch
 * it. The books say which chunk left under which number and how far it goes; a reader says which number it saw
 * last, so both know whether the chunk is yet to come by or has gone by (brief §3.5.4).
 */
import { copyOfCarousel } from '../copies.js';
import type { ChunkFrame } from '../frame.js';
import type { MemberId, ShardId, UploadId } from '../ids.js';
import type { Range } from '../ranges.js';
import type { Boarding, CarouselState } from '../state.js';
import { isRingOfOne, launch, put, type Turn, tell } from '../turn.js';
import { chainOf, distance, neighbour, tailOf } from '../view/view.js';
import { bar, levelOf, warm } from './heat.js';

export function changeCarousel(turn: Turn, change: Partial<CarouselState>): void {
  turn.state.carousel = Object.assign(copyOfCarousel(turn.state.carousel), change);
}

export const chunkKey = (upload: UploadId, index: number): string => `${upload}#${index}`;

export interface BoardingRequest {
  readonly shard: ShardId;
  readonly upload: UploadId;
  readonly range: Range;
  readonly reader: MemberId;
  /** Highest number of our boardings that the reader's server has seen. */
  readonly seen: number;
  readonly again: boolean;
  /** For readers that have just come, not for more of what is being read. */
  readonly isNew: boolean;
}

/** Somebody asks for chunks: those that will not pass its server anyway are put on the list. */
export function board(turn: Turn, request: BoardingRequest): void {
  if (isRingOfOne(turn) || request.reader === turn.state.self) return;
  const isBurst = warm(turn, request.upload, request.isNew);
  for (let index = request.range.from; index < request.range.to; index++) boardOne(turn, request, index, isBurst);
  readMore(turn);
}

function boardOne(turn: Turn, request: BoardingRequest, index: number, isBurst: boolean): void {
  const { carousel, limits } = turn.state;
  const key = chunkKey(request.upload, index);
  const known = carousel.boardings.get(key);
  const lastStop = isBurst ? farthestReader(turn, request, index) : request.reader;
  if (known !== undefined && known.number === 0) {
    const farther = reaches(turn, known.lastStop, lastStop) ? known.lastStop : lastStop;
    changeCarousel(turn, { boardings: carousel.boardings.set(key, { ...known, lastStop: farther }) });
    return;
  }
  const toCome = known !== undefined && known.number > request.seen && reaches(turn, known.lastStop, request.reader);
  if ((toCome && !request.again) || carousel.waiting.size >= limits.boardingsMax) return;
  const { shard, upload } = request;
  const boarding: Boarding = { shard, upload, index, lastStop, number: 0 };
  changeCarousel(turn, { boardings: carousel.boardings.set(key, boarding), waiting: carousel.waiting.push(key) });
}

/**
 * The last who may want it from us: the chain's next member clockwise has it itself, and serves those behind it. What is
 * hot enough to be sent round again by the tail goes all the way round, and the first chunk always does: with it turns
 * are counted.
 */
function farthestReader(turn: Turn, { shard, upload, reader }: BoardingRequest, index: number): MemberId {
  const { view, self } = turn.state;
  if (tailOf(view, shard) === self && (index === 0 || levelOf(turn, upload) >= bar(turn))) return self;
  const { members } = chainOf(view, shard);
  let farthest = reader;
  for (let steps = 1; steps < view.ring.length; steps++) {
    const { id } = neighbour(view, self, steps);
    if (members.includes(id)) break;
    if (distance(view, self, id) > distance(view, self, farthest)) farthest = id;
  }
  return farthest;
}

/** Whether a rider that goes as far as `lastStop` passes `member`. To ourselves: all the way round. */
function reaches(turn: Turn, lastStop: MemberId, member: MemberId): boolean {
  const { self, view } = turn.state;
  if (lastStop === self) return true;
  return member !== self && distance(view, self, lastStop) >= distance(view, self, member);
}

/** Reads the next chunks from the store, a few at a time: the list is long, memory is not. */
export function readMore(turn: Turn): void {
  const { limits } = turn.state;
  for (;;) {
    const { carousel, stream } = turn.state;
    const key = carousel.waiting.peek();
    if (key === undefined || carousel.reading.size + stream.insert.size >= limits.boardingReadsMax) return;
    changeCarousel(turn, { waiting: carousel.waiting.shift() });
    const boarding = carousel.boardings.get(key);
    if (boarding === undefined) continue;
    changeCarousel(turn, { reading: carousel.reading.set(key, 'board') });
    put(turn, { kind: 'read-chunk', upload: boarding.upload, index: boarding.index });
  }
}

/** The next number of a boarding, written into the books. */
export function enter(turn: Turn, key: string, boarding: Boarding): number {
  const { carousel, limits } = turn.state;
  const number = carousel.count + 1;
  let { boardings, sent } = carousel;
  boardings = boardings.set(key, { ...boarding, number });
  sent = sent.push(key);
  while (sent.size > limits.boardingsMax) {
    const oldest = sent.peek() as string;
    sent = sent.shift();
    // A key stands in the queue once for every time it was sent: only its last one forgets it. Number 0 waits again.
    const last = boardings.get(oldest)?.number ?? 0;
    if (last > 0 && last <= number - limits.boardingsMax) boardings = boardings.delete(oldest);
  }
  changeCarousel(turn, { count: number, boardings, sent });
  return number;
}

/** A chunk for the list was read: off it goes, to the farthest who has asked by now. */
export function boardRead(turn: Turn, key: string, chunk: ChunkFrame['chunk'] | undefined): void {
  const { carousel } = turn.state;
  const boarding = carousel.boardings.get(key);
  if (boarding === undefined) return;
  if (chunk === undefined) {
    changeCarousel(turn, { boardings: carousel.boardings.delete(key) });
    return;
  }
  const number = enter(turn, key, boarding);
  const { shard, lastStop } = boarding;
  tell(turn, { fact: 'boarded', upload: chunk.upload, index: chunk.index, idle: false });
  launch(turn, lastStop, { kind: 'chunk', purpose: 'rider', shard, chunk, boarding: number, served: 0 });
}
