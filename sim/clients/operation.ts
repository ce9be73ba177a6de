/**
 * One operation of one client, from its first call to its last word, over all its attempts: what the checkers, the
 * story and the figures are told. Knows what clients see. Must never know how a server keeps anything.
 */
import type { FileRecord, Manifest, Outcome, Precondition } from '../../core/file.js';
import type { ListItem } from '../../core/frame.js';
import type { EntryId, MemberId, OperationId } from '../../core/ids.js';
import type { RefusalCode } from '../../core/refusals.js';
import type { ClientAction } from '../scenario/scenario.js';
import type { PutContent } from './content.js';

/** What the client ends with. `unknown` covers attempts that nobody answered; `abandoned` is the client's own doing. */
export type FinalAnswer =
  | { readonly result: 'done'; readonly outcome: Outcome }
  | { readonly result: 'found'; readonly file: FileRecord }
  | { readonly result: 'absent' }
  | {
      readonly result: 'delivered';
      readonly version: EntryId;
      readonly manifest: Manifest;
      /** Bytes that arrived. */
      readonly bytes: number;
    }
  | { readonly result: 'listed'; readonly items: readonly ListItem[]; readonly more: boolean }
  | { readonly result: 'refused'; readonly code: RefusalCode }
  | { readonly result: 'unknown'; readonly code: RefusalCode }
  | { readonly result: 'abandoned' };

/** Who wanted it: a step, a step at the very end, a workload, or the runner's own last look. */
export type Purpose = 'step' | 'eventually' | 'workload' | 'audit';

/** What a client is to do. */
export interface Order {
  readonly purpose: Purpose;
  /** `as` of a step: several operations share it when several clients do the same. */
  readonly name: string | undefined;
  readonly action: ClientAction;
}

/** Filled in as the operation goes on: `answer`, `end` and `endUs` are undefined until it is over. */
export interface OperationRecord {
  readonly client: string;
  readonly order: Order;
  /** Of a put. */
  readonly content: PutContent | undefined;
  /** Of a put or delete: one for all attempts. */
  readonly operation: OperationId | undefined;
  /** Place in the one order of all calls and answers of the run. */
  readonly call: number;
  readonly callUs: number;
  end: number | undefined;
  endUs: number | undefined;
  answer: FinalAnswer | undefined;
  /** The server of the latest attempt. */
  server: MemberId | undefined;
  attempts: number;
}

/** Told of everything clients do; must not call back into the world except through `at`. */
export interface ClientWatcher {
  operationCalled?(record: OperationRecord): void;
  operationEnded?(record: OperationRecord): void;
  /** Bytes came that should not have come, or not in this order. */
  bytesWrong?(record: OperationRecord, problem: string): void;
}

/** The path of an operation; of a list its prefix. */
export function targetOf(action: ClientAction): string {
  return action.kind === 'list' ? action.prefix : action.path;
}

/** Told to take what was current a while ago: such a read tells nothing of the order of operations. */
export function isEventual(action: ClientAction): boolean {
  return (action.kind === 'get' || action.kind === 'stat') && action.consistency === 'eventual';
}

export function preconditionOf(action: ClientAction): Precondition {
  return action.kind === 'put' || action.kind === 'delete' ? action.precondition : undefined;
}

/** The word scenario files use for an answer: stored, deleted, found, absent, delivered, listed, refused and so on. */
export function answerWord(answer: FinalAnswer): string {
  if (answer.result !== 'done') return answer.result;
  const { outcome } = answer;
  return outcome.result === 'deleted' && !outcome.found ? 'absent' : outcome.result;
}

/** Whether an answer is the one a step expects: by its word, or by the code of a refusal. */
export function answerIs(answer: FinalAnswer, expected: string): boolean {
  if (answerWord(answer) === expected) return true;
  return (answer.result === 'refused' || answer.result === 'unknown') && answer.code === expected;
}

/** What was seen of the file by a get or stat that found one. */
export function seenFile(answer: FinalAnswer | undefined): FileRecord | undefined {
  if (answer?.result === 'found') return answer.file;
  if (answer?.result === 'delivered') return { version: answer.version, manifest: answer.manifest };
  return undefined;
}

/** For people: the answer in a few words. */
export function answerText(answer: FinalAnswer | undefined): string {
  if (answer === undefined) return 'no answer yet';
  switch (answer.result) {
    case 'refused':
    case 'unknown':
      return `${answer.result} (${answer.code})`;
    case 'listed':
      return `${answer.items.length} ${answer.items.length === 1 ? 'path' : 'paths'}${answer.more ? ' and more' : ''}`;
    case 'done':
      return answer.outcome.result === 'deleted' && !answer.outcome.found ? 'nothing to delete' : answer.outcome.result;
    default:
      return answer.result;
  }
}
