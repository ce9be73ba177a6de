/**
 * For work that nobody waits for, on the thread that serves everybody: it rests several times as long as it worked, so that
 * it takes a small share of the time, however slow the machine is.
 */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

/** Rested for so many times the time worked: a tenth of a processor. */
const RESTS = 9;
/** Work is done in slices of about this, ms: shorter ones would make the timers more work than they let in. */
const SLICE_MS = 2;
/** Whoever waits for it to end waits no longer. */
const REST_MS_MAX = 250;

export interface PaceSettings {
  /** Somebody waits for it after all. */
  readonly isHurried: () => boolean;
  /** Milliseconds from anywhere. */
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

export class Pace {
  private begunAt: number | undefined;
  private workedMs = 0;
  private readonly now: () => number;
  private readonly wait: (ms: number) => Promise<unknown>;

  constructor(private readonly settings: PaceSettings) {
    this.now = settings.now ?? (() => performance.now());
    this.wait = settings.wait ?? wait;
  }

  get isHurried(): boolean {
    return this.settings.isHurried();
  }

  /** From now on it works. */
  begin(): void {
    this.begunAt = this.now();
  }

  /** It has worked until now, and lets others go first; not yet, where that was little. */
  async rest(): Promise<void> {
    if (this.begunAt !== undefined) this.workedMs += this.now() - this.begunAt;
    this.begunAt = undefined;
    const { workedMs } = this;
    if (workedMs < SLICE_MS) return;
    this.workedMs = 0;
    if (this.isHurried) await nextTurn();
    else await this.wait(Math.min(REST_MS_MAX, workedMs * RESTS));
  }
}
