/**
 * Frames and bytes on every directed pair of servers: handed over, delivered, lost. Counts; judges nothing.
 */
import type { Frame } from '../../core/frame.js';
import type { MemberId } from '../../core/ids.js';
import type { Observer } from '../world-api.js';

export interface Traffic {
  readonly from: MemberId;
  readonly to: MemberId;
  sentFrames: number;
  sentBytes: number;
  deliveredFrames: number;
  deliveredBytes: number;
  lostFrames: number;
  lostBytes: number;
  /** When a frame was last handed over, µs. */
  lastSentUs: number;
}

export class LinkLedger implements Observer {
  readonly #pairs = new Map<MemberId, Map<MemberId, Traffic>>();
  readonly #all: Traffic[] = [];

  constructor(private readonly nowUs: () => number) {}

  get pairs(): readonly Traffic[] {
    return this.#all;
  }

  pair(from: MemberId, to: MemberId): Traffic {
    let row = this.#pairs.get(from);
    if (row === undefined) {
      row = new Map();
      this.#pairs.set(from, row);
    }
    let traffic = row.get(to);
    if (traffic === undefined) {
      const none = { sentFrames: 0, sentBytes: 0, deliveredFrames: 0, deliveredBytes: 0, lostFrames: 0, lostBytes: 0 };
      traffic = { from, to, ...none, lastSentUs: 0 };
      row.set(to, traffic);
      this.#all.push(traffic);
    }
    return traffic;
  }

  sent(from: MemberId, to: MemberId, _frame: Frame, bytes: number): void {
    const traffic = this.pair(from, to);
    traffic.sentFrames += 1;
    traffic.sentBytes += bytes;
    traffic.lastSentUs = this.nowUs();
  }

  delivered(from: MemberId, to: MemberId, _frame: Frame, bytes: number): void {
    const traffic = this.pair(from, to);
    traffic.deliveredFrames += 1;
    traffic.deliveredBytes += bytes;
  }

  lost(from: MemberId, to: MemberId, _frame: Frame, bytes: number): void {
    const traffic = this.pair(from, to);
    traffic.lostFrames += 1;
    traffic.lostBytes += bytes;
  }
}
