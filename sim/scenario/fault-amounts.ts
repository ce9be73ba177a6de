/**
 * By how much, to what, from whom: the keys of a fault step whose meaning its word decides.
 * Knows the format; no YAML.
 */
import { quote, WrongValue } from './errors.js';
import { parseTime } from './quantity-fields.js';
import type { Path } from './source.js';
import type { StepContext } from './step-context.js';
import type { StepInFile } from './step-schema.js';

/** Slowest and fastest clock, in seconds of a thousand. */
const DRIFT_MIN = -900;
const DRIFT_MAX = 100_000;

/** What `read` gives, or `fallback` after its complaint was noted. */
export function amountField<T>(
  key: 'by' | 'to' | 'from',
  path: Path,
  { problems }: StepContext,
  fallback: T,
  read: () => T,
): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    problems.add([...path, key], error.message, error.suggestion);
    return fallback;
  }
}

const TIMES = { skew: '-2s', jump: '1h', 'delay-watch': '2s' } as const;

/** `by` of what moves a clock or a notice, µs. */
export function timeAmount(
  { by }: StepInFile,
  kind: keyof typeof TIMES,
  path: Path,
  context: StepContext,
  isSigned: boolean,
): number {
  if (by === undefined) {
    context.problems.addKey([...path, kind], `${kind} by how much? Add by, as in by: ${TIMES[kind]}`);
    return 0;
  }
  return amountField('by', path, context, 0, () => {
    const us = isSigned ? signedTime(by) : parseTime(by);
    if (us === 0) throw new WrongValue(`${quote(by)} is no change at all`);
    return us;
  });
}

function signedTime(given: string): number {
  const text = given.trim();
  if (!text.startsWith('-')) return parseTime(text.replace(/^\+/, ''));
  try {
    return -parseTime(text.slice(1).trimStart());
  } catch (error) {
    if (!(error instanceof WrongValue) || error.suggestion === undefined) throw error;
    throw new WrongValue(error.message, `-${error.suggestion}`);
  }
}

/** `by` of a clock that drifts: seconds in a thousand. */
export function wholeAmount({ by }: StepInFile, kind: 'drift', path: Path, context: StepContext): number {
  if (by === undefined) {
    context.problems.addKey([...path, kind], 'drift by how much? Add by, in seconds of a thousand, as in by: 50');
    return 0;
  }
  return amountField('by', path, context, 0, () => {
    const number = /^[+-]?\d{1,6}$/.test(by) ? Number(by) : Number.NaN;
    if (number >= DRIFT_MIN && number <= DRIFT_MAX && number !== 0) return number;
    throw new WrongValue(
      `${quote(by)} is not how many seconds in a thousand a clock gains: a whole number from ${DRIFT_MIN} to ${DRIFT_MAX}, not 0`,
    );
  });
}
