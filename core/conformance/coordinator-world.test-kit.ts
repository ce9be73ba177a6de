// The world that the suite of the coordinator's port (coordinator.test-kit.ts) asks for.
import type { CoordinatorInput, CoordinatorPort, Post } from '../ports.js';

/** cut: a visitor's way to the service · expire: its session, at once · stop: the service, and its return. */
export type Ability = 'cut' | 'expire' | 'stop';

export interface CoordinatorHarness {
  readonly name: string;
  /** What it cannot do, and why: the tests that need it are left out, and say so. */
  readonly cannot: Readonly<Partial<Record<Ability, string>>>;
  /** Only what follows from troubles: for a second harness of the same implementation. */
  readonly troublesOnly?: boolean;
  /** For one test: a service that holds nothing, or nothing but a view. */
  open(): Promise<CoordinatorWorld>;
}

/** What a harness cannot do may throw. */
export interface CoordinatorWorld {
  visit(post: Post<CoordinatorInput>): CoordinatorVisit;
  /** Lets time pass until this holds. @throws if it takes long: tests are to fail, not to hang. */
  until(holds: () => boolean): Promise<void>;
  /** Lets a little time pass before something is asked again. */
  pause(): Promise<void>;
  /** The service goes, with all its connections; what it has confirmed stays. */
  stopService(): Promise<void>;
  startService(): Promise<void>;
  /** Everything goes, the visitors first. */
  close(): Promise<void>;
}

/** One process's use of the service. */
export interface CoordinatorVisit {
  readonly port: CoordinatorPort;
  /** Nothing gets through to the service any more, nor back. */
  cut(): void;
  heal(): void;
  /** The service lets its session expire now, though it is in contact. `owner`: the service's name for it. */
  expire(owner: string): void;
}
