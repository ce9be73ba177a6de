/**
 * A run in which nothing succeeded, a fault did not strike, or what should occur did not, has tested nothing.
 */

import type { Violation } from '../run-result.js';
import type { Expectations } from '../scenario/scenario.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import type { Tally } from './tally.js';

/** A step that never struck, and why. */
export interface Idle {
  readonly text: string;
  readonly line: number;
  readonly why: string;
}

export class NotVacuous implements Checker {
  readonly name = 'not-vacuous';
  readonly #found: Findings;

  constructor(
    private readonly expect: Expectations,
    private readonly tally: Tally,
    private readonly idleSteps: () => readonly Idle[],
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  finish(_world: World): readonly Violation[] {
    if (this.tally.done === 0) this.#found.add('no operation succeeded');
    if (this.expect.allStepsStrike) {
      for (const { text, line, why } of this.idleSteps()) {
        this.#found.add(`a step never struck: ${text}`, [`line ${line}: ${why}`]);
      }
    }
    for (const name of this.expect.sometimes) {
      if (![...this.tally.facts.keys()].some((fact) => fact === name)) this.#found.add(`${name} never occurred`);
    }
    return this.#found.all();
  }
}
