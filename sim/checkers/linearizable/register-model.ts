/**
 * A register with read, write and compare-and-set: the model `cas-register` of the recorded histories. Used to test the
 * checker on histories with known verdicts. Knows nothing of files.
 */
import { type Model, refused, type Specification, type Step, type TimedOperation } from './model.js';

export type Scalar = string | number | boolean | null;

/** `result` is meaningless where `end` is null. */
export type RegisterOperation = TimedOperation &
  (
    | { readonly op: 'read'; readonly result: Scalar }
    | { readonly op: 'write'; readonly value: Scalar }
    | { readonly op: 'cas'; readonly from: Scalar; readonly to: Scalar; readonly result: boolean }
  );

function step(state: Scalar, operation: RegisterOperation): Step<Scalar> {
  const isUnanswered = operation.end === null;
  switch (operation.op) {
    case 'read':
      return isUnanswered || operation.result === state ? { ok: true, next: state } : refused;
    case 'write':
      return { ok: true, next: operation.value };
    case 'cas': {
      const isEqual = operation.from === state;
      if (!isUnanswered && operation.result !== isEqual) return refused;
      return { ok: true, next: isEqual ? operation.to : state };
    }
  }
}

/** Values that some operation can tell from others. No read shows the rest, and no compare-and-set asks for it. */
function tellingValues(operations: readonly RegisterOperation[]): ReadonlySet<Scalar> {
  const values = new Set<Scalar>();
  for (const operation of operations) {
    if (operation.op === 'read' && operation.end !== null) values.add(operation.result);
    if (operation.op === 'cas') values.add(operation.from);
  }
  return values;
}

/** One register, which starts with the given value. */
export function registerSpecification(initial: Scalar): Specification<Scalar, RegisterOperation> {
  return {
    partition: () => 'register',
    model(operations): Model<Scalar, RegisterOperation> {
      const telling = tellingValues(operations);
      const key = (state: Scalar): string => (telling.has(state) ? JSON.stringify(state) : 'any other value');
      return {
        initial,
        step,
        key,
        describe: (state) => JSON.stringify(state),
        isObserver: (operation) => operation.op === 'read' || (operation.op === 'cas' && !operation.result),
        // Any value can be written again.
        onlyState: () => undefined,
        // A read changes nothing.
        isIrrelevant: (operation) => operation.op === 'read',
        // A write changes whatever a compare-and-set to the same value changes.
        family(operation) {
          if (operation.op === 'read') return undefined;
          const isWrite = operation.op === 'write';
          return { name: key(isWrite ? operation.value : operation.to), strength: isWrite ? 1 : 0 };
        },
      };
    },
  };
}
