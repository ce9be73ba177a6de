/**
 * Reading one line of a recorded history: a JSON object with the fields that are expected, or a Fault that says what is
 * wrong with it. Knows no model.
 */
import type { Scalar } from './register-model.js';

/** Thrown by the readers below, caught by `parseHistory`. */
export class Fault extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

export function parseFields(line: string): Fields {
  if (line.trim() === '') throw new Fault('empty line: expected a JSON object');
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Fault(`not JSON: ${(error as SyntaxError).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault(`expected a JSON object, not ${JSON.stringify(value).slice(0, 40)}`);
  }
  return value as Fields;
}

export function field<T>(fields: Fields, name: string, wanted: string, is: (value: unknown) => value is T): T {
  if (!Object.hasOwn(fields, name)) throw new Fault(`"${name}" is missing: expected ${wanted}`);
  const value = fields[name];
  if (!is(value)) throw new Fault(`"${name}" is ${JSON.stringify(value).slice(0, 40)}: expected ${wanted}`);
  return value;
}

export const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isTime = (value: unknown): value is number => Number.isSafeInteger(value);
const isEnd = (value: unknown): value is number | null => value === null || isTime(value);
const isClient = (value: unknown): value is string | number => isText(value) || typeof value === 'number';
const isScalar = (value: unknown): value is Scalar =>
  value === null || isText(value) || isFlag(value) || typeof value === 'number';

export const text = (fields: Fields, name: string): string => field(fields, name, 'a string', isText);
export const flag = (fields: Fields, name: string): boolean => field(fields, name, 'true or false', isFlag);
export const scalar = (fields: Fields, name: string): Scalar =>
  field(fields, name, 'a string, a number, true, false or null', isScalar);

export function parseTimes(fields: Fields): { readonly call: number; readonly end: number | null } {
  field(fields, 'client', 'a number or a string', isClient);
  const call = field(fields, 'call', 'an integer', isTime);
  const end = field(fields, 'end', 'an integer, or null if no answer came', isEnd);
  if (end !== null && end < call) throw new Fault(`"end" is ${end}, before "call" at ${call}`);
  if (end === null && Object.hasOwn(fields, 'result')) throw new Fault('"result" without an "end"');
  return { call, end };
}
