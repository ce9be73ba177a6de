// What a server that leaves says while it waits, and how long it waits for what may not come.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AWAY_MS_MAX, NOTHING_HANDED_OVER, type Standing, TIME_IS_UP, watchLeaving } from './leaving.js';

let standing: Standing | undefined;
let said: Standing[];
let ends: string[];

beforeEach(() => {
  vi.useFakeTimers();
  [standing, said, ends] = [{ hasCoordinator: true, chains: 8, operations: 1 }, [], []];
});
afterEach(() => vi.useRealTimers());

const watch = (): (() => void) =>
  watchLeaving({
    look: () => standing,
    progress: (now) => said.push(now),
    giveUp: (how, why) => ends.push(`${how}: ${why}`),
  });

it('it says at once how it stands, again now and then, and is patient with handing over', () => {
  watch();
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(10_000);
  expect(said).toHaveLength(3);
  vi.advanceTimersByTime(19_000);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(ends).toEqual([`left: ${TIME_IS_UP}`]);
});

it('a coordinator that is away is told at once, and not waited for long', () => {
  watch();
  vi.advanceTimersByTime(1_000);
  standing = { hasCoordinator: false, chains: 8, operations: 0 };
  vi.advanceTimersByTime(200);
  expect(said.at(-1)).toBe(standing);
  expect(said).toHaveLength(2);
  vi.advanceTimersByTime(2 * AWAY_MS_MAX);
  expect(ends).toEqual([`stopped: ${NOTHING_HANDED_OVER}`]);
});

it('one that is only restarted stops nothing', () => {
  watch();
  for (let i = 0; i < 5; i++) {
    standing = { hasCoordinator: false, chains: 8, operations: 0 };
    vi.advanceTimersByTime(AWAY_MS_MAX - 500);
    standing = { hasCoordinator: true, chains: 8, operations: 0 };
    vi.advanceTimersByTime(500);
  }
  expect(ends).toEqual([]);
});

it('between two lives nothing is said, and after the end nothing more', () => {
  standing = undefined;
  const end = watch();
  vi.advanceTimersByTime(20_000);
  expect([said, ends]).toEqual([[], []]);
  end();
  vi.advanceTimersByTime(60_000);
  expect(ends).toEqual([]);
});
