/**
 * The RxJS operator around the machine: inputs in, states with batches of outputs out. The one door of the core.
 * A throw in `step` (a broken invariant, nothing else) surfaces as the stream's error: the world must end the
 * process or fail the run.
 */
import { type OperatorFunction, scan } from 'rxjs';
import type { Input } from './input.js';
import type { Output } from './output.js';
import type { NodeState } from './state.js';

export interface Stepped {
  readonly state: NodeState;
  readonly outputs: readonly Output[];
}
export type Step = (state: NodeState, input: Input) => Stepped;

export function node(step: Step, initial: NodeState): OperatorFunction<Input, Stepped> {
  return scan((before: Stepped, input: Input) => step(before.state, input), { state: initial, outputs: [] });
}
