/**
 * One server's wake-up, in its own clock's time: there is at most one wish, and each replaces the one before.
 * Wishes change at nearly every step and mostly for later, so the kernel keeps its appointment and we look again.
 */
import type { Kernel, KernelEvent } from '../kernel.js';
import type { Clock } from './clock.js';

const NEVER = Number.POSITIVE_INFINITY;

export class Alarm implements KernelEvent {
  /** As it was wished, by the server's clock. */
  private wishMs = NEVER;
  private wishUs = NEVER;
  /** When the kernel comes back to us. All other appointments are void. */
  private pendingUs = NEVER;

  constructor(
    private readonly kernel: Kernel,
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {
    clock.changed = () => this.set(this.wishMs);
  }

  /** @param ms a time past means now; one beyond all safe numbers, never. */
  set(ms: number): void {
    this.wishMs = ms;
    const us = this.clock.kernelUsOf(ms);
    const nowUs = this.kernel.nowUs;
    this.wishUs = us > nowUs ? us : nowUs;
    this.expect();
  }

  clear(): void {
    this.wishMs = NEVER;
    this.wishUs = NEVER;
  }

  run(): void {
    if (this.kernel.nowUs !== this.pendingUs) return;
    this.pendingUs = NEVER;
    if (this.wishUs > this.kernel.nowUs) {
      this.expect();
    } else {
      this.clear();
      this.ring();
    }
  }

  private expect(): void {
    if (this.wishUs >= this.pendingUs) return;
    this.pendingUs = this.wishUs;
    this.kernel.schedule(this.wishUs, this);
  }
}
