import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { colours } from '../report/palette.js';
import { progressText, showProgress } from './progress.js';

it.each([
  [{ done: 0, total: 1500, failed: 0, elapsedMs: 500 }, '0/1,500 runs'],
  [{ done: 2, total: 1500, failed: 0, elapsedMs: 500 }, '2/1,500 runs · 4.0 runs/s'],
  [{ done: 300, total: 1500, failed: 2, elapsedMs: 10_000 }, '300/1,500 runs · 2 failed · 30.0 runs/s · 40.0 s left'],
  [{ done: 0, total: 1, failed: 0, elapsedMs: 3_210 }, 'running for 3.21 s'],
])('%j', (standing, text) => {
  expect(progressText(standing)).toBe(text);
});

describe('showing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function shown(isTerminal: boolean, forMs: number): string[] {
    const written: string[] = [];
    const standing = () => ({ done: 30, total: 60, failed: 0, elapsedMs: Date.now() - startedMs });
    const startedMs = Date.now();
    const write = (text: string) => written.push(text);
    const end = showProgress({ standing, write, isTerminal, columns: 80, colours: colours(false) });
    vi.advanceTimersByTime(forMs);
    end();
    vi.advanceTimersByTime(60_000);
    return written;
  }

  it('a log gets a line about every ten seconds, and nothing of short runs', () => {
    expect(shown(false, 9_999)).toEqual([]);
    expect(shown(false, 20_000)).toEqual([
      '30/60 runs · 3.0 runs/s · 10.0 s left\n',
      '30/60 runs · 1.5 runs/s · 20.0 s left\n',
    ]);
  });

  it('a terminal gets one line, written over and taken away at the end', () => {
    expect(shown(true, 250)).toEqual([]);
    expect(shown(true, 1_000)).toHaveLength(9);
    expect(shown(true, 300)).toEqual([
      `\r  ${'━'.repeat(10)}${'─'.repeat(10)}  30/60 runs · 100 runs/s · 300 ms left\u001b[K`,
      '\r\u001b[K',
    ]);
  });
});
