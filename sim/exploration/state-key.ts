/**
 * A number for every value, the same for equal values: so that a world that was seen before is known again. Immutable
 * values share their parts, and each part is looked at once: a key costs what has changed.
 */
import { Queue } from '../../core/queue.js';
import { SortedMap } from '../../core/sorted-map.js';

/**
 * Of a server's state: what makes no difference to what it does here. Time stands still, so no timer fires; its dealings
 * with the coordinator are told by what the register holds.
 */
const IGNORED: ReadonlySet<string> = new Set(['limits', 'timers', 'alarm', 'coordination', 'seed']);

export class StateKeys {
  private readonly numbers = new Map<string, number>();
  private readonly known = new WeakMap<object, number>();

  /** @param value plain objects, arrays, persistent maps and queues of such, and what has no parts */
  of(value: unknown): number {
    if (typeof value !== 'object' || value === null) return this.number(`${typeof value} ${String(value)}`);
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const number = this.number(this.text(value));
    this.known.set(value, number);
    return number;
  }

  private text(value: object): string {
    let text = '';
    if (value instanceof SortedMap) {
      for (const [key, part] of value.entries()) text += `${key}=${this.of(part)},`;
      return `map ${text}`;
    }
    if (Array.isArray(value) || value instanceof Queue) {
      for (const part of value as Iterable<unknown>) text += `${this.of(part)},`;
      return `list ${text}`;
    }
    for (const [key, part] of Object.entries(value)) {
      if (part !== undefined && !IGNORED.has(key)) text += `${key}=${this.of(part)},`;
    }
    return `object ${text}`;
  }

  private number(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.numbers.size);
    return this.numbers.size - 1;
  }
}
