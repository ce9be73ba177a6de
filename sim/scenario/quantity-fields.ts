/**
 * The leaves that are numbers with units: times, sizes, rates, shares, counts.
 * Knows the units and their bounds; no key of the format.
 */
import { durationText, parseByteRange, parseDuration, parseSize } from '../../core/units.js';
import { quote, WrongValue } from './errors.js';
import { field, scalarText, type Told } from './field.js';
import { parseSizeRange, parseSpan, parseWholeRange } from './ranges.js';
import { parseByteRate, parseOperationRate, parseShareMin, parseTimesMax } from './rates.js';
import type { Span } from './scenario.js';

/** Longest time in a scenario: one virtual day. */
const TIME_MAX_US = 86_400_000_000;

const stringOr0 = (pattern: string) => ({ anyOf: [{ type: 'string', pattern }, { const: 0 }] });
const DURATION = '\\d+(\\.\\d+)?(us|ms|s|min|h)';
const SIZE = '\\d+(\\.\\d+)?([kKMGT]?B|[KMGT]iB)';
const rangeOf = (one: string): string => `^(0|${one})(\\.\\.${one})?$`;

/** A time of a scenario, µs: never longer than the longest run. */
export function parseTime(value: unknown): number {
  const us = parseDuration(scalarText(value, 'a duration such as 5ms'));
  if (us > TIME_MAX_US) throw new WrongValue(`${quote(value)} is longer than the longest run, one virtual day`, '24h');
  return us;
}

/** A time since the start, or a length of time that may be nothing. */
export const durationField = (told: Told) => field(parseTime, { ...stringOr0(`^(0|${DURATION})$`), ...told });

/** A length of time of at least 1 µs. */
export const lastingField = (told: Told) =>
  field(
    (value) => {
      const us = parseTime(value);
      if (us === 0) throw new WrongValue(`${quote(value)} is no time at all: it must be more than 0`);
      return us;
    },
    { type: 'string', pattern: `^${DURATION}$`, ...told },
  );

/** A span of time that is never nothing: one length, or a range of them. */
export const lastingSpanField = (told: Told) =>
  field(
    (value): Span => {
      const text = scalarText(value, 'a duration such as 5ms');
      const span = text.includes('..') ? parseSpan(text) : { minUs: parseTime(value), maxUs: parseTime(value) };
      if (span.minUs === 0) throw new WrongValue(`${quote(value)} is no time at all: it must be more than 0`);
      if (span.maxUs > TIME_MAX_US) throw new WrongValue(`${quote(value)} is longer than the longest run`, '24h');
      return span;
    },
    { type: 'string', pattern: `^${DURATION}(\\.\\.${DURATION})?$`, ...told },
  );

export const spanField = (told: Told) =>
  field(
    (value) => {
      const span = parseSpan(scalarText(value, 'a time or range of times such as 1ms..5ms'));
      if (span.maxUs > TIME_MAX_US) {
        throw new WrongValue(
          `${quote(value)} is longer than the longest run, one virtual day (${durationText(TIME_MAX_US)})`,
        );
      }
      return span;
    },
    { ...stringOr0(rangeOf(DURATION)), ...told },
  );

export const sizeField = (told: Told, min: number, max: number) =>
  field(
    (value) => {
      const bytes = parseSize(scalarText(value, 'a size such as 64KiB'));
      if (bytes < min || bytes > max) throw new WrongValue(`${quote(value)} is out of bounds: ${told.description}`);
      return bytes;
    },
    { ...stringOr0(`^${SIZE}$`), ...told },
  );

export const sizeRangeField = (told: Told) =>
  field((value) => parseSizeRange(scalarText(value, 'a size or range of sizes such as 1KiB..2MiB')), {
    ...stringOr0(rangeOf(SIZE)),
    ...told,
  });

export const byteRangeField = (told: Told) =>
  field((value) => parseByteRange(scalarText(value, 'a range of bytes such as 0..1MiB')), {
    type: 'string',
    pattern: `^(0|${SIZE})\\.\\.(${SIZE})?$`,
    ...told,
  });

export const byteRateField = (told: Told) =>
  field((value) => parseByteRate(scalarText(value, 'a rate such as 100MB/s')), {
    type: 'string',
    pattern: `^${SIZE}/s$`,
    ...told,
  });

export const operationRateField = (told: Told) =>
  field((value) => parseOperationRate(scalarText(value, 'a rate such as 50/s')), {
    type: 'string',
    pattern: '^\\d+(\\.\\d+)?/s$',
    ...told,
  });

export const shareField = (told: Told) =>
  field((value) => parseShareMin(scalarText(value, 'a least share such as ">= 80%"')), { type: 'string', ...told });

export const timesField = (told: Told) =>
  field((value) => parseTimesMax(scalarText(value, 'a largest factor such as "<= 1.5x"')), { type: 'string', ...told });

export const seedsField = (told: Told) =>
  field((value) => parseWholeRange(scalarText(value, 'a whole number or a range such as 1..50'), 4_294_967_295), {
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: '^\\d+\\.\\.\\d+$' },
    ],
    ...told,
  });

export const wholeField = (told: Told, minimum: number, maximum: number) =>
  field(
    (value) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
      throw new WrongValue(`${quote(value)} is not a whole number from ${minimum} to ${maximum}`);
    },
    { type: 'integer', minimum, maximum, ...told },
  );
