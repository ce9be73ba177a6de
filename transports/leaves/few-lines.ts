/**
 * Log lines that anybody who can reach a port may cause as often as he likes: a few in any time, the others as a count.
 * They must not fill the disk, nor bury what else is told. A leaf.
 */

/** Lines in one window. */
export const LINES_TOLD_MAX = 10;
const WINDOW_MS = 10_000;
/** Characters of each text in a line: it may repeat what the stranger has said. */
export const TOLD_CHARS_MAX = 300;

/** @param tell writes a line. @returns tells of one more; of those left out, `more` says how many when the time is up */
export function tellFew(tell: (fields: object) => void): (fields: object) => void {
  let isCounting = false;
  let told = 0;
  let more = 0;
  const windowEnds = (): void => {
    isCounting = false;
    if (more > 0) tell({ more });
    [told, more] = [0, 0];
  };
  return (fields) => {
    if (!isCounting) setTimeout(windowEnds, WINDOW_MS).unref();
    isCounting = true;
    if (told >= LINES_TOLD_MAX) {
      more++;
      return;
    }
    told++;
    tell(shortened(fields));
  };
}

function shortened(fields: object): object {
  const short = (value: unknown): unknown =>
    typeof value === 'string' && value.length > TOLD_CHARS_MAX ? `${value.slice(0, TOLD_CHARS_MAX - 1)}…` : value;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, short(value)]));
}
