/**
 * Invariant: an operation is executed once, however often it is repeated: one committed entry at most, and its outcome is
 * what the client is told. What went with a whole chain, and nobody was told of, may be executed again.
 */
import type { Outcome } from '../../core/file.js';
import { compareEntryIds, type Incarnation, type MemberId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import { type OperationRecord, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { entryText, type LogBook } from './log-book.js';

function sameOutcome(a: Outcome, b: Outcome): boolean {
  if (a.result === 'stored' && b.result === 'stored') return compareEntryIds(a.version, b.version) === 0;
  if (a.result === 'deleted' && b.result === 'deleted') return a.found === b.found;
  return a.result === b.result;
}

export class ExecutesOnce implements Checker {
  readonly name = 'executes-once';
  readonly #found: Findings;

  constructor(
    private readonly logs: LogBook,
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  /** The log book, which hears each fact first, knows what this one committed. */
  fact(_server: MemberId, _incarnation: Incarnation, fact: Fact): void {
    if (fact.fact !== 'committed') return;
    for (const entry of this.logs.newlyCommitted) {
      const { operation } = entry.proposal;
      const first = this.logs.committedEntry(operation);
      if (first !== undefined && first !== entry) {
        this.#found.add(`operation ${operation} was executed twice`, [entryText(first), entryText(entry)]);
      }
    }
  }

  operationEnded({ answer, operation, client, order }: OperationRecord): void {
    if (answer?.result !== 'done' || operation === undefined) return;
    const entry = this.logs.committedEntry(operation);
    if (entry === undefined || sameOutcome(entry.outcome, answer.outcome)) return;
    // Told of what has gone with its whole chain since: a loss, which acknowledged-durable judges.
    const lost = this.logs.lostEntry(operation);
    if (lost !== undefined && sameOutcome(lost.outcome, answer.outcome)) return;
    this.#found.add(
      `client ${client} was told ${JSON.stringify(answer.outcome)} of its ${order.action.kind} ${targetOf(order.action)}`,
      [`but committed is ${entryText(entry)}`],
    );
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }
}
