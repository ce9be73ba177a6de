/**
 * The flow of frames to the successor: lanes, credits, the bubble rule, the share that the fairness token allows.
 * Control frames leave at once. Data frames wait here: transit before local insertion before idle riders.
 * Transit never waits for a disk or a client.
 */
import { type DataFrame, isData, type RingFrame } from '../frame.js';
import type { StreamState } from '../state.js';
import { put, type Turn, tell } from '../turn.js';
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
  const { stream } = turn.state;
  turn.state.stream = withFrame(stream, lane, frame);
  pump(turn);
}

type Lane = 'transit' | 'insert' | 'idle';

// Spelled out for each lane: these run for every frame, and V8 is slow with computed keys.

function withFrame(stream: StreamState, lane: Lane, frame: DataFrame): StreamState {
  if (lane === 'transit') return { ...stream, transit: stream.transit.push(frame) };
  if (lane === 'insert') return { ...stream, insert: stream.insert.push(frame) };
  return { ...stream, idle: stream.idle.push(frame) };
}

/** The lane's first frame has left, on a credit. */
function withoutFirst(stream: StreamState, lane: Lane): StreamState {
  const { transit, insert, idle, inserted } = stream;
  const credits = stream.credits - 1;
  const onWire = stream.onWire + 1;
  if (lane === 'transit') return { ...stream, transit: transit.shift(), credits, onWire };
  if (lane === 'insert') return { ...stream, insert: insert.shift(), credits, onWire, inserted: inserted + 1 };
  return { ...stream, idle: idle.shift(), credits, onWire };
}

/** Hands over as many data frames as the link, the credits and our share allow. */
export function pump(turn: Turn): void {
  for (;;) {
    const { stream, links, limits } = turn.state;
    if (links.outbound === 0 || stream.onWire >= limits.wireFramesMax || stream.credits === 0) return;
    const lane = nextLane(turn);
    if (lane === undefined) return;
    const frame = stream[lane].peek() as DataFrame;
    turn.state.stream = withoutFirst(stream, lane);
    put(turn, { kind: 'send', link: links.outbound, frame });
    if (lane === 'transit') giveCredit(turn);
    else release(turn);
  }
}

function nextLane(turn: Turn): Lane | undefined {
  const { stream, limits, view } = turn.state;
  if (stream.transit.size > 0) return 'transit';
  if (stream.credits < INSERTION_CREDITS) return undefined;
  if (stream.insert.size > 0) return stream.inserted < limits.quotaFrames ? 'insert' : undefined;
  // Idle riders give way to everything: they leave only where the next server is mostly empty.
  return stream.idle.size > 0 && stream.credits * 2 >= view.settings.transitSlots ? 'idle' : undefined;
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
  turn.state.stream = { ...stream, credits: Math.min(view.settings.transitSlots, stream.credits + count) };
  pump(turn);
}

export function onDrained(turn: Turn, link: number, frames: number): void {
  const { stream, links } = turn.state;
  if (link !== links.outbound) return;
  turn.state.stream = { ...stream, onWire: Math.max(0, stream.onWire - frames) };
  pump(turn);
}

/** A new epoch: all slots count as free, and what was under way must be asked for again. */
export function onView(turn: Turn): void {
  const { stream } = turn.state;
  const count = stream.transit.size + stream.insert.size + stream.idle.size;
  if (count > 0) tell(turn, { fact: 'frames-dropped', why: 'new-view', count });
}
