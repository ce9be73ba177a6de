/**
 * Invariant: data streams clockwise, always. Ring frames go from a member to its ring successor in the view of the
 * frame's own epoch; only greetings of a dialler, pongs and credits go the other way.
 */
import { type Frame, isBackward } from '../../core/frame.js';
import type { MemberId } from '../../core/ids.js';
import type { View } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import type { ViewBook } from './view-book.js';

function isLinkFrame(frame: Frame): boolean {
  switch (frame.kind) {
    case 'hello':
    case 'knock':
    case 'welcome':
    case 'view':
    case 'ping':
    case 'pong':
    case 'credit':
      return true;
    default:
      return false;
  }
}

function successor(view: View, id: MemberId): MemberId | undefined {
  const position = view.positions.get(id);
  if (position === undefined) return undefined;
  return view.ring[position + 1 === view.ring.length ? 0 : position + 1]?.id;
}

export class ClockwiseOnly implements Checker {
  readonly name = 'clockwise-only';
  readonly #found: Findings;

  constructor(
    private readonly views: ViewBook,
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  sent(from: MemberId, to: MemberId, frame: Frame, _bytes: number, clockwise: boolean): void {
    if (isBackward(frame) === clockwise) {
      const way = clockwise ? 'clockwise' : 'against the stream';
      this.#found.add(`${from} sent a ${frame.kind} frame ${way} to ${to}`);
      return;
    }
    if (isLinkFrame(frame)) return;
    const view = this.views.view(frame.epoch);
    const next = view === undefined ? undefined : successor(view, from);
    if (next === to) return;
    const why =
      view === undefined ? 'which the register never held' : `where ${from} is followed by ${next ?? 'nobody'}`;
    this.#found.add(`${from} sent a ${frame.kind} frame to ${to} in epoch ${frame.epoch}, ${why}`);
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }
}
