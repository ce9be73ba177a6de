/**
 * Recorded histories with known verdicts, as JSON lines (the format of histories/README.md): text in, operations out, or
 * the line and what is wrong with it. Total. Knows the two models of that format; reads no files itself.
 */
import { checkLinearizable, type Verdict } from './check.js';
import { type KvOperation, kvAppendSpecification } from './kv-append-model.js';
import { type RegisterOperation, registerSpecification, type Scalar } from './register-model.js';
import type { SearchLimits } from './search.js';

interface Recorded {
  readonly name: string;
  /** The verdict that the history claims for itself. */
  readonly isLinearizable: boolean;
}

export type RecordedHistory = Recorded &
  (
    | { readonly model: 'cas-register'; readonly initial: Scalar; readonly operations: readonly RegisterOperation[] }
    | { readonly model: 'kv-append'; readonly initial: string; readonly operations: readonly KvOperation[] }
  );

/** A broken history: the line, from 1, and what is wrong with it. */
export interface HistoryError {
  readonly line: number;
  readonly message: string;
}

export function checkRecordedHistory(history: RecordedHistory, limits?: SearchLimits): Verdict {
  return history.model === 'cas-register'
    ? checkLinearizable(history.operations, registerSpecification(history.initial), limits)
    : checkLinearizable(history.operations, kvAppendSpecification(history.initial), limits);
}

/** Thrown by the field readers below, caught by `parseHistory`. */
class Fault extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the text of a whole file. */
export function parseHistory(text: string): RecordedHistory | HistoryError {
  const lines = text.split('\n');
  if (lines.at(-1)?.trim() === '') lines.pop();
  let line = 1;
  try {
    const header = parseHeader(parseFields(lines[0] ?? ''));
    const rest = lines.slice(1).map((each) => {
      line += 1;
      return parseFields(each);
    });
    line = 1;
    const parseAll = <T>(parse: (fields: Fields) => T): T[] =>
      rest.map((fields) => {
        line += 1;
        return parse(fields);
      });
    return header.model === 'cas-register'
      ? { ...header, operations: parseAll(parseRegisterOperation) }
      : { ...header, operations: parseAll(parseKvOperation) };
  } catch (error) {
    if (error instanceof Fault) return { line, message: error.message };
    throw error;
  }
}

function parseFields(line: string): Fields {
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

function field<T>(fields: Fields, name: string, wanted: string, is: (value: unknown) => value is T): T {
  if (!Object.hasOwn(fields, name)) throw new Fault(`"${name}" is missing: expected ${wanted}`);
  const value = fields[name];
  if (!is(value)) throw new Fault(`"${name}" is ${JSON.stringify(value).slice(0, 40)}: expected ${wanted}`);
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isTime = (value: unknown): value is number => Number.isSafeInteger(value);
const isEnd = (value: unknown): value is number | null => value === null || isTime(value);
const isClient = (value: unknown): value is string | number => isText(value) || typeof value === 'number';
const isScalar = (value: unknown): value is Scalar =>
  value === null || isText(value) || isFlag(value) || typeof value === 'number';

const text = (fields: Fields, name: string): string => field(fields, name, 'a string', isText);
const flag = (fields: Fields, name: string): boolean => field(fields, name, 'true or false', isFlag);
const scalar = (fields: Fields, name: string): Scalar =>
  field(fields, name, 'a string, a number, true, false or null', isScalar);

type Header = Recorded &
  (
    | { readonly model: 'cas-register'; readonly initial: Scalar }
    | { readonly model: 'kv-append'; readonly initial: string }
  );

function parseHeader(fields: Fields): Header {
  const name = text(fields, 'history');
  const model = text(fields, 'model');
  if (model !== 'cas-register' && model !== 'kv-append') {
    throw new Fault(`unknown model ${JSON.stringify(model)}: expected "cas-register" or "kv-append"`);
  }
  const isLinearizable = flag(fields, 'linearizable');
  return model === 'cas-register'
    ? { name, isLinearizable, model, initial: scalar(fields, 'initial') }
    : { name, isLinearizable, model, initial: text(fields, 'initial') };
}

function parseTimes(fields: Fields): { readonly call: number; readonly end: number | null } {
  field(fields, 'client', 'a number or a string', isClient);
  const call = field(fields, 'call', 'an integer', isTime);
  const end = field(fields, 'end', 'an integer, or null if no answer came', isEnd);
  if (end !== null && end < call) throw new Fault(`"end" is ${end}, before "call" at ${call}`);
  if (end === null && Object.hasOwn(fields, 'result')) throw new Fault('"result" without an "end"');
  return { call, end };
}

function parseRegisterOperation(fields: Fields): RegisterOperation {
  const times = parseTimes(fields);
  const isAnswered = times.end !== null;
  const op = text(fields, 'op');
  switch (op) {
    case 'read':
      return { ...times, op, result: isAnswered ? scalar(fields, 'result') : null };
    case 'write':
      return { ...times, op, value: scalar(fields, 'value') };
    case 'cas': {
      const [from, to] = [scalar(fields, 'from'), scalar(fields, 'to')];
      return { ...times, op, from, to, result: isAnswered && flag(fields, 'result') };
    }
    default:
      throw new Fault(`unknown "op" ${JSON.stringify(op)}: cas-register has read, write and cas`);
  }
}

function parseKvOperation(fields: Fields): KvOperation {
  const times = { ...parseTimes(fields), key: text(fields, 'key') };
  const op = text(fields, 'op');
  switch (op) {
    case 'get':
      return { ...times, op, result: times.end === null ? '' : text(fields, 'result') };
    case 'put':
    case 'append':
      return { ...times, op, value: text(fields, 'value') };
    default:
      throw new Fault(`unknown "op" ${JSON.stringify(op)}: kv-append has get, put and append`);
  }
}
