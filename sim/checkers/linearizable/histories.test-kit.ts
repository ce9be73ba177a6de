/**
 * Random histories: operations are planned with an interval and a moment in it, run one by one in the order of these
 * moments, and told truthfully; then some answers are withheld and some falsified. Without falsified answers a history
 * is linearizable by construction.
 */
import fc from 'fast-check';
import type { DeleteOperation, FileOperation, PutOperation, ReadOperation } from './history.js';
import type { KvOperation } from './kv-append-model.js';
import type { RegisterOperation, Scalar } from './register-model.js';

/** A planned operation; the numbers named `pick` are for the models to interpret. */
export interface Plan {
  readonly kind: number;
  readonly call: number;
  readonly length: number;
  /** Where in the interval it takes effect, in tenths. */
  readonly moment: number;
  readonly fate: 'answered' | 'takes effect, no answer' | 'never takes effect';
  readonly isFalse: boolean;
  readonly pickOne: number;
  readonly pickTwo: number;
}

export interface Shape {
  readonly count: { readonly minLength: number; readonly maxLength: number };
  readonly callMax: number;
  readonly lengthMax: number;
  /** False answers are one in this many. 0: none. */
  readonly oneFalseIn: number;
  readonly picks: number;
}

const fates: readonly Plan['fate'][] = [
  'answered',
  'answered',
  'answered',
  'takes effect, no answer',
  'never takes effect',
];

export function plans({ count, callMax, lengthMax, oneFalseIn, picks }: Shape): fc.Arbitrary<Plan[]> {
  const pick = fc.nat({ max: picks - 1 });
  const isFalse = oneFalseIn === 0 ? fc.constant(false) : fc.nat({ max: oneFalseIn - 1 }).map((n) => n === 0);
  const plan = fc.record({
    kind: fc.nat({ max: 9 }),
    call: fc.nat({ max: callMax }),
    length: fc.nat({ max: lengthMax }),
    moment: fc.nat({ max: 10 }),
    fate: fc.constantFrom(...fates),
    isFalse,
    pickOne: pick,
    pickTwo: pick,
  });
  return fc.array(plan, count);
}

/** The plans in the order in which they take effect, each with its number. */
function inOrder(planned: readonly Plan[]): readonly (readonly [number, Plan])[] {
  const at = ({ call, length, moment }: Plan): number => call * 10 + length * moment;
  return [...planned.entries()].sort(([one, a], [other, b]) => at(a) - at(b) || one - other);
}

const times = ({ call, length, fate }: Plan): { call: number; end: number | null } => ({
  call,
  end: fate === 'answered' ? call + length : null,
});

export function registerHistory(planned: readonly Plan[]): RegisterOperation[] {
  let value: Scalar = null;
  return inOrder(planned).map(([, plan]): RegisterOperation => {
    const { kind, fate, isFalse, pickOne, pickTwo } = plan;
    if (kind < 4) return { ...times(plan), op: 'read', result: isFalse ? pickOne : value };
    const isRun = fate !== 'never takes effect';
    if (kind < 7) {
      if (isRun) value = pickOne;
      return { ...times(plan), op: 'write', value: pickOne };
    }
    const isEqual = value === pickOne;
    if (isRun && isEqual) value = pickTwo;
    return { ...times(plan), op: 'cas', from: pickOne, to: pickTwo, result: isEqual !== isFalse };
  });
}

export function kvHistory(planned: readonly Plan[]): KvOperation[] {
  const values = new Map<string, string>();
  return inOrder(planned).map(([, plan]): KvOperation => {
    const { kind, fate, isFalse, pickOne, pickTwo } = plan;
    const key = pickTwo === 0 ? 'a' : 'b';
    const value = String(pickOne);
    const known = values.get(key) ?? '';
    if (kind < 4) return { ...times(plan), key, op: 'get', result: isFalse ? value : known };
    const op = kind < 6 ? 'put' : 'append';
    if (fate !== 'never takes effect') values.set(key, op === 'put' ? value : known + value);
    return { ...times(plan), key, op, value };
  });
}

/** What really is at the one path of a random file history: the number of the put, or nothing. */
class TrueFile {
  #put: number | undefined;

  read(plan: Plan, number: number): ReadOperation {
    const shown = plan.isFalse ? plan.pickTwo : this.#put;
    const answer: ReadOperation['result'] =
      shown === undefined
        ? { outcome: 'absent' }
        : { outcome: 'found', content: `c${shown}`, version: `v${plan.isFalse && plan.kind === 0 ? number : shown}` };
    return { ...this.#base(plan, number), kind: plan.kind % 2 === 0 ? 'get' : 'stat', result: told(plan, answer) };
  }

  put(plan: Plan, number: number): PutOperation {
    const { holds, asked } = this.#precondition(plan);
    if (holds && plan.fate !== 'never takes effect') this.#put = number;
    const answer = holds !== plan.isFalse ? { outcome: 'done', version: `v${number}` } : { outcome: failed };
    return {
      ...this.#base(plan, number),
      ...asked,
      kind: 'put',
      content: `c${number}`,
      result: told(plan, answer as PutOperation['result']),
    };
  }

  delete(plan: Plan, number: number): DeleteOperation {
    const { holds, asked } = this.#precondition(plan);
    const found = this.#put !== undefined;
    if (holds && plan.fate !== 'never takes effect') this.#put = undefined;
    const answer = holds ? { outcome: 'done', found: found !== plan.isFalse } : { outcome: failed };
    return {
      ...this.#base(plan, number),
      ...asked,
      kind: 'delete',
      result: told(plan, answer as DeleteOperation['result']),
    };
  }

  #base(plan: Plan, number: number): { client: number; path: string; call: number; end: number | null } {
    return { client: number, path: '/file', ...times(plan) };
  }

  #precondition({ pickOne, pickTwo }: Plan): { holds: boolean; asked: { precondition?: { ifVersion: string } } } {
    if (pickOne >= 4) return { holds: true, asked: {} };
    const exists = this.#put !== undefined;
    if (pickOne === 0) return { holds: !exists, asked: { precondition: { ifVersion: 'none' } } };
    if (pickOne === 1) return { holds: exists, asked: { precondition: { ifVersion: 'any' } } };
    return { holds: this.#put === pickTwo, asked: { precondition: { ifVersion: `v${pickTwo}` } } };
  }
}

const failed = 'precondition-failed';
const told = <T>({ fate }: Plan, answer: T): T | null => (fate === 'answered' ? answer : null);

export function fileHistory(planned: readonly Plan[]): FileOperation[] {
  const file = new TrueFile();
  return inOrder(planned).map(([number, plan]) => {
    if (plan.kind < 4) return file.read(plan, number);
    return plan.kind < 8 ? file.put(plan, number) : file.delete(plan, number);
  });
}
