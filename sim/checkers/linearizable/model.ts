/**
 * What the linearizability checker must be told about the thing it checks: how it behaves when one operation runs after
 * the other. Types only. Knows nothing of files, histories on disk or the search.
 */

/** What the checker itself reads of an operation; the rest is between the operation and its model. */
export interface TimedOperation {
  /** When the client asked: a safe integer. */
  readonly call: number;
  /**
   * When the answer came (a safe integer, at least `call`), or null: no answer ever came, and the operation may have
   * taken effect at any time after `call`, or never. An operation precedes another only if its end is less than the
   * other's call: equal times count as concurrent.
   */
  readonly end: number | null;
}

export type Step<State> = { readonly ok: true; readonly next: State } | { readonly ok: false };

/** The one answer of a model to an operation whose result this state cannot give. */
export const refused: { readonly ok: false } = { ok: false };

/** A sequential specification, made for the operations of one partition. Pure. */
export interface Model<State, Operation> {
  readonly initial: State;

  /**
   * Runs one operation. `ok: false`: it cannot have had its result here. For an operation without an answer, the effect
   * it has here if it runs here.
   */
  step(state: State, operation: Operation): Step<State>;

  /** Equal only for states that no operation of the partition, now or later, can tell apart. */
  key(state: State): string;

  /** The state for people. */
  describe(state: State): string;

  /** True only for an answered operation that leaves the state as it is wherever it fits, such as a read. */
  isObserver(operation: Operation): boolean;

  /**
   * The key of the only state that this answered operation fits, if that state can never come back once it was left; else
   * undefined.
   */
  onlyState(operation: Operation): string | undefined;

  /** True only where every linearization with this unanswered operation is one without it too. Must be proved. */
  isIrrelevant(operation: Operation): boolean;

  /** The family of an unanswered operation; undefined if it has none. */
  family(operation: Operation): Family | undefined;
}

/**
 * Unanswered operations of one family can stand in for each other: where two of them change the state, they lead to equal
 * keys, and then the one of greater or equal strength changes every state that the other one changes, likewise.
 */
export interface Family {
  readonly name: string;
  readonly strength: number;
}

/** How a history falls apart into independent parts, and the model of each. */
export interface Specification<State, Operation extends TimedOperation> {
  /** The part that an operation belongs to. A history is linearizable if and only if each part is (locality). */
  partition(operation: Operation): string;
  /** The model for one part, given all its operations. */
  model(operations: readonly Operation[]): Model<State, Operation>;
}
