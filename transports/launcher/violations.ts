/**
 * Tells the log of connections that were closed for what came over them: a few in any time, the others as a count. Anybody
 * who can reach a port can have one closed, as often as he likes; that must not fill the disk.
 */
import type { Logger } from 'pino';

/** Lines in one window. */
export const VIOLATIONS_TOLD_MAX = 10;
const WINDOW_MS = 10_000;

export function tellViolations(
  log: Pick<Logger, 'warn'>,
  now = () => performance.now(),
): (where: string, why: string) => void {
  let windowEndsMs = Number.NEGATIVE_INFINITY;
  let told = 0;
  let untold = 0;
  return (where, why) => {
    if (now() >= windowEndsMs) {
      if (untold > 0) log.warn({ connections: untold }, 'more connections were closed meanwhile');
      windowEndsMs = now() + WINDOW_MS;
      [told, untold] = [0, 0];
    }
    if (told >= VIOLATIONS_TOLD_MAX) {
      untold++;
      return;
    }
    told++;
    log.warn({ where, why }, 'a connection was closed');
  };
}
