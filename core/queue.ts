/**
 * A persistent first-in-first-out queue (two lists, Okasaki 1998): push and shift in constant amortised time.
 * A leaf.
 */

interface Cell<T> {
  readonly value: T;
  readonly next: Cell<T> | undefined;
}

export class Queue<T> {
  private constructor(
    private readonly front: Cell<T> | undefined,
    private readonly back: Cell<T> | undefined,
    readonly size: number,
  ) {}

  private static readonly none = new Queue<never>(undefined, undefined, 0);

  static empty<T>(): Queue<T> {
    return Queue.none as unknown as Queue<T>;
  }

  push(value: T): Queue<T> {
    if (this.front === undefined) return new Queue({ value, next: undefined }, undefined, 1);
    return new Queue(this.front, { value, next: this.back }, this.size + 1);
  }

  /** The oldest value; undefined if the queue is empty. */
  peek(): T | undefined {
    return this.front?.value;
  }

  /** The queue without its oldest value. */
  shift(): Queue<T> {
    if (this.size <= 1) return Queue.empty();
    if (this.front?.next !== undefined) return new Queue(this.front.next, this.back, this.size - 1);
    let front: Cell<T> | undefined;
    for (let at = this.back; at !== undefined; at = at.next) front = { value: at.value, next: front };
    return new Queue(front, undefined, this.size - 1);
  }

  /** The values that pass the test, in order. */
  filter(test: (value: T) => boolean): Queue<T> {
    let kept: Queue<T> = Queue.empty();
    for (const value of this) if (test(value)) kept = kept.push(value);
    return kept.size === this.size ? this : kept;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let at = this.front; at !== undefined; at = at.next) yield at.value;
    const rest: T[] = [];
    for (let at = this.back; at !== undefined; at = at.next) rest.push(at.value);
    for (let i = rest.length - 1; i >= 0; i--) yield rest[i] as T;
  }
}
