/**
 * The dumb twin of the checker: tries every order, remembers nothing, prunes nothing, believes no proof of the models.
 * For histories of a handful of operations.
 */
import type { Model, Specification, TimedOperation } from './model.js';

function canComplete<State, Operation extends TimedOperation>(
  model: Model<State, Operation>,
  state: State,
  rest: readonly Operation[],
): boolean {
  if (rest.every(({ end }) => end === null)) return true;
  return rest.some((operation) => {
    if (rest.some(({ end }) => end !== null && end < operation.call)) return false;
    const step = model.step(state, operation);
    return (
      step.ok &&
      canComplete(
        model,
        step.next,
        rest.filter((other) => other !== operation),
      )
    );
  });
}

/** Whether the history is linearizable. */
export function bruteForce<State, Operation extends TimedOperation>(
  operations: readonly Operation[],
  specification: Specification<State, Operation>,
): boolean {
  return [...new Set(operations.map((operation) => specification.partition(operation)))].every((name) => {
    const part = operations.filter((operation) => specification.partition(operation) === name);
    const model = specification.model(part);
    return canComplete(model, model.initial, part);
  });
}
