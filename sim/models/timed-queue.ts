/**
 * Things on their way that keep their order: a frame on a connection, a write to a disk, a call to the coordinator.
 * However many are queued, only the first one takes a place in the kernel. Knows the kernel and nothing else.
 */
import type { Kernel, KernelEvent } from '../kernel.js';

const SIZE_AT_FIRST = 8;
const NEVER = Number.POSITIVE_INFINITY;

export abstract class TimedQueue<T> implements KernelEvent {
  /** A ring buffer, its size a power of two. */
  private items: (T | undefined)[] = new Array<T | undefined>(SIZE_AT_FIRST).fill(undefined);
  private times = new Float64Array(SIZE_AT_FIRST);
  private head = 0;
  private count = 0;
  private lastUs = 0;
  /** When the kernel comes back to us; NEVER if it does not. All other appointments are void. */
  private pendingUs = NEVER;

  constructor(protected readonly kernel: Kernel) {}

  /** It has come. */
  protected abstract arrive(item: T): void;

  /** 0: the way is free. Otherwise look again after so many µs, or (Infinity) when somebody calls `resume`. */
  protected blockedUs(): number {
    return 0;
  }

  get size(): number {
    return this.count;
  }

  /** Comes at this time, but not before what was pushed earlier. */
  push(atUs: number, item: T): void {
    if (this.count === this.items.length) this.grow();
    if (atUs > this.lastUs) this.lastUs = atUs;
    const at = (this.head + this.count++) & (this.items.length - 1);
    this.items[at] = item;
    this.times[at] = this.lastUs;
    this.expect();
  }

  /** Takes back all but the first `keep`, oldest first. */
  cut(keep: number): T[] {
    const gone: T[] = [];
    for (let i = keep; i < this.count; i++) {
      const at = (this.head + i) & (this.items.length - 1);
      gone.push(this.items[at] as T);
      this.items[at] = undefined;
    }
    this.count -= gone.length;
    this.lastUs = this.count > 0 ? (this.times[(this.head + this.count - 1) & (this.items.length - 1)] as number) : 0;
    return gone;
  }

  /** The way is free again. */
  resume(): void {
    this.expect();
  }

  run(): void {
    const nowUs = this.kernel.nowUs;
    if (nowUs !== this.pendingUs) return;
    this.pendingUs = NEVER;
    if (this.count === 0) return;
    // A cut can have taken away what this event was scheduled for.
    if ((this.times[this.head] as number) > nowUs) {
      this.expect();
      return;
    }
    const blockedUs = this.blockedUs();
    if (blockedUs > 0) {
      if (blockedUs !== NEVER) this.wait(nowUs + blockedUs);
      return;
    }
    const item = this.items[this.head] as T;
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.count--;
    this.expect();
    this.arrive(item);
  }

  /** Makes sure that the kernel comes back when the first item is due. */
  private expect(): void {
    if (this.count === 0) return;
    const dueUs = this.times[this.head] as number;
    const nowUs = this.kernel.nowUs;
    const atUs = dueUs > nowUs ? dueUs : nowUs;
    if (atUs < this.pendingUs) this.wait(atUs);
  }

  private wait(atUs: number): void {
    this.pendingUs = atUs;
    this.kernel.schedule(atUs, this);
  }

  private grow(): void {
    const size = this.items.length;
    const items = new Array<T | undefined>(2 * size).fill(undefined);
    const times = new Float64Array(2 * size);
    for (let i = 0; i < size; i++) {
      const at = (this.head + i) & (size - 1);
      items[i] = this.items[at];
      times[i] = this.times[at] as number;
    }
    this.items = items;
    this.times = times;
    this.head = 0;
  }
}
