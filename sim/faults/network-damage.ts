/**
 * What is broken in the network, counted: two faults that silence the same direction are two, and it is heard again only
 * when both have ended. A delay or rate set later wins, and only its own end takes it away.
 */
import type { MemberId } from '../../core/ids.js';
import type { Span } from '../scenario/scenario.js';
import type { World } from '../world-api.js';

export type Pair = readonly [from: MemberId, to: MemberId];
/** Ends a fault; harmless when somebody else has ended it. */
export type Undo = () => void;

class Counted {
  readonly #counts = new Map<string, number>();
  /** Grows when everything is mended: what was broken before is not mended twice. */
  #era = 0;

  constructor(private readonly set: (from: MemberId, to: MemberId, on: boolean) => void) {}

  add([from, to]: Pair): Undo {
    const key = `${from} > ${to}`;
    const era = this.#era;
    this.#change(key, 1, from, to);
    let isOver = false;
    return () => {
      if (isOver || era !== this.#era) return;
      isOver = true;
      if ((this.#counts.get(key) ?? 0) > 0) this.#change(key, -1, from, to);
    };
  }

  /** Ends all that was added for this pair. @returns false if there was nothing. */
  end([from, to]: Pair): boolean {
    const key = `${from} > ${to}`;
    const count = this.#counts.get(key) ?? 0;
    if (count > 0) this.#change(key, -count, from, to);
    return count > 0;
  }

  forget(): void {
    this.#era += 1;
    this.#counts.clear();
  }

  #change(key: string, by: number, from: MemberId, to: MemberId): void {
    const before = this.#counts.get(key) ?? 0;
    this.#counts.set(key, before + by);
    if ((before === 0) !== (before + by === 0)) this.set(from, to, before + by > 0);
  }
}

class Latest<Value> {
  readonly #values = new Map<string, object>();

  constructor(private readonly set: (from: MemberId, to: MemberId, value: Value | undefined) => void) {}

  put([from, to]: Pair, value: Value): Undo {
    const key = `${from} > ${to}`;
    const mine = {};
    this.#values.set(key, mine);
    this.set(from, to, value);
    return () => {
      if (this.#values.get(key) !== mine) return;
      this.#values.delete(key);
      this.set(from, to, undefined);
    };
  }

  forget(): void {
    this.#values.clear();
  }
}

export class NetworkDamage {
  readonly silences: Counted;
  readonly holds: Counted;
  readonly delays: Latest<Span>;
  readonly rates: Latest<number>;

  constructor(private readonly world: World) {
    this.silences = new Counted((from, to, on) => world.silence(from, to, on));
    this.holds = new Counted((from, to, on) => world.hold(from, to, on));
    this.delays = new Latest((from, to, delay) => world.setDelay(from, to, delay));
    this.rates = new Latest((from, to, bytesPerSecond) => world.setRate(from, to, bytesPerSecond));
  }

  heal(): void {
    for (const part of [this.silences, this.holds, this.delays, this.rates]) part.forget();
    this.world.healNetwork();
  }
}
