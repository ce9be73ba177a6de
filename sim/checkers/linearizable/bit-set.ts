/**
 * A set of small integers with keys for exact comparison. Additions come roughly in order, so nearly all of the set is a
 * prefix 0..n: `windowKey` names only what follows it. A leaf of the linearizability checker.
 */

const WORD_BITS = 16;
const FULL_WORD = 0xffff;
/** Words per call of String.fromCharCode: far below any engine's limit on arguments. */
const WORDS_PER_SLICE = 4096;

export class BitSet {
  readonly #words: Uint16Array;
  /** Every word before this one is full. */
  #low = 0;
  /** Every word from this one on is empty. */
  #high = 0;

  /** For integers from 0 to size - 1. */
  constructor(size: number) {
    this.#words = new Uint16Array(Math.ceil(size / WORD_BITS));
  }

  add(bit: number): void {
    const word = Math.floor(bit / WORD_BITS);
    this.#words[word] = this.#word(word) | (1 << (bit % WORD_BITS));
    this.#high = Math.max(this.#high, word + 1);
    while (this.#word(this.#low) === FULL_WORD) this.#low += 1;
  }

  delete(bit: number): void {
    const word = Math.floor(bit / WORD_BITS);
    this.#words[word] = this.#word(word) & ~(1 << (bit % WORD_BITS));
    this.#low = Math.min(this.#low, word);
    while (this.#high > 0 && this.#word(this.#high - 1) === 0) this.#high -= 1;
  }

  /** Equal for equal sets only. Short when the set is nearly a prefix. */
  windowKey(): string {
    return `${this.#low},${this.#characters(this.#low)}`;
  }

  /** Equal for equal sets only, and fit for `isSubset`. */
  wholeKey(): string {
    return this.#characters(0);
  }

  #word(index: number): number {
    return this.#words[index] ?? 0;
  }

  #characters(from: number): string {
    let key = '';
    for (let start = from; start < this.#high; start += WORDS_PER_SLICE) {
      key += String.fromCharCode(...this.#words.subarray(start, Math.min(start + WORDS_PER_SLICE, this.#high)));
    }
    return key;
  }
}

/** Whether the set behind one `wholeKey` is part of the set behind another. */
export function isSubset(inner: string, outer: string): boolean {
  if (inner.length > outer.length) return false;
  for (let index = 0; index < inner.length; index++) {
    if ((inner.charCodeAt(index) & ~outer.charCodeAt(index)) !== 0) return false;
  }
  return true;
}
