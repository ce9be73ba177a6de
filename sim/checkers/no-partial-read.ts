/**
 * Invariant: a reader gets the bytes of one put, all of them, in order, each once. The clients look at every chunk as it
 * comes; this reports what they saw.
 */
import { type OperationRecord, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';

export class NoPartialRead implements Checker {
  readonly name = 'no-partial-read';
  readonly #found: Findings;

  constructor(nowUs: () => number) {
    this.#found = new Findings(this.name, nowUs);
  }

  bytesWrong(record: OperationRecord, problem: string): void {
    this.#found.add(
      `client ${record.client}, reading ${targetOf(record.order.action)} at ${record.server}: ${problem}`,
    );
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }
}
