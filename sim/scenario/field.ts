/**
 * A leaf of the file format: how one value is read, and what editors are told about it.
 * Knows zod; no unit, no word and no key. Every failure carries its message and, if there is one, a suggestion.
 */
import { z } from 'zod';
import { quote, WrongValue } from './errors.js';

/** What editors show; the rest is JSON schema, as it stands. */
export interface Told {
  readonly title: string;
  readonly description: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly [key: string]: unknown;
}

/** A leaf: `parse` throws WrongValue. */
export function field<T>(parse: (value: unknown) => T, told: Told) {
  return z
    .unknown()
    .meta({ ...told })
    .transform((value, context): T => {
      if (value === undefined || value === null) {
        const absent = value === undefined ? 'missing' : 'empty';
        context.issues.push({ code: 'custom', message: absent, params: { absent }, input: value });
        return z.NEVER;
      }
      try {
        return parse(value);
      } catch (error) {
        if (!(error instanceof WrongValue)) throw error;
        context.issues.push({
          code: 'custom',
          message: error.message,
          params: { suggestion: error.suggestion },
          input: value,
        });
        return z.NEVER;
      }
    });
}

/** Numbers stand for themselves: 5 in YAML is the text 5. */
export function scalarText(value: unknown, expected: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new WrongValue(`${quote(value)} is not ${expected}`);
}

export function onlyString(value: unknown, expected: string): string {
  if (typeof value === 'string') return value;
  const meant = typeof value === 'number' || typeof value === 'boolean' ? `'${value}'` : undefined;
  throw new WrongValue(`${quote(value)} is not ${expected}`, meant);
}
