import { expect, it } from 'vitest';
import { exitCode } from './exit-code.js';

it.each([
  [{ pass: 3, fail: 0, stuck: 0, vacuous: 0 }, 0],
  [{ pass: 3, fail: 0, stuck: 0, vacuous: 1 }, 3],
  [{ pass: 3, fail: 0, stuck: 1, vacuous: 1 }, 4],
  [{ pass: 3, fail: 1, stuck: 1, vacuous: 1 }, 1],
])('%j exits %i', (outcomes, code) => {
  expect(exitCode(outcomes)).toBe(code);
});
