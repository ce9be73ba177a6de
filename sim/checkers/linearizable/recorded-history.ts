/**
 * Recorded histories with known verdicts, as JSON lines: a header, then an operation a line. Text in, operations out, or
 * the line and what is wrong with it. Total. Knows three models: a register, a store of strings, and files with versions,
 * as clients of a real ring record them. Reads no files itself.
 */
import { checkLinearizable, type Verdict } from './check.js';
import { fileSpecification } from './file-model.js';
import type { FileOperation } from './history.js';
import { type KvOperation, kvAppendSpecification } from './kv-append-model.js';
import { Fault, type Fields, flag, parseFields, parseTimes, scalar, text } from './recorded-fields.js';
import { parseFileOperation, refuseFaulty } from './recorded-files.js';
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
    | { readonly model: 'files'; readonly operations: readonly FileOperation[] }
  );

/** A broken history: the line, from 1, and what is wrong with it. */
export interface HistoryError {
  readonly line: number;
  readonly message: string;
}

export function checkRecordedHistory(history: RecordedHistory, limits?: SearchLimits): Verdict {
  switch (history.model) {
    case 'cas-register':
      return checkLinearizable(history.operations, registerSpecification(history.initial), limits);
    case 'kv-append':
      return checkLinearizable(history.operations, kvAppendSpecification(history.initial), limits);
    case 'files':
      return checkLinearizable(history.operations, fileSpecification, limits);
  }
}

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
    switch (header.model) {
      case 'cas-register':
        return { ...header, operations: parseAll(parseRegisterOperation) };
      case 'kv-append':
        return { ...header, operations: parseAll(parseKvOperation) };
      case 'files': {
        const operations = parseAll(parseFileOperation);
        // What is wrong with the whole of it names its operations itself.
        line = 1;
        return { ...header, operations: refuseFaulty(operations) };
      }
    }
  } catch (error) {
    if (error instanceof Fault) return { line, message: error.message };
    throw error;
  }
}

type Header = Recorded &
  (
    | { readonly model: 'cas-register'; readonly initial: Scalar }
    | { readonly model: 'kv-append'; readonly initial: string }
    | { readonly model: 'files' }
  );

function parseHeader(fields: Fields): Header {
  const name = text(fields, 'history');
  const model = text(fields, 'model');
  const isLinearizable = flag(fields, 'linearizable');
  switch (model) {
    case 'cas-register':
      return { name, isLinearizable, model, initial: scalar(fields, 'initial') };
    case 'kv-append':
      return { name, isLinearizable, model, initial: text(fields, 'initial') };
    case 'files':
      return { name, isLinearizable, model };
    default:
      throw new Fault(`unknown model ${JSON.stringify(model)}: expected "cas-register", "kv-append" or "files"`);
  }
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
