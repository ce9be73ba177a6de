import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, parseDuration, parseSize, sizeText } from './units.js';
import { WrongValue } from './wrong-value.js';

/** The suggestion of a refusal, or its message where there is none. */
function refusal(parse: () => unknown): string {
  try {
    return `accepted: ${String(parse())}`;
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    return error.suggestion ?? error.message;
  }
}

const durationForm = 'a duration is a number directly followed by us, ms, s, min, h, like 5ms';
const sizeForm = 'a size is a number directly followed by B, kB, KiB, MB, MiB, GB, GiB, TB, TiB, like 64KiB';

describe('durations', () => {
  it.each([
    ['250us', 250],
    ['5ms', 5_000],
    ['1.5s', 1_500_000],
    ['2min', 120_000_000],
    ['24h', 86_400_000_000],
    ['0.001ms', 1],
    ['0s', 0],
    ['0', 0],
    [0, 0],
    [' 5ms ', 5_000],
  ])('%s is %d µs', (text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  it.each([
    ['5 sec', '5s'],
    ['5 s', '5s'],
    ['5sec', '5s'],
    ['5S', `"5S" is not a duration: ${durationForm}`],
    ['10 minutes', '10min'],
    ['5m', '5min'],
    ['5µs', '5us'],
    ['+5s', '5s'],
    [5, '5s'],
    ['-5s', '"-5s": a duration cannot be negative'],
    ['5 parsecs', `"5 parsecs" is not a duration: ${durationForm}`],
    ['soon', `"soon" is not a duration: ${durationForm}`],
    ['1e3ms', `"1e3ms" is not a duration: ${durationForm}`],
    ['1.5.5s', `"1.5.5s" is not a duration: ${durationForm}`],
    ['', `"" is not a duration: ${durationForm}`],
    ['5s constructor', `"5s constructor" is not a duration: ${durationForm}`],
    ['5constructor', `"5constructor" is not a duration: ${durationForm}`],
    ['0.0001ms', '"0.0001ms" is not a whole number of us'],
    ['9999999999999999h', '"9999999999999999h" is too large to count in us'],
  ])('%s is refused', (text, expected) => {
    expect(refusal(() => parseDuration(text))).toBe(expected);
  });

  it('every duration reads back from its text', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (us) => {
        expect(parseDuration(durationText(us))).toBe(us);
      }),
    );
  });

  it('texts are short', () => {
    expect([0, 1, 1_500, 1_500_000, 60_000_000, 5_400_000_000].map(durationText)).toEqual([
      '0us',
      '1us',
      '1.5ms',
      '1.5s',
      '60s',
      '1.5h',
    ]);
  });
});

describe('sizes', () => {
  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['1.5MB', 1_500_000],
    ['2GiB', 2_147_483_648],
    ['1kB', 1_000],
    ['1KB', 1_000],
    ['3TiB', 3_298_534_883_328],
    ['0.5KiB', 512],
    ['0', 0],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    ['64K', '64KiB'],
    ['64kib', '64KiB'],
    ['64 KiB', '64KiB'],
    ['3 megs', `"3 megs" is not a size: ${sizeForm}`],
    ['3M', '3MiB'],
    [512, '512B'],
    ['1.0001KiB', '"1.0001KiB" is not a whole number of B'],
    ['99999999TiB', '"99999999TiB" is too large to count in B'],
    ['-1B', '"-1B": a size cannot be negative'],
  ])('%s is refused', (text, expected) => {
    expect(refusal(() => parseSize(text))).toBe(expected);
  });

  it('every size reads back from its text', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize(sizeText(bytes))).toBe(bytes);
      }),
    );
  });

  it('is exact where floating point is not', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(999), (whole, thousandths) => {
        expect(parseSize(`${whole}.${String(thousandths).padStart(3, '0')}kB`)).toBe(whole * 1_000 + thousandths);
      }),
    );
  });
});
