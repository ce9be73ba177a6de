/**
 * The search for a linearization of one partition: depth first over a timeline, with a memory of visited places (Wing and
 * Gong 1993, Lowe 2017). A loop with its own stack, never recursion; stops at its limits. Knows models, not files.
 *
 * What keeps it fast, each a proof that some linearization survives, if there is one:
 * 1. An observer (an answered operation that never changes anything) that fits now is placed now: moving it to the front
 *    of any completion breaks neither its own interval nor another's, nor the state that any other operation meets. (Not
 *    so a write of what is there already: where it stood, it may have overwritten something else.)
 * 2. Unanswered operations need no place at all. Among the completions take those with the fewest of them, and among
 *    these the first in the order "answered before unanswered, weak before strong, early call before late", compared place
 *    by place. In it
 *    a) none changes nothing; b) a run of them never comes back to a state it has left; c) none stands before an
 *    operation that without it would lead to the same state; d) none stands before an operation of lower order with
 *    which it could change places to the same effect; e) of two of one family that would do the same, the one of lower
 *    order is used: the other can take its later place, if it has one. What breaks a) to e) is not tried. Moving by rule 1 makes no completion worse in this order, and a rest of the best one is the best for
 *    the place where it starts, so the rules do not get into each other's way.
 * 3. A state that never comes back is not left while some answered operation still needs it.
 * 4. A place already visited with fewer unanswered operations spent (visited.ts). Places just after an unanswered
 *    operation are not remembered: 2c and 2d make their future depend on the way that led there.
 */
import { BitSet } from './bit-set.js';
import type { Model, TimedOperation } from './model.js';
import { type Entry, lift, putBack, type Timeline } from './timeline.js';
import { Visited } from './visited.js';

/** Bounds on the work for one partition; beyond them the verdict is `undecided`. */
export interface SearchLimits {
  /** Steps of the model tried, plus comparisons of the memory. A million take about a second. */
  readonly stepsMax: number;
  /** Estimated bytes of the memory of visited places. */
  readonly visitedBytesMax: number;
}

/** The end of the longest attempt: what fits, and what then fits nowhere. Numbers are places in the input. */
export interface Contradiction {
  /** Operations in the longest linearizable beginning that was found. */
  readonly placedCount: number;
  /** The last of them, in the order they were placed. */
  readonly lastPlaced: readonly number[];
  /** The state they lead to, for people. */
  readonly state: string;
  /** The answered operations that could come next and do not fit, the most urgent first. */
  readonly unplaced: readonly number[];
  /** Answered operations that still need this state, so that it cannot be left, whether they could come next or not. */
  readonly waiting: readonly number[];
}

export type Finding =
  | { readonly verdict: 'linearizable'; readonly steps: number }
  | { readonly verdict: 'not linearizable'; readonly steps: number; readonly contradiction: Contradiction }
  | { readonly verdict: 'undecided'; readonly steps: number; readonly limit: keyof SearchLimits };

/** Operations of `Contradiction.lastPlaced` at most. */
const LAST_PLACED_MAX = 12;

interface Choice<State, Operation> {
  readonly entry: Entry<Operation>;
  readonly next: State;
  readonly key: string;
}

/** The run of unanswered operations that ends at a place. */
interface Run<State, Operation> {
  readonly entry: Entry<Operation>;
  /** The state before the last of them. */
  readonly before: State;
  readonly beforeKey: string;
  readonly earlier: Run<State, Operation> | undefined;
}

/** A place in the search: what may be tried from here, and what has been. */
interface Place<State, Operation> {
  readonly state: State;
  readonly key: string;
  readonly run: Run<State, Operation> | undefined;
  choices: Choice<State, Operation>[];
  tried: number;
  /** The position of the first return: what is called later cannot come next. */
  horizon: number;
  /** Unanswered operations are listed only when nothing else has worked. */
  allListed: boolean;
}

export class Search<State, Operation extends TimedOperation> {
  readonly #model: Model<State, Operation>;
  readonly #timeline: Timeline<Operation>;
  readonly #limits: SearchLimits;
  readonly #visited = new Visited();
  readonly #placed: BitSet;
  readonly #spent: BitSet;
  /** State key → unplaced answered operations that fit no other state (rule 3). */
  readonly #waiting = new Map<string, number>();
  readonly #path: Choice<State, Operation>[] = [];
  #placedCount = 0;
  #steps = 0;
  #farthest: (Contradiction & { readonly answered: number }) | undefined;

