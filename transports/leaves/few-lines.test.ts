// Whoever has connections closed by the thousand does not fill the log, and what was left out is counted.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LINES_TOLD_MAX, TOLD_CHARS_MAX, tellFew } from './few-lines.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('a few in any time are told, and how many more there were also if nothing happens any more', () => {
  const lines: object[] = [];
  const tell = tellFew((fields) => lines.push(fields));
  for (let i = 0; i < 1000; i++) tell({ from: i });
  expect(lines).toEqual(Array.from({ length: LINES_TOLD_MAX }, (_, from) => ({ from })));
  vi.advanceTimersByTime(10_000);
  expect(lines.splice(0).at(-1)).toEqual({ more: 1000 - LINES_TOLD_MAX });
  tell({ from: 'later' });
  vi.advanceTimersByTime(10_000);
  expect(lines).toEqual([{ from: 'later' }]);
});

it('a line is no longer than somebody reads', () => {
  const lines: { why?: string; from?: number }[] = [];
  tellFew((fields) => lines.push(fields))({ why: 'x'.repeat(16_000), from: 7 });
  expect(lines[0]?.why).toHaveLength(TOLD_CHARS_MAX);
  expect(lines[0]?.why).toMatch(/x…$/);
  expect(lines[0]?.from).toBe(7);
});
