import { expect, it } from 'vitest';
import { bytes, count, duration, perSecond, virtualTime } from './figures.js';

it.each([
  [count(0), '0'],
  [count(999), '999'],
  [count(1_234_567), '1,234,567'],
  [bytes(0), '0 B'],
  [bytes(1023), '1,023 B'],
  [bytes(1024), '1.0 KiB'],
  [bytes(1024 ** 2 - 1), '1.0 MiB'],
  [bytes(5 * 1024 ** 4), '5.0 TiB'],
  [duration(0), '0.00 ms'],
  [duration(9.994), '9.99 ms'],
  [duration(9.996), '10 ms'],
  [duration(999.6), '1.00 s'],
  [duration(9_996), '10.0 s'],
  [duration(99_960), '1 min 40 s'],
  [duration(3_599_700), '1 h 0 min'],
  [virtualTime(2_013_499), '2.013s'],
  [perSecond(10, 0), undefined],
  [perSecond(1, 250), '4.0'],
  [perSecond(123_456, 1000), '123,000'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});
