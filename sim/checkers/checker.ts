/**
 * What every checker is: an observer of the whole run with a name and a last word. Checkers live outside the protocol;
 * they may read what servers tell and, rarely, their states, and must never change anything.
 */
import type { ClientWatcher } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { Observer, World } from '../world-api.js';

/** Told of what servers, links and clients do. Called for every event: O(1), and early out. */
export interface Watcher extends Observer, ClientWatcher {}

export interface Checker extends Watcher {
  readonly name: string;
  /** What was found during the run and in its final state. */
  finish(world: World): readonly Violation[];
}

/** Violations that one checker keeps; the rest are only counted. */
const KEPT_MAX = 5;

/** What one checker found so far. */
export class Findings {
  readonly #kept: Violation[] = [];
  #count = 0;

  constructor(
    private readonly checker: string,
    private readonly nowUs: () => number,
  ) {}

  add(message: string, excerpt: readonly string[] = []): void {
    this.#count += 1;
    if (this.#count <= KEPT_MAX) {
      this.#kept.push({ checker: this.checker, message, atUs: this.nowUs(), excerpt });
    }
  }

  all(): readonly Violation[] {
    const more = this.#count - this.#kept.length;
    if (more === 0) return this.#kept;
    const message = `${more} more of the same kind`;
    return [...this.#kept, { checker: this.checker, message, atUs: this.nowUs(), excerpt: [] }];
  }
}
