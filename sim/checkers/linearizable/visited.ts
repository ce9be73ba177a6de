/**
 * The checker's memory of where it has been: (answered operations placed, state) → sets of unanswered operations spent.
 * Keeps count of its own bytes. Knows neither models nor operations, only their keys.
 */
import { isSubset } from './bit-set.js';

/** What the engine spends beside the characters, in bytes; rounded up from heap snapshots of Node 20. */
const ENTRY_BYTES = 160;
const SET_BYTES = 40;
const CHARACTER_BYTES = 2;

export class Visited {
  readonly #spentSets = new Map<string, string[]>();
  readonly #stateNumbers = new Map<string, number>();
  #bytes = 0;
  #comparisons = 0;

  /** Estimated size, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sets compared so far: the part of the work that is not steps of the model. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /**
   * Notes a place; false if going on from it is in vain. That is so if the same place was visited with the same or fewer
   * unanswered operations spent: whatever completes the history from here would have completed it from there.
   */
  add(stateKey: string, placed: string, spent: string): boolean {
    const key = `${this.#stateNumber(stateKey)},${placed}`;
    const known = this.#spentSets.get(key);
    if (known === undefined) {
      this.#spentSets.set(key, [spent]);
      this.#bytes += ENTRY_BYTES + SET_BYTES + CHARACTER_BYTES * (key.length + spent.length);
      return true;
    }
    this.#comparisons += known.length;
    if (known.some((other) => isSubset(other, spent))) return false;
    known.push(spent);
    this.#bytes += SET_BYTES + CHARACTER_BYTES * spent.length;
    return true;
  }

  /** State keys can be long (a whole value) and come again and again: they are stored once. */
  #stateNumber(stateKey: string): number {
    const known = this.#stateNumbers.get(stateKey);
    if (known !== undefined) return known;
    const number = this.#stateNumbers.size;
    this.#stateNumbers.set(stateKey, number);
    this.#bytes += ENTRY_BYTES + CHARACTER_BYTES * stateKey.length;
    return number;
  }
}
