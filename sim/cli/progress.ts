/**
 * How far the runs are: one line that is written over again on a terminal, and on anything else a line now and then,
 * if it takes long. Goes to standard error. Knows no clock but the one it is given.
 */

import { count, counted, duration, perSecond } from '../../core/figures.js';
import type { Colours } from '../report/palette.js';
import { cut } from '../report/text.js';

/** A terminal's line is written so often. */
const TERMINAL_EVERY_MS = 100;
/** A log gets a line so often. */
const LOG_EVERY_MS = 10_000;
/** Runs shorter than this need no progress line. */
const PATIENCE_MS = 300;
/** The time left is guessed from at least so many runs. */
const RUNS_FOR_A_GUESS_MIN = 3;
const BAR_WIDTH = 20;

export interface Standing {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly elapsedMs: number;
}

export interface ProgressOptions {
  readonly standing: () => Standing;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly colours: Colours;
}

/** Starts showing; the function it returns ends that and leaves a clean line. */
export function showProgress({ standing, write, isTerminal, columns, colours }: ProgressOptions): () => void {
  let shown = false;
  const tick = (): void => {
    const now = standing();
    if (!isTerminal) {
      write(`${progressText(now)}\n`);
      return;
    }
    if (now.elapsedMs < PATIENCE_MS) return;
    shown = true;
    write(`\r${progressLine(now, columns ?? 80, colours)}\u001b[K`);
  };
  const timer = setInterval(tick, isTerminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown) write('\r\u001b[K');
  };
}

export function progressText({ done, total, failed, elapsedMs }: Standing): string {
  if (total === 1) return `running for ${duration(elapsedMs)}`;
  const rate = done === 0 ? undefined : perSecond(done, elapsedMs);
  const leftMs = done < RUNS_FOR_A_GUESS_MIN ? undefined : (elapsedMs / done) * (total - done);
  return [
    `${count(done)}/${counted(total, 'run')}`,
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(rate === undefined ? [] : [`${rate} runs/s`]),
    ...(leftMs === undefined ? [] : [`${duration(leftMs)} left`]),
  ].join(' · ');
}

function progressLine(standing: Standing, columns: number, c: Colours): string {
  const { done, total, failed } = standing;
  if (total === 1) return `  ${c.dim(progressText(standing))}`;
  const filled = Math.floor((BAR_WIDTH * done) / total);
  const paint = failed > 0 ? c.red : c.green;
  const bar = paint('━'.repeat(filled)) + c.dim('─'.repeat(BAR_WIDTH - filled));
  return `  ${bar}  ${cut(progressText(standing), columns - BAR_WIDTH - 5)}`;
}
