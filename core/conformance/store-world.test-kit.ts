// The world that the suite of the store's port (store.test-kit.ts) asks for.
import type { Post, StoreInput, StorePort } from '../ports.js';

/** outlive: what was written outlives the process · bytes: it keeps real bytes, and verifies them. */
export type StoreAbility = 'outlive' | 'bytes';

export interface StoreHarness {
  readonly name: string;
  /** What it cannot do, and why: the tests that need it are left out, and say so. */
  readonly cannot: Readonly<Partial<Record<StoreAbility, string>>>;
  /** For one test: an empty store. */
  open(): Promise<StoreWorld>;
}

/** What a harness cannot do may throw. */
export interface StoreWorld {
  /** A life begins, and the one before is over. */
  begin(post: Post<StoreInput>): Promise<StorePort>;
  /** The process that had the store ends without a word, and another one comes to it. */
  crash(): Promise<void>;
  /** Lets time pass until this holds. @throws if it takes long: tests are to fail, not to hang. */
  until(holds: () => boolean): Promise<void>;
  /** Lets so much time pass that whatever is under way is over. */
  pause(): Promise<void>;
  close(): Promise<void>;
}
