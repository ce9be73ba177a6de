/**
 * Histories of the file store as clients of a real ring record them, an operation a line:
 * `{client, call, end, op: put | delete | get | stat, path, content?, ifVersion?, result?}`, where `result` is
 * `{outcome: done, version}` or `{outcome: done, found}`, `{outcome: precondition-failed}`, `{outcome: found, content,
 * version}` or `{outcome: absent}`. What belongs in a history is said in history.ts.
 */
import { type FileOperation, historyFault, type ReadOperation } from './history.js';
import { Fault, type Fields, field, flag, parseTimes, text } from './recorded-fields.js';

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function precondition(fields: Fields): { readonly precondition?: { readonly ifVersion: string } } {
  return Object.hasOwn(fields, 'ifVersion') ? { precondition: { ifVersion: text(fields, 'ifVersion') } } : {};
}

function writeResult<T>(result: Fields, done: (result: Fields) => T): T | { readonly outcome: 'precondition-failed' } {
  const outcome = text(result, 'outcome');
  if (outcome === 'precondition-failed') return { outcome };
  if (outcome !== 'done') throw new Fault(`a write ends as "done" or "precondition-failed", not as "${outcome}"`);
  return done(result);
}

function readResult(result: Fields): ReadOperation['result'] {
  const outcome = text(result, 'outcome');
  if (outcome === 'absent') return { outcome };
  if (outcome !== 'found') throw new Fault(`a read ends as "found" or "absent", not as "${outcome}"`);
  return { outcome, content: text(result, 'content'), version: text(result, 'version') };
}

export function parseFileOperation(fields: Fields): FileOperation {
  const times = parseTimes(fields);
  const client = fields['client'] as string | number;
  const path = text(fields, 'path');
  const result = times.end === null ? null : field(fields, 'result', 'an object', isObject);
  const operation = { ...times, client, path, ...precondition(fields) };
  const kind = text(fields, 'op');
  switch (kind) {
    case 'put': {
      const done = (each: Fields) => ({ outcome: 'done' as const, version: text(each, 'version') });
      return { ...operation, kind, content: text(fields, 'content'), result: result && writeResult(result, done) };
    }
    case 'delete': {
      const done = (each: Fields) => ({ outcome: 'done' as const, found: flag(each, 'found') });
      return { ...operation, kind, result: result && writeResult(result, done) };
    }
    case 'get':
    case 'stat':
      return { ...times, client, path, kind, result: result && readResult(result) };
    default:
      throw new Fault(`unknown "op" ${JSON.stringify(kind)}: files has put, delete, get and stat`);
  }
}

/** @throws Fault if this is no history at all: a fault of who recorded it. */
export function refuseFaulty(operations: readonly FileOperation[]): readonly FileOperation[] {
  const fault = historyFault(operations);
  if (fault !== undefined) throw new Fault(fault);
  return operations;
}
