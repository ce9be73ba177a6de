/** A server of the small world, and what its clients need of that world. */
import type { Chunk } from '../file.js';
import type { MemberId } from '../ids.js';
import type { Input } from '../input.js';
import type { NodeState } from '../state.js';
import type { Names } from './names.test-kit.js';

type WithoutNow<I> = I extends Input ? Omit<I, 'now'> : never;
export type Happening = WithoutNow<Input>;

export type StoreAnswer = Extract<Happening, { readonly kind: 'persisted' | 'identity-persisted' }>;

export interface Server {
  readonly id: MemberId;
  /** As founded; undefined: the coordinator gives it a number. */
  readonly incarnation: number | undefined;
  state: NodeState;
  isAlive: boolean;
  /** Answers of its store that it does not have yet. */
  writing: StoreAnswer[];
  readonly chunks: Map<string, Chunk>;
}

export interface Stage {
  readonly names: Names;
  /** For the coverage marks: every kind of fact, frame and answer that occurred. */
  readonly marks: Set<string>;
  readonly now: number;
  say(line: string): void;
  /** What `work` says is caused by this. */
  under(header: string, work: () => void): void;
  feed(server: Server, happening: Happening): void;
}
