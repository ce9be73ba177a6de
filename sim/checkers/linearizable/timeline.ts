/**
 * The calls and returns of one partition in order of time, as linked lists from which an operation can be lifted and put
 * back in constant time (Wing and Gong 1993; Lowe 2017). Knows times, not what operations mean.
 */
import type { Family, TimedOperation } from './model.js';

/** One call or return. */
export interface Entry<Operation> {
  readonly operation: Operation;
  /** The operation's place in the input. */
  readonly index: number;
  /** The operation's place among the answered operations, or among the unanswered ones, by call. */
  readonly bit: number;
  readonly isAnswered: boolean;
  /** Of an unanswered operation, if it has one. */
  readonly family: Family | undefined;
  /** The entry's place among all calls and returns. */
  readonly position: number;
  /** A call's return; undefined for a return and for an operation without an answer. */
  match: Entry<Operation> | undefined;
  previous: Entry<Operation> | undefined;
  next: Entry<Operation> | undefined;
}

/** Takes the operation of a call out of its list. Undone by `putBack`, in reverse order of lifting. */
export function lift<Operation>(call: Entry<Operation>): void {
  unlink(call);
  if (call.match !== undefined) unlink(call.match);
}

export function putBack<Operation>(call: Entry<Operation>): void {
  if (call.match !== undefined) relink(call.match);
  relink(call);
}

function unlink<Operation>(entry: Entry<Operation>): void {
  if (entry.previous !== undefined) entry.previous.next = entry.next;
  if (entry.next !== undefined) entry.next.previous = entry.previous;
}

function relink<Operation>(entry: Entry<Operation>): void {
  if (entry.previous !== undefined) entry.previous.next = entry;
  if (entry.next !== undefined) entry.next.previous = entry;
}

/** The head of a list: stands before the first entry and is never lifted. */
export type Head<Operation> = Pick<Entry<Operation>, 'next'>;

export interface Timeline<Operation> {
  /** Calls and returns of the answered operations. */
  readonly answered: Head<Operation>;
  readonly answeredCount: number;
  /** Calls of the others. */
  readonly unanswered: Head<Operation>;
  readonly unansweredCount: number;
}

interface Moment<Operation> {
  readonly operation: Operation;
  readonly index: number;
  readonly time: number;
  readonly isReturn: boolean;
}

/** At equal times calls come first: operations that touch count as concurrent. */
function inOrder<Operation>(one: Moment<Operation>, other: Moment<Operation>): number {
  return one.time - other.time || Number(one.isReturn) - Number(other.isReturn) || one.index - other.index;
}

class List<Operation> {
  readonly head: { next: Entry<Operation> | undefined };
  #last: Entry<Operation>;
  count = 0;

  constructor() {
    this.head = { next: undefined };
    this.#last = this.head as Entry<Operation>;
  }

  append(entry: Entry<Operation>): void {
    entry.previous = this.#last;
    this.#last.next = entry;
    this.#last = entry;
  }
}

/** Lays out the operations of one partition. `indexes[i]` is the place of `operations[i]` in the whole input. */
export function layOut<Operation extends TimedOperation>(
  operations: readonly Operation[],
  indexes: readonly number[],
  family: (operation: Operation) => Family | undefined,
): Timeline<Operation> {
  const moments: Moment<Operation>[] = [];
  for (const [place, operation] of operations.entries()) {
    const index = indexes[place] ?? place;
    moments.push({ operation, index, time: operation.call, isReturn: false });
    if (operation.end !== null) moments.push({ operation, index, time: operation.end, isReturn: true });
  }
  moments.sort(inOrder);

  const answered = new List<Operation>();
  const unanswered = new List<Operation>();
  const open = new Map<number, Entry<Operation>>();
  for (const [position, { operation, index, isReturn }] of moments.entries()) {
    const isAnswered = operation.end !== null;
    const list = isAnswered ? answered : unanswered;
    const bound = isAnswered ? undefined : family(operation);
    const links = { previous: undefined, next: undefined, match: undefined };
    const call = open.get(index);
    const bit = isReturn && call !== undefined ? call.bit : list.count++;
    const entry: Entry<Operation> = { operation, index, bit, isAnswered, family: bound, position, ...links };
    list.append(entry);
    if (!isReturn) open.set(index, entry);
    else if (call !== undefined) call.match = entry;
  }
  return {
    answered: answered.head,
    answeredCount: answered.count,
    unanswered: unanswered.head,
    unansweredCount: unanswered.count,
  };
}
