/**
 * One input being worked on: a draft of the next state and the outputs so far. Lives for one step and never leaves it;
 * the slices inside the draft are immutable, so the state before stays whole.
 * The common words of all parts: output, timers, facts, launching a frame.
 */
import { copyOfStream, copyOfTimers, type Draft } from './copies.js';
import type { RingFrame, Route } from './frame.js';
import type { MemberId } from './ids.js';
import type { Fact, Output } from './output.js';
import type { NodeState, StreamState } from './state.js';
import type { TimerName } from './timers.js';
import type { View } from './view/view.js';

export interface Turn {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly state: Draft<NodeState>;
  readonly outputs: Output[];
  /** Frames this server sends off, in order: it visits them first itself. */
  readonly launched: RingFrame[];
  /** How many of them have set off. */
  settled: number;
  /** A view that was read or announced, newer than the present one. */
  newView: View | undefined;
}

export function put(turn: Turn, output: Output): void {
  turn.outputs.push(output);
}

export function tell(turn: Turn, fact: Fact): void {
  turn.outputs.push({ kind: 'tell', fact });
}

/** Sets a timer, or moves it forward; one that would fire sooner stays. */
export function wakeBy(turn: Turn, name: TimerName, at: number): void {
  if (at < turn.state.timers[name]) setTimer(turn, name, at);
}

export function setTimer(turn: Turn, name: TimerName, at: number): void {
  if (turn.state.timers[name] === at) return;
  const timers = copyOfTimers(turn.state.timers);
  timers[name] = at;
  turn.state.timers = timers;
}

export function changeStream(turn: Turn, change: Partial<StreamState>): void {
  turn.state.stream = Object.assign(copyOfStream(turn.state.stream), change);
}

/** Distributes Omit over the union of frames. */
type WithoutRoute<F> = F extends RingFrame ? Omit<F, keyof Route> : never;

/** A frame of this server, on its way to `lastStop`; to oneself: one revolution. */
export function routed(turn: Turn, lastStop: MemberId, frame: WithoutRoute<RingFrame>): RingFrame {
  const { self, view } = turn.state;
  // Each is made for this call: its route is put in. Copying frames of all kinds took V8 six times as long.
  const own = frame as RingFrame as Draft<RingFrame>;
  own.epoch = view.epoch;
  own.origin = self;
  own.lastStop = lastStop;
  return own as RingFrame;
}

/** Sends a frame off at the end of the step's own work: this server visits it first itself. */
export function launch(turn: Turn, lastStop: MemberId, frame: WithoutRoute<RingFrame>): void {
  turn.launched.push(routed(turn, lastStop, frame));
}

export function isRingOfOne(turn: Turn): boolean {
  return turn.state.view.ring.length === 1;
}

/** A member of a ring that has links at all. */
export function isLinked(turn: Turn): boolean {
  return turn.state.status === 'member' && turn.state.view.ring.length > 1;
}

/** How long to wait for something that goes round the ring before it is asked for again, ms. */
export function revolutionMs(turn: Turn): number {
  return turn.state.limits.retryMs + turn.state.limits.hopMs * turn.state.view.ring.length;
}