  constructor(model: Model<State, Operation>, timeline: Timeline<Operation>, limits: SearchLimits) {
    this.#model = model;
    this.#timeline = timeline;
    this.#limits = limits;
    this.#placed = new BitSet(timeline.answeredCount);
    this.#spent = new BitSet(timeline.unansweredCount);
    for (let entry = timeline.answered.next; entry !== undefined; entry = entry.next) {
      if (entry.match !== undefined) this.#wait(entry.operation, 1);
    }
  }

  /** Searches to the end or to a limit. To be called once. */
  run(): Finding {
    const places = [this.#open(this.#model.initial, this.#model.key(this.#model.initial), undefined)];
    for (let here = places.at(-1); here !== undefined; here = places.at(-1)) {
      if (this.#placedCount === this.#timeline.answeredCount) {
        return { verdict: 'linearizable', steps: this.#work() };
      }
      const limit = this.#exceeded();
      if (limit !== undefined) return { verdict: 'undecided', steps: this.#work(), limit };
      const choice = this.#nextChoice(here);
      if (choice === undefined) {
        this.#noteDeadEnd(here);
        places.pop();
        if (places.length > 0) this.#takeBack();
      } else {
        const next = this.#take(here, choice);
        if (next !== undefined) places.push(next);
      }
    }
    return { verdict: 'not linearizable', steps: this.#work(), contradiction: this.#contradiction() };
  }

  #work(): number {
    return this.#steps + this.#visited.comparisons;
  }

  #wait(operation: Operation, change: number): void {
    const key = this.#model.onlyState(operation);
    if (key !== undefined) this.#waiting.set(key, (this.#waiting.get(key) ?? 0) + change);
  }

  #exceeded(): keyof SearchLimits | undefined {
    if (this.#work() > this.#limits.stepsMax) return 'stepsMax';
    return this.#visited.bytes > this.#limits.visitedBytesMax ? 'visitedBytesMax' : undefined;
  }

  /** Places the operation; undefined, with nothing changed, if going on from there is in vain. */
  #take(here: Place<State, Operation>, choice: Choice<State, Operation>): Place<State, Operation> | undefined {
    const { entry, next, key } = choice;
    lift(entry);
    this.#path.push(choice);
    if (!entry.isAnswered) {
      this.#spent.add(entry.bit);
      return this.#open(next, key, { entry, before: here.state, beforeKey: here.key, earlier: here.run });
    }
    this.#placed.add(entry.bit);
    this.#placedCount += 1;
    this.#wait(entry.operation, -1);
    // Rule 1 leaves no choice, so the place it leads to is as new as the one it comes from.
    const isForced = here.run === undefined && this.#model.isObserver(entry.operation);
    if (isForced || this.#visited.add(key, this.#placed.windowKey(), this.#spent.wholeKey())) {
      return this.#open(next, key, undefined);
    }
    this.#takeBack();
    return undefined;
  }

  #takeBack(): void {
    const entry = this.#path.pop()?.entry;
    if (entry === undefined) return;
    putBack(entry);
    if (entry.isAnswered) {
      this.#placed.delete(entry.bit);
      this.#placedCount -= 1;
      this.#wait(entry.operation, 1);
    } else {
      this.#spent.delete(entry.bit);
    }
  }

