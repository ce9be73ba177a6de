/**
 * The event kernel: what happens next, in order of virtual time, then of scheduling. A binary heap by hand, because
 * RxJS's VirtualTimeScheduler sorts its whole queue on every insert (brief §6).
 * Knows whole microseconds and events that run; nothing of servers. Must never look at a real clock.
 */
import { invariant } from '../core/refusals.js';

export interface KernelEvent {
  run(): void;
}

/** So many events in one microsecond mean that something asks for itself again without end. */
const EVENTS_PER_MICROSECOND_MAX = 10_000_000;
const SLOTS_AT_FIRST = 1024;

const NOTHING: KernelEvent = { run: () => undefined };

/**
 * Heap positions are struct-of-arrays in typed arrays: sifting moves numbers, never pointers. Events stand still in
 * slots. Events for the present microsecond need no heap: they come after all that were scheduled before it began.
 */
export class Kernel {
  private times = new Float64Array(SLOTS_AT_FIRST);
  private orders = new Float64Array(SLOTS_AT_FIRST);
  private slots = new Int32Array(SLOTS_AT_FIRST);
  private free = new Int32Array(SLOTS_AT_FIRST);
  private readonly events: KernelEvent[] = [];
  private heapSize = 0;
  private freeCount = 0;
  private scheduled = 0;

  /** Events of the present microsecond: those in [presentFrom, presentTo) are still to come. */
  private present: KernelEvent[] = [];
  private presentFrom = 0;
  private presentTo = 0;
  private now = 0;

  /** Virtual time, µs. */
  get nowUs(): number {
    return this.now;
  }

  /** Events to come. */
  get size(): number {
    return this.heapSize + this.presentTo - this.presentFrom;
  }

  /** Time of the next event, µs. */
  get nextUs(): number | undefined {
    if (this.presentFrom < this.presentTo) return this.now;
    return this.heapSize > 0 ? this.times[0] : undefined;
  }

  /** @param atUs whole microseconds, not before now. */
  schedule(atUs: number, event: KernelEvent): void {
    if (atUs === this.now) {
      this.present[this.presentTo++] = event;
      return;
    }
    invariant(atUs > this.now && Number.isSafeInteger(atUs), 'events lie ahead, on whole microseconds', atUs, this.now);
    if (this.heapSize === this.times.length) this.grow();
    const slot = this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.events.length;
    this.events[slot] = event;
    this.siftUp(this.heapSize++, atUs, this.scheduled++, slot);
  }

  /** Runs the next event; false if there is none. */
  runNext(): boolean {
    if (this.heapSize > 0 && this.times[0] === this.now) {
      this.pop().run();
      return true;
    }
    if (this.presentFrom < this.presentTo) {
      const event = this.present[this.presentFrom++] as KernelEvent;
      invariant(this.presentFrom < EVENTS_PER_MICROSECOND_MAX, 'time goes on', this.now);
      event.run();
      return true;
    }
    if (this.heapSize === 0) return false;
    if (this.presentTo > 0) this.leavePresent();
    this.now = this.times[0] as number;
    this.pop().run();
    return true;
  }

  private leavePresent(): void {
    if (this.presentTo > SLOTS_AT_FIRST) this.present = [];
    this.presentFrom = 0;
    this.presentTo = 0;
  }

  private pop(): KernelEvent {
    const slot = this.slots[0] as number;
    const event = this.events[slot] as KernelEvent;
    this.events[slot] = NOTHING;
    this.free[this.freeCount++] = slot;
    const last = --this.heapSize;
    if (last > 0) this.siftDown(this.times[last] as number, this.orders[last] as number, this.slots[last] as number);
    return event;
  }

  private siftUp(from: number, time: number, order: number, slot: number): void {
    const { times, orders, slots } = this;
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      // Upwards, the new event is the latest scheduled: it stays below its equals.
      if ((times[parent] as number) <= time) break;
      times[hole] = times[parent] as number;
      orders[hole] = orders[parent] as number;
      slots[hole] = slots[parent] as number;
      hole = parent;
    }
    times[hole] = time;
    orders[hole] = order;
    slots[hole] = slot;
  }

  private siftDown(time: number, order: number, slot: number): void {
    const { times, orders, slots, heapSize } = this;
    let hole = 0;
    for (let child = 1; child < heapSize; child = 2 * hole + 1) {
      let least = times[child] as number;
      const right = child + 1;
      if (right < heapSize) {
        const other = times[right] as number;
        if (other < least || (other === least && (orders[right] as number) < (orders[child] as number))) {
          child = right;
          least = other;
        }
      }
      if (least > time || (least === time && (orders[child] as number) > order)) break;
      times[hole] = least;
      orders[hole] = orders[child] as number;
      slots[hole] = slots[child] as number;
      hole = child;
    }
    times[hole] = time;
    orders[hole] = order;
    slots[hole] = slot;
  }

  private grow(): void {
    const size = 2 * this.times.length;
    const widened = <T extends Float64Array | Int32Array>(wide: T, old: T): T => {
      wide.set(old);
      return wide;
    };
    this.times = widened(new Float64Array(size), this.times);
    this.orders = widened(new Float64Array(size), this.orders);
    this.slots = widened(new Int32Array(size), this.slots);
    this.free = widened(new Int32Array(size), this.free);
  }
}
