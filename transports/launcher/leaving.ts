/**
 * A server that leaves hands over first, and whoever waits for it is to see what it waits for. Only the coordinator can
 * make others take over: while it is away nothing comes of waiting, so that is not done for long.
 * Looks on and speaks; hands over nothing itself.
 */

/** How a server that leaves stands. */
export interface Standing {
  readonly hasCoordinator: boolean;
  /** Chains it is still needed for, and operations under way for its clients. */
  readonly chains: number;
  readonly operations: number;
}

export interface LeavingWatcher {
  /** Undefined: it has no life at present. */
  look(): Standing | undefined;
  /** It goes on, and this is how it stands. */
  progress(standing: Standing): void;
  /** Waiting is over, though not all is handed over. */
  giveUp(how: 'left' | 'stopped', why: string): void;
}

/** After so long a server that wants to leave goes, whether or not its chains have found another member. */
const LEAVE_MS_MAX = 30_000;
/** So long without the coordinator is more than its restart takes. */
export const AWAY_MS_MAX = 3_000;
const LOOK_EVERY_MS = 100;
/** It says how it stands at once, and then so often. */
const TELL_EVERY_MS = 5_000;

export const TIME_IS_UP = 'the time for handing over is up';
export const NOTHING_HANDED_OVER =
  'nothing was handed over, for the coordinator could not be reached: the others take over when it is back';

/** @returns ends the watching */
export function watchLeaving(watcher: LeavingWatcher): () => void {
  let elapsedMs = 0;
  let awayMs = 0;
  let wasThere = true;
  const look = (): void => {
    const standing = watcher.look();
    const isThere = standing?.hasCoordinator !== false;
    awayMs = isThere ? 0 : awayMs + LOOK_EVERY_MS;
    if (standing !== undefined && (isThere !== wasThere || elapsedMs % TELL_EVERY_MS === 0)) watcher.progress(standing);
    wasThere = isThere;
    elapsedMs += LOOK_EVERY_MS;
    if (awayMs > AWAY_MS_MAX) end('stopped', NOTHING_HANDED_OVER);
    else if (elapsedMs > LEAVE_MS_MAX) end('left', TIME_IS_UP);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  const end = (how: 'left' | 'stopped', why: string): void => {
    clearInterval(timer);
    watcher.giveUp(how, why);
  };
  look();
  return () => clearInterval(timer);
}
