/**
 * Strings under keys, with get, put and append: the model `kv-append` of the recorded histories. Used to test the checker
 * on histories with known verdicts. Knows nothing of files.
 */
import { type Model, refused, type Specification, type Step, type TimedOperation } from './model.js';

/** `result` is meaningless where `end` is null. */
export type KvOperation = TimedOperation & { readonly key: string } & (
    | { readonly op: 'get'; readonly result: string }
    | { readonly op: 'put' | 'append'; readonly value: string }
  );

function step(state: string, operation: KvOperation): Step<string> {
  switch (operation.op) {
    case 'get':
      return operation.end === null || operation.result === state ? { ok: true, next: state } : refused;
    case 'put':
      return { ok: true, next: operation.value };
    case 'append':
      return { ok: true, next: state + operation.value };
  }
}

/**
 * Whether an unanswered operation can be left out of every linearization. Only gets have results. All gets between a put
 * of v and the next put show a string that starts with v, and all gets between an append of v and the next put one that
 * contains v. Where no get does, there is no get in between, and nobody misses the operation. One operation at a time:
 * leaving one out changes no get, so the argument holds for the next.
 */
function isIrrelevant(operation: KvOperation, shown: readonly string[]): boolean {
  if (operation.op === 'get') return true;
  const { op, value } = operation;
  return !shown.some((result) => (op === 'put' ? result.startsWith(value) : result.includes(value)));
}

/** One string a key, each starting with the given value. */
export function kvAppendSpecification(initial: string): Specification<string, KvOperation> {
  return {
    partition: ({ key }) => key,
    model(operations): Model<string, KvOperation> {
      const results = operations.flatMap((operation) =>
        operation.op === 'get' && operation.end !== null ? [operation.result] : [],
      );
      const shown = [...new Set(results)];
      return {
        initial,
        step,
        key: (state) => state,
        describe: (state) => JSON.stringify(state),
        isObserver: ({ op }) => op === 'get',
        // Any value can be written again.
        onlyState: () => undefined,
        isIrrelevant: (operation) => isIrrelevant(operation, shown),
        family: (operation) =>
          operation.op === 'get' ? undefined : { name: `${operation.op} ${operation.value}`, strength: 0 },
      };
    },
  };
}
