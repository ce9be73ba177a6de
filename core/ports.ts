/**
 * The ports of the world: each carries out the outputs of its kind and answers with inputs of its kind. A port
 * translates and decides nothing. Every implementation, real or simulated, passes the port's suite in conformance/.
 *
 * Common rules. `carryOut` never throws for what the world does: it becomes an input. Inputs may be posted during
 * `carryOut` or at any time later, but never after `end`. What a life has begun ends with it: after `end` nothing of that
 * life is posted, and the next life gets ports of its own.
 */
import type { Happening } from './input.js';
import type { Output } from './output.js';
import type { Recovered } from './store-port.js';

export type LinkOutput = Extract<Output, { readonly kind: 'send' | 'dial' | 'close' }>;
export type LinkInput = Extract<
  Happening,
  { readonly kind: 'link-up' | 'dial-failed' | 'link-down' | 'link-drained' | 'frame' }
>;

export type CoordinatorOutput = Extract<
  Output,
  { readonly kind: 'open-session' | 'close-session' | 'call-coordinator' }
>;
export type CoordinatorInput = Extract<Happening, { readonly kind: 'session' | 'coordinator-reply' | 'watch-fired' }>;

export type StoreOutput = Extract<
  Output,
  {
    readonly kind:
      | 'store-chunk'
      | 'persist'
      | 'write-base'
      | 'write-identity'
      | 'forget-shard'
      | 'read-chunk'
      | 'drop-upload';
  }
>;
export type StoreInput = Extract<
  Happening,
  {
    readonly kind:
      | 'persisted'
      | 'identity-persisted'
      | 'store-broken'
      | 'chunk-unwritten'
      | 'store-space'
      | 'chunk-read';
  }
>;

export type ClientOutput = Extract<
  Output,
  { readonly kind: 'client-accept' | 'client-file' | 'client-data' | 'answer' }
>;
export type ClientInput = Extract<Happening, { readonly kind: `client-${string}` }>;

/** One port as one life of a server has it. */
export interface Port<O> {
  carryOut(output: O): void;
  /** The life is over: its connections close, its sessions are left to the coordinator, nothing more is posted. */
  end(): void;
}

/** Where a port's answers go. */
export type Post<I> = (input: I) => void;

/** Connections to other servers. Frames come in the order of sending, whole or not at all; a break loses a suffix. */
export type LinkPort = Port<LinkOutput>;
export type CoordinatorPort = Port<CoordinatorOutput>;
export interface StorePort extends Port<StoreOutput> {
  /** What this life starts with. */
  readonly recovered: Recovered;
}