  #nextChoice(here: Place<State, Operation>): Choice<State, Operation> | undefined {
    if (here.tried === here.choices.length && !here.allListed) this.#listUnanswered(here);
    return here.choices[here.tried++];
  }

  /** A new place, with the answered operations that fit there: those called before the first return. */
  #open(state: State, key: string, run: Run<State, Operation> | undefined): Place<State, Operation> {
    const place: Place<State, Operation> = { state, key, run, choices: [], tried: 0, horizon: 0, allListed: false };
    let entry = this.#timeline.answered.next;
    for (; entry?.match !== undefined; entry = entry.next) {
      const choice = this.#choice(place, entry);
      if (choice === undefined) continue;
      if (this.#model.isObserver(entry.operation)) {
        place.choices = [choice];
        place.allListed = true;
        return place;
      }
      if (run === undefined || this.#isAllowed(run, choice)) place.choices.push(choice);
    }
    place.horizon = entry?.position ?? 0;
    return place;
  }

  #listUnanswered(here: Place<State, Operation>): void {
    here.allListed = true;
    const best = new Map<string, { readonly strength: number; readonly choice: Choice<State, Operation> }>();
    for (let entry = this.#timeline.unanswered.next; entry !== undefined; entry = entry.next) {
      if (entry.position > here.horizon) break;
      const { name, strength } = entry.family ?? { name: undefined, strength: 0 };
      if (name !== undefined && (best.get(name)?.strength ?? Number.POSITIVE_INFINITY) <= strength) continue;
      const choice = this.#choice(here, entry);
      if (choice === undefined || choice.key === here.key) continue;
      if (name === undefined) this.#offer(here, choice);
      else best.set(name, { strength, choice });
    }
    for (const { choice } of best.values()) this.#offer(here, choice);
  }

  #offer(here: Place<State, Operation>, choice: Choice<State, Operation>): void {
    if (isReturnTo(choice.key, here.run)) return;
    if (here.run === undefined || this.#isAllowed(here.run, choice)) here.choices.push(choice);
  }

  #choice(here: Place<State, Operation>, entry: Entry<Operation>): Choice<State, Operation> | undefined {
    this.#steps += 1;
    const step = this.#model.step(here.state, entry.operation);
    if (!step.ok) return undefined;
    const key = step.next === here.state ? here.key : this.#model.key(step.next);
    return key !== here.key && this.#isNeeded(here.key, entry) ? undefined : { entry, next: step.next, key };
  }

  /** Rule 3: whether an operation other than this one still waits for a state. */
  #isNeeded(key: string, { operation, isAnswered }: Entry<Operation>): boolean {
    const waiting = this.#waiting.get(key) ?? 0;
    if (waiting === 0) return false;
    return waiting > 1 || !isAnswered || this.#model.onlyState(operation) !== key;
  }

  /** Rules 2c and 2d, for the operation that follows the last one of a run. */
  #isAllowed(run: Run<State, Operation>, { entry, key }: Choice<State, Operation>): boolean {
    this.#steps += 1;
    const without = this.#model.step(run.before, entry.operation);
    if (!without.ok) return true;
    if (this.#model.key(without.next) === key) return false;
    if (!entry.isAnswered && !isLower(entry, run.entry)) return true;
    const swapped = this.#model.step(without.next, run.entry.operation);
    return !swapped.ok || this.#model.key(swapped.next) !== key;
  }

  #noteDeadEnd(here: Place<State, Operation>): void {
    if (this.#placedCount <= (this.#farthest?.answered ?? -1)) return;
    const unplaced: Entry<Operation>[] = [];
    const waiting: number[] = [];
    let isNext = true;
    for (let entry = this.#timeline.answered.next; entry !== undefined; entry = entry.next) {
      isNext &&= entry.match !== undefined;
      if (isNext) unplaced.push(entry);
      if (entry.match !== undefined && this.#model.onlyState(entry.operation) === here.key) waiting.push(entry.index);
    }
    unplaced.sort((one, other) => (one.match?.position ?? 0) - (other.match?.position ?? 0));
    this.#farthest = {
      answered: this.#placedCount,
      placedCount: this.#path.length,
      lastPlaced: this.#path.slice(-LAST_PLACED_MAX).map(({ entry }) => entry.index),
      state: this.#model.describe(here.state),
      unplaced: unplaced.map(({ index }) => index),
      waiting,
    };
  }

  #contradiction(): Contradiction {
    const { placedCount, lastPlaced, state, unplaced, waiting } = this.#farthest ?? {
      placedCount: 0,
      lastPlaced: [],
      state: this.#model.describe(this.#model.initial),
      unplaced: [],
      waiting: [],
    };
    return { placedCount, lastPlaced, state, unplaced, waiting };
  }
}

/** The order of unanswered operations in rule 2. */
function isLower<Operation>(one: Entry<Operation>, other: Entry<Operation>): boolean {
  const [weak, strong] = [one.family?.strength ?? 0, other.family?.strength ?? 0];
  return weak === strong ? one.bit < other.bit : weak < strong;
}

/** Rule 2b. */
function isReturnTo<State, Operation>(key: string, run: Run<State, Operation> | undefined): boolean {
  for (let at = run; at !== undefined; at = at.earlier) if (at.beforeKey === key) return true;
  return false;
}
