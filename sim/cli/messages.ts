/**
 * What the pool and its workers say to each other. Plain data.
 */
import type { RunResult } from '../run-result.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Task } from './plan.js';

/** Given to a worker at its start. */
export interface WorkerSetup {
  readonly scenarios: readonly Scenario[];
  /** Whether results carry their story. */
  readonly story: boolean;
}

export type ToWorker = { readonly kind: 'run'; readonly task: Task } | { readonly kind: 'close' };

export type FromWorker =
  /** Everything is imported: from here on, a death has to do with a run. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly result: RunResult }
  /** The run threw. */
  | { readonly kind: 'thrown'; readonly message: string; readonly stack: readonly string[] };
