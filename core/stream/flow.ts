/**
 * The flow of frames to the successor: lanes, credits, the bubble rule, the share that the fairness token allows.
 * Control frames leave at once. Data frames wait here: transit before local insertion before idle riders. Of what is inserted,
 * clients' and readers' frames take turns with repair: thousands of these wait where chains of many small files are filled.
 * Transit never waits for a disk or a client.
 */
import { copyOfStream } from '../copies.js';
import { type DataFrame, isData, type RingFrame } from '../frame.js';
import type { StreamState } from '../state.js';
import { changeStream, put, type Turn, tell } from '../turn.js';
import { sendClockwise } from './clockwise.js';
import { release } from './token.js';

/** Free slots the successor must have for an insertion: one stays free, so a full ring can always move (bubble rule). */
const INSERTION_CREDITS = 2;

/** Sends a frame on: from another server (`transit`), or our own (`insert`, `idle`). */
export function pass(turn: Turn, frame: RingFrame, lane: Lane): void {
  if (!isData(frame)) {
    sendClockwise(turn, frame);
    return;
  }
  append(turn, lane === 'insert' && isRepair(frame) ? 'repair' : lane, frame);
  pump(turn);
}

type Lane = 'transit' | 'insert' | 'repair' | 'idle';

const isRepair = (frame: DataFrame): boolean => frame.kind === 'chunk' && frame.purpose === 'repair';

function append(turn: Turn, lane: Lane, frame: DataFrame): void {
  const stream = copyOfStream(turn.state.stream);
  if (lane === 'transit') stream.transit = stream.transit.push(frame);
  else if (lane === 'insert') stream.insert = stream.insert.push(frame);
  else if (lane === 'repair') stream.repair = stream.repair.push(frame);
  else stream.idle = stream.idle.push(frame);
  turn.state.stream = stream;
}

/** The lane's first frame leaves, on a credit. */
function takeFirst(turn: Turn, lane: Lane): void {
  const stream = copyOfStream(turn.state.stream);
  stream.credits--;
  stream.onWire++;
  if (lane === 'transit') {
    stream.transit = stream.transit.shift();
  } else if (lane === 'insert') {
    stream.insert = stream.insert.shift();
    stream.inserted++;
  } else if (lane === 'repair') {
    stream.repair = stream.repair.shift();
    stream.inserted++;
  } else {
    stream.idle = stream.idle.shift();
  }
  turn.state.stream = stream;
}

/** Hands over as many data frames as the link, the credits and our share allow. */
export function pump(turn: Turn): void {
  for (;;) {
    const { stream, links, limits } = turn.state;
    if (links.outbound === 0 || stream.onWire >= limits.wireFramesMax || stream.credits === 0) return;
    const lane = nextLane(turn);
    if (lane === undefined) return;
    const frame = stream[lane].peek() as DataFrame;
    takeFirst(turn, lane);
    put(turn, { kind: 'send', link: links.outbound, frame });
    if (lane === 'transit') giveCredit(turn);
    else release(turn);
  }
}

function nextLane(turn: Turn): Lane | undefined {
  const { stream, limits, view } = turn.state;
  if (stream.transit.size > 0) return 'transit';
  if (stream.credits < INSERTION_CREDITS) return undefined;
  if (stream.insert.size + stream.repair.size > 0) {
    return stream.inserted < limits.quotaFrames ? nextToInsert(stream) : undefined;
  }
  // Idle riders give way to everything: they leave only where the next server is mostly empty.
  return stream.idle.size > 0 && stream.credits * 2 >= view.settings.transitSlots ? 'idle' : undefined;
}

/** Frames of ours that wait for their turn. */
export const waitingFrames = ({ insert, repair, idle }: StreamState): number => insert.size + repair.size + idle.size;

function nextToInsert({ insert, repair, inserted }: StreamState): Lane {
  if (insert.size === 0 || repair.size === 0) return insert.size > 0 ? 'insert' : 'repair';
  return inserted % 2 === 0 ? 'insert' : 'repair';
}

/** One transit slot of ours came free: tell the predecessor. */
export function giveCredit(turn: Turn): void {
  const { links, view } = turn.state;
  if (links.inbound === 0) return;
  put(turn, { kind: 'send', link: links.inbound, frame: { kind: 'credit', epoch: view.epoch, count: 1 } });
}

/** Credits count in their own epoch only: a new view gives all of them afresh. */
export function onCredit(turn: Turn, epoch: number, count: number): void {
  const { stream, view } = turn.state;
  if (epoch !== view.epoch) return;
  changeStream(turn, { credits: Math.min(view.settings.transitSlots, stream.credits + count) });
  pump(turn);
}

export function onDrained(turn: Turn, link: number, frames: number): void {
  const { stream, links } = turn.state;
  if (link !== links.outbound) return;
  changeStream(turn, { onWire: Math.max(0, stream.onWire - frames) });
  pump(turn);
}

/** A new epoch: all slots count as free, and what was under way must be asked for again. */
export function onView(turn: Turn): void {
  const { stream } = turn.state;
  const count = stream.transit.size + waitingFrames(stream);
  if (count > 0) tell(turn, { fact: 'frames-dropped', why: 'new-view', count });
}
