/** Sending control frames to the successor: at once, past all data; bounded by admission, never by credit. */
import type { RingFrame } from '../frame.js';
import { put, type Turn, tell } from '../turn.js';

/** Sends a control frame one link further. Without a link it is lost: everything sent is asked for again in time. */
export function sendClockwise(turn: Turn, frame: RingFrame): void {
  const { outbound } = turn.state.links;
  if (outbound === 0) tell(turn, { fact: 'frames-dropped', why: 'no-link', count: 1 });
  else put(turn, { kind: 'send', link: outbound, frame });
}
