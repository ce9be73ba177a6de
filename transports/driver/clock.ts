/**
 * The server's clock and its one alarm. The clock shows milliseconds since 1970, goes on while the machine's wall clock is
 * set back, and follows it when that is far ahead: a life must neither stand still nor run backwards.
 */

/** The wall clock is followed when it is ahead by more than this: after a sleep of the machine, or when it was set. */
const AHEAD_MS = 2_000;
/** setTimeout takes no more. */
const TIMEOUT_MS_MAX = 2_147_483_647;

export type Clock = () => number;

/** @param monotonic milliseconds that never run backwards, as performance.now() */
export function createClock(wall: Clock = Date.now, monotonic: Clock = () => performance.now()): Clock {
  let offset = wall() - monotonic();
  return () => {
    const ahead = wall() - monotonic() - offset;
    if (ahead > AHEAD_MS) offset += ahead;
    return Math.floor(monotonic() + offset);
  };
}

/**
 * At most one wish, each replacing the one before. It may ring early when the timer does: the machine then asks anew.
 * After a time in which the process stood still, what has come in meanwhile is heard first: else a server that was slow
 * itself would take its neighbours for silent, with their heartbeats waiting unread in its sockets.
 */
export class Alarm {
  private timer: NodeJS.Timeout | undefined;
  private afterInput: NodeJS.Immediate | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** @param at by the clock; a time past means as soon as possible */
  set(at: number): void {
    this.clear();
    const afterMs = Math.min(TIMEOUT_MS_MAX, Math.max(0, at - this.clock()));
    this.timer = setTimeout(() => {
      // Node looks at timers, then at sockets, then at immediates.
      this.afterInput = setImmediate(this.ring);
    }, afterMs);
  }

  clear(): void {
    clearTimeout(this.timer);
    clearImmediate(this.afterInput);
  }
}
