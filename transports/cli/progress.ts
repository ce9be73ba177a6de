/**
 * How far a transfer is: one line on standard error that is written over again, only on a terminal, and only when it
 * takes longer than a moment.
 */
import { bytes, duration } from '../../core/figures.js';
import type { TextStream } from './context.js';
import { type Colours, fitted } from './look.js';

const EVERY_MS = 100;
/** Shorter transfers need no line. */
const PATIENCE_MS = 400;
const BAR_WIDTH = 24;
/** Where there are fewer columns, figures say more than a bar. */
const BAR_COLUMNS_MIN = 72;
/** A terminal shows ^C behind the line: that must not wrap it. */
const MARGIN = 3;

export interface Standing {
  readonly doneBytes: number;
  /** Undefined: not known. */
  readonly totalBytes: number | undefined;
  /** What is under way, such as `3/40 files`. */
  readonly what: string;
}

/** Starts showing; the function it returns ends that and leaves a clean line. */
export function showProgress(stderr: TextStream, colours: Colours, standing: () => Standing): () => void {
  if (!stderr.isTerminal) return () => {};
  const startedMs = performance.now();
  let shown = false;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs < PATIENCE_MS) return;
    shown = true;
    stderr.write(`\r${progressLine(standing(), elapsedMs, stderr.columns ?? 80, colours)}\u001b[K`);
  }, EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown) stderr.write('\r\u001b[K');
  };
}

export function progressLine(standing: Standing, elapsedMs: number, columns: number, c: Colours): string {
  const { doneBytes, totalBytes, what } = standing;
  const room = columns - MARGIN;
  const perSecond = (doneBytes * 1000) / elapsedMs;
  const rate = `${bytes(perSecond)}/s`;
  if (totalBytes === undefined || totalBytes === 0) return fitted(`  ${bytes(doneBytes)} · ${rate} · ${what}`, room);
  const share = Math.min(1, doneBytes / totalBytes);
  const left = perSecond > 0 ? ` · ${duration(((totalBytes - doneBytes) * 1000) / perSecond)} left` : '';
  const filled = Math.floor(BAR_WIDTH * share);
  const bar = `${c.green('━'.repeat(filled))}${c.dim('─'.repeat(BAR_WIDTH - filled))}  `;
  const text = `${Math.floor(share * 100)}% of ${bytes(totalBytes)} · ${rate}${left} · ${what}`;
  return fitted(`  ${columns < BAR_COLUMNS_MIN ? '' : bar}${text}`, room);
}
