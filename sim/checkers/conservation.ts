/**
 * Invariant: what was handed to a link is delivered, or lost with a broken link, or still on its way; nothing else comes
 * out of it.
 */
import type { Frame } from '../../core/frame.js';
import type { MemberId } from '../../core/ids.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import type { LinkLedger, Traffic } from './link-ledger.js';

/** On a pair where nothing was sent for so long, µs, nothing is on its way any more. */
const QUIET_US = 10_000_000;

export class Conservation implements Checker {
  readonly name = 'conservation';
  readonly #found: Findings;

  /** @param frozen a link may be held back at the end, so that frames stay on their way. */
  constructor(
    private readonly ledger: LinkLedger,
    private readonly frozen: boolean,
    private readonly nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  delivered(from: MemberId, to: MemberId, frame: Frame): void {
    const traffic = this.ledger.pair(from, to);
    if (traffic.deliveredFrames + traffic.lostFrames <= traffic.sentFrames) return;
    this.#found.add(`${to} got a ${frame.kind} frame from ${from} more than was sent`, [trafficText(traffic)]);
  }

  finish(_world: World): readonly Violation[] {
    for (const traffic of this.ledger.pairs) {
      const frames = traffic.sentFrames - traffic.deliveredFrames - traffic.lostFrames;
      const bytes = traffic.sentBytes - traffic.deliveredBytes - traffic.lostBytes;
      const link = `${traffic.from} > ${traffic.to}`;
      if (frames < 0 || bytes < 0 || (frames === 0 && bytes !== 0)) {
        this.#found.add(`the books of ${link} do not balance`, [trafficText(traffic)]);
      } else if (frames > 0 && !this.frozen && this.nowUs() - traffic.lastSentUs > QUIET_US) {
        this.#found.add(`${frames} frames vanished on ${link}`, [trafficText(traffic)]);
      }
    }
    return this.#found.all();
  }
}

function trafficText(traffic: Traffic): string {
  const part = (word: string, frames: number, bytes: number): string => `${word} ${frames} frames, ${bytes} bytes`;
  return [
    `${traffic.from} > ${traffic.to}:`,
    `${part('sent', traffic.sentFrames, traffic.sentBytes)};`,
    `${part('delivered', traffic.deliveredFrames, traffic.deliveredBytes)};`,
    part('lost', traffic.lostFrames, traffic.lostBytes),
  ].join(' ');
}
