/**
 * How long each session still lives, by a clock that never jumps. Time in which the service itself stood still (a busy
 * machine, a stopped process) counts for nobody: its clients could not be heard then.
 * Knows sessions by name only; must never end one itself.
 */

export class Leases {
  private readonly deadlines = new Map<string, number>();
  private lookedAtMs: number;

  constructor(
    private readonly sessionMs: number,
    /** How often `overdue` is asked. */
    private readonly lookMs: number,
    private readonly nowMs: () => number,
  ) {
    this.lookedAtMs = nowMs();
  }

  has(session: string): boolean {
    return this.deadlines.has(session);
  }

  renew(session: string): void {
    this.deadlines.set(session, this.nowMs() + this.sessionMs);
  }

  end(session: string): void {
    this.deadlines.delete(session);
  }

  /** Sessions that were not renewed in their time. */
  overdue(): readonly string[] {
    const now = this.nowMs();
    const stoodStillMs = now - this.lookedAtMs - this.lookMs;
    this.lookedAtMs = now;
    if (stoodStillMs > this.lookMs) {
      for (const [session, deadline] of this.deadlines) this.deadlines.set(session, deadline + stoodStillMs);
    }
    return [...this.deadlines].flatMap(([session, deadline]) => (deadline <= now ? [session] : []));
  }
}
