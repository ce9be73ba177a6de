import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, parseByteRange, parseDuration, parseSize, sizeText } from '../../core/units.js';
import { WrongValue } from './errors.js';
import { parseSizeRange, parseSpan, parseWholeRange } from './ranges.js';
import { parseByteRate, parseOperationRate, parseShareMin, parseTimesMax } from './rates.js';

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

describe('ranges', () => {
  it('have two ends, or one for both', () => {
    expect(parseSpan('1ms..5ms')).toEqual({ minUs: 1_000, maxUs: 5_000 });
    expect(parseSpan('0..5ms')).toEqual({ minUs: 0, maxUs: 5_000 });
    expect(parseSpan('1.5ms .. 2.5ms')).toEqual({ minUs: 1_500, maxUs: 2_500 });
    expect(parseSpan('5ms')).toEqual({ minUs: 5_000, maxUs: 5_000 });
    expect(parseSizeRange('1KiB..2MiB')).toEqual({ minBytes: 1_024, maxBytes: 2_097_152 });
    expect(parseWholeRange('1..50', 100)).toEqual({ from: 1, to: 50 });
    expect(parseWholeRange(7, 100)).toEqual({ from: 7, to: 7 });
    expect(parseByteRange('0..1MiB')).toEqual({ fromByte: 0, toByte: 1_048_576 });
    expect(parseByteRange('1MiB..')).toEqual({ fromByte: 1_048_576, toByte: undefined });
  });

  it.each([
    [() => parseSpan('1..5ms'), '1ms..5ms'],
    [() => parseSpan('1ms-5ms'), '1ms..5ms'],
    [() => parseSpan('1-5ms'), '1ms..5ms'],
    [() => parseSpan('5ms..1ms'), '1ms..5ms'],
    [() => parseSpan('1ms..'), `"" is not a duration: ${durationForm}`],
    [() => parseSpan('1ms...5ms'), `".5ms" is not a duration: ${durationForm}`],
    [() => parseSizeRange('1..2MiB'), '1MiB..2MiB'],
    [() => parseWholeRange('1-50', 100), '1..50'],
    [() => parseWholeRange('50..1', 100), '1..50'],
    [() => parseWholeRange('1..500', 100), '"1..500": numbers here go up to 100'],
    [() => parseWholeRange('1.5', 100), '"1.5" is neither a whole number nor a range such as 1..50'],
    [() => parseByteRange('1KiB..1KiB'), '"1KiB..1KiB" holds no byte: it ends where it begins or before'],
    [() => parseByteRange('1KiB'), '"1KiB" is not a range of bytes such as 0..1MiB or 1MiB..'],
  ])('refused %#', (parse, expected) => {
    expect(refusal(parse)).toBe(expected);
  });

  it('read back from their texts', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        const [minUs, maxUs] = a < b ? [a, b] : [b, a];
        expect(parseSpan(`${durationText(minUs)}..${durationText(maxUs)}`)).toEqual({ minUs, maxUs });
      }),
    );
  });
});

describe('rates, shares and factors', () => {
  it('are numbers', () => {
    expect(parseByteRate('100MB/s')).toBe(100_000_000);
    expect(parseOperationRate('50/s')).toBe(50);
    expect(parseOperationRate('0.5/s')).toBe(0.5);
    expect(parseShareMin('>= 80%')).toBe(0.8);
    expect(parseShareMin('>=99.5%')).toBe(0.995);
    expect(parseTimesMax('<= 1.5x')).toBe(1.5);
  });

  const byteRateForm = 'is not a rate: bytes per second are written like 100MB/s';
  it.each([
    [() => parseByteRate('100MB'), '100MB/s'],
    [() => parseByteRate('100 MB/s'), '100MB/s'],
    [() => parseByteRate('100MB / sec'), '100MB/s'],
    [() => parseByteRate('100MBps'), '100MB/s'],
    [() => parseByteRate(100), '100B/s'],
    [() => parseByteRate('100Mbit/s'), `"100Mbit/s" ${byteRateForm}`],
    [() => parseByteRate('fast'), `"fast" ${byteRateForm}`],
    [() => parseByteRate('-1MB/s'), `"-1MB/s" ${byteRateForm}`],
    [() => parseByteRate('0MB/s'), '"0MB/s": a rate must be more than nothing'],
    [() => parseOperationRate(50), '50/s'],
    [() => parseOperationRate('0/s'), '"0/s": a rate must be more than nothing'],
    [() => parseOperationRate('often'), '"often" is not a rate: operations per second are written like 50/s'],
    [() => parseShareMin('80%'), '>= 80%'],
    [() => parseShareMin(0.8), '>= 80%'],
    [() => parseShareMin('>= 101%'), '">= 101%": a share goes up to 100%'],
    [() => parseShareMin('most'), '"most" is not a least share such as ">= 80%"'],
    [() => parseTimesMax(1.5), '<= 1.5x'],
    [() => parseTimesMax('little'), '"little" is not a largest factor such as "<= 1.5x"'],
  ])('refused %#', (parse, expected) => {
    expect(refusal(parse)).toBe(expected);
  });

  it('every whole rate reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(parseByteRate(`${sizeText(bytes)}/s`)).toBe(bytes);
      }),
    );
  });
});

it('whatever is written, it is read or refused, never anything else', () => {
  const parts = fc.constantFrom('1', '0', '.', '..', '-', ' ', 'ms', 's', 'KiB', '/s', '%', '>=', 'x', 'é', '\n', 'e9');
  const junk = fc.oneof(
    fc.string(),
    fc.array(parts, { maxLength: 8 }).map((list) => list.join('')),
  );
  const parsers: readonly ((text: string) => unknown)[] = [
    parseDuration,
    parseSize,
    parseSpan,
    parseSizeRange,
    parseByteRange,
    parseByteRate,
    parseOperationRate,
    parseShareMin,
    parseTimesMax,
    (text) => parseWholeRange(text, 9),
  ];
  fc.assert(
    fc.property(junk, (text) => {
      for (const parse of parsers) expect(typeof refusal(() => parse(text))).toBe('string');
    }),
    { numRuns: 1_000 },
  );
});

it('a suggestion is always accepted', () => {
  const unit = fc.constantFrom('sec', ' s', 'm', 'MIN', ' hours', 'K', ' kib', 'bytes', 'G', '');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999 }), unit, (number, suffix) => {
      for (const parse of [parseDuration, parseSize, parseByteRate, parseSpan, parseSizeRange]) {
        try {
          parse(`${number}${suffix}`);
        } catch (error) {
          const { suggestion } = error as WrongValue;
          if (suggestion !== undefined) expect(() => parse(suggestion)).not.toThrow();
        }
      }
    }),
  );
});
