/**
 * One server's own clock, and what can be wrong with it. Within a life of the process it never runs backwards: what
 * would set it back shows at the next start. Without a fault it is the run's own time, and costs nothing.
 * Must never look at any time but the kernel's.
 */
import type { ClockChange } from '../scenario/scenario.js';
import type { Undo } from '../world-api.js';

/** The run's own time. */
export interface Time {
  readonly nowMs: number;
  readonly birthMs: number;
  readonly kernel: { readonly nowUs: number };
}

const NEVER = Number.POSITIVE_INFINITY;
const MICROSECONDS = 1000;

export class Clock {
  /** Called when the way from its time to the kernel's has changed. */
  changed: () => void = () => undefined;
  private isFaulty = false;
  /** At kernel time `sinceUs` it showed `fromUs`, µs since birth; from there on it runs at `rate`. */
  private sinceUs = 0;
  private fromUs = 0;
  private rate = 1;
  private perMille = 0;
  private freezes = 0;
  /** How far the next start sets it. */
  private offsetUs = 0;

  constructor(private readonly time: Time) {}

  /** Whole milliseconds since 1970. */
  get nowMs(): number {
    return this.isFaulty ? this.time.birthMs + Math.floor(this.shows(this.time.kernel.nowUs) / 1000) : this.time.nowMs;
  }

  /** The kernel's time at which this clock shows so many milliseconds; infinite: it never will. */
  kernelUsOf(ms: number): number {
    const us = (ms - this.time.birthMs) * MICROSECONDS;
    if (us > Number.MAX_SAFE_INTEGER) return NEVER;
    if (!this.isFaulty) return us;
    if (this.rate === 0) return NEVER;
    let atUs = Math.max(this.sinceUs, Math.floor(this.sinceUs + (us - this.fromUs) / this.rate));
    if (atUs > Number.MAX_SAFE_INTEGER) return NEVER;
    while (this.shows(atUs) < us) atUs++;
    return atUs;
  }

  /** The process starts. */
  boot(): void {
    if (this.offsetUs === 0) return;
    this.anchor(this.offsetUs);
    this.offsetUs = 0;
  }

  change(change: ClockChange): Undo {
    switch (change.kind) {
      case 'skew':
        this.offsetUs += change.byUs;
        return () => undefined;
      case 'jump':
        if (change.byUs < 0) this.offsetUs += change.byUs;
        else this.anchor(change.byUs);
        return () => undefined;
      case 'drift':
        return this.lasting((sign) => {
          this.perMille += sign * change.perMille;
        });
      case 'freeze':
        return this.lasting((sign) => {
          this.freezes += sign;
        });
    }
  }

  private lasting(turn: (sign: 1 | -1) => void): Undo {
    let isOver = false;
    const apply = (sign: 1 | -1): void => {
      turn(sign);
      this.anchor(0);
    };
    apply(1);
    return () => {
      if (!isOver) apply(-1);
      isOver = true;
    };
  }

  /** From now on as its faults say, so many µs further. */
  private anchor(byUs: number): void {
    const { nowUs } = this.time.kernel;
    this.fromUs = this.shows(nowUs) + byUs;
    this.sinceUs = nowUs;
    this.rate = this.freezes > 0 ? 0 : Math.max(0, 1 + this.perMille / 1000);
    this.isFaulty = true;
    this.changed();
  }

  /** Whole µs since birth. */
  private shows(kernelUs: number): number {
    return this.fromUs + Math.floor((kernelUs - this.sinceUs) * this.rate);
  }
}
