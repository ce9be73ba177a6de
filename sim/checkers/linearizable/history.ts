/**
 * What clients of the file store asked and were told: the history that the simulator records for the linearizability
 * checker. Types and their check. Knows the promises to clients, nothing of the protocol behind them.
 *
 * What belongs in a history: every put and delete except those surely not executed (refused), and every get and stat
 * that was answered. A put or delete whose outcome the client does not know has `end: null`. A repeated operation id is
 * one operation: from its first call to its first answer.
 */
import type { TimedOperation } from './model.js';

/** `none`: the path must not exist; `any`: it must exist; else: its version must be this very one. */
export interface Precondition {
  readonly ifVersion?: string;
}

/** The file that a get or stat found. */
export interface Found {
  readonly outcome: 'found';
  readonly content: string;
  readonly version: string;
}
export interface PreconditionFailed {
  readonly outcome: 'precondition-failed';
}

/**
 * `call` and `end` are safe integers on one clock of the whole run. Numbers of events are better than virtual times: equal
 * times count as concurrent, so that some contradictions are not seen. `result` is null if and only if `end` is.
 */
interface Operation extends TimedOperation {
  readonly client: string | number;
  readonly path: string;
}

export interface PutOperation extends Operation {
  readonly kind: 'put';
  /** Names what was put. No two puts on a path share it. */
  readonly content: string;
  readonly precondition?: Precondition;
  readonly result: { readonly outcome: 'done'; readonly version: string } | PreconditionFailed | null;
}

export interface DeleteOperation extends Operation {
  readonly kind: 'delete';
  readonly precondition?: Precondition;
  /** `found: false`: the precondition held and there was no file. */
  readonly result: { readonly outcome: 'done'; readonly found: boolean } | PreconditionFailed | null;
}

export interface ReadOperation extends Operation {
  readonly kind: 'get' | 'stat';
  readonly result: Found | { readonly outcome: 'absent' } | null;
}

export type FileOperation = PutOperation | DeleteOperation | ReadOperation;

/** What is wrong with a history as a history, or undefined: a fault of who recorded it, not of the store. */
export function historyFault(operations: readonly FileOperation[]): string | undefined {
  const contents = new Map<string, Set<string>>();
  for (const [index, operation] of operations.entries()) {
    const { call, end, path } = operation;
    const where = `operation ${index} (${operation.kind} ${path})`;
    if (!Number.isSafeInteger(call)) return `${where}: call is ${call}, not a safe integer`;
    if (end !== null && !Number.isSafeInteger(end)) return `${where}: end is ${end}, not a safe integer or null`;
    if (end !== null && end < call) return `${where}: end ${end} is before call ${call}`;
    if ((end === null) !== (operation.result === null)) return `${where}: has an end or a result, but not both`;
    if (operation.kind !== 'put') continue;
    const known = contents.get(path) ?? new Set();
    if (known.has(operation.content)) return `${where}: content ${operation.content} was put before`;
    contents.set(path, known.add(operation.content));
  }
  return undefined;
}

function askedText(operation: FileOperation): string {
  if (operation.kind !== 'put' && operation.kind !== 'delete') return operation.kind;
  const asked = operation.precondition?.ifVersion;
  const content = operation.kind === 'put' ? ` ${operation.content}` : '';
  return `${operation.kind}${content}${asked === undefined ? '' : ` if version ${asked}`}`;
}

function resultText(result: FileOperation['result']): string {
  if (result === null) return 'no answer';
  switch (result.outcome) {
    case 'found':
      return `${result.content} (version ${result.version})`;
    case 'done':
      if ('version' in result) return `done, version ${result.version}`;
      return result.found ? 'done' : 'nothing to delete';
    case 'absent':
      return 'absent';
    case 'precondition-failed':
      return 'precondition failed';
  }
}

/** One operation for people, on one line. */
export function describeOperation(operation: FileOperation): string {
  const { client, call, end, result } = operation;
  return `[${call}..${end ?? ''}] client ${client}: ${askedText(operation)} → ${resultText(result)}`;
}
