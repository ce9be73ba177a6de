/**
 * One server's wake-up: there is at most one wish, and each replaces the one before.
 * Wishes change at nearly every step and mostly for later, so the kernel keeps its appointment and we look again.
 */
import type { Kernel, KernelEvent } from '../kernel.js';

const NEVER = Number.POSITIVE_INFINITY;

export class Alarm implements KernelEvent {
  private wishUs = NEVER;
  /** When the kernel comes back to us. All other appointments are void. */
  private pendingUs = NEVER;

  constructor(
    private readonly kernel: Kernel,
    private readonly ring: () => void,
  ) {}

  /** @param us a time past means now; one beyond all safe numbers, never. */
  set(us: number): void {
    const nowUs = this.kernel.nowUs;
    if (us > Number.MAX_SAFE_INTEGER) this.wishUs = NEVER;
    else this.wishUs = us > nowUs ? us : nowUs;
    this.expect();
  }

  clear(): void {
    this.wishUs = NEVER;
  }

  run(): void {
    if (this.kernel.nowUs !== this.pendingUs) return;
    this.pendingUs = NEVER;
    if (this.wishUs > this.kernel.nowUs) {
      this.expect();
    } else {
      this.wishUs = NEVER;
      this.ring();
    }
  }

  private expect(): void {
    if (this.wishUs >= this.pendingUs) return;
    this.pendingUs = this.wishUs;
    this.kernel.schedule(this.wishUs, this);
  }
}
