/**
 * What every part of a step may look at while it is being resolved.
 * A type only.
 */
import type { Operations } from './operations.js';
import type { Ring } from './servers.js';
import type { Source } from './source.js';

export interface StepContext extends Ring {
  /** The scenario file, as it was named. */
  readonly file: string;
  readonly source: Source;
  readonly operations: Operations;
  /** Some step takes a snapshot of a disk. */
  readonly takesSnapshots: boolean;
  /** Servers that keep each file. */
  readonly chain: number;
}
