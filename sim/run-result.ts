/**
 * What one run of one scenario under one seed came to: the contract between the runner and everything that prints.
 * Plain data, so that it passes between processes.
 */

export type Outcome = 'pass' | 'fail' | 'vacuous' | 'stuck';

/** One line of the story: what a person should hear about. */
export interface StoryLine {
  readonly atUs: number;
  /** `step`: what the scenario did; `fault`: what broke; `ring`: what the ring did about it; `client`: answers. */
  readonly voice: 'step' | 'fault' | 'ring' | 'client' | 'check';
  /** The server or client that speaks, e.g. n3, or empty. */
  readonly who: string;
  readonly text: string;
  /** 0: in the default story; 1: with --verbose only. */
  readonly level: 0 | 1;
}

export interface Violation {
  /** Name of the checker or expectation, e.g. `linearizable`. */
  readonly checker: string;
  /** One sentence. */
  readonly message: string;
  readonly atUs: number;
  /** Lines a person needs to understand it, ready to print. */
  readonly excerpt: readonly string[];
}

export interface Figures {
  /** Client operations that ended, by how: done, refused, unknown. */
  readonly done: number;
  readonly refused: number;
  readonly unknown: number;
  readonly bytesStored: number;
  readonly bytesRead: number;
  /** All bytes that crossed between servers. */
  readonly bytesOnLinks: number;
  readonly epochs: number;
  /** Longest time from the strike of a fault to the next view everybody lives in, µs; undefined: no view changed. */
  readonly longestHealUs: number | undefined;
  /** Learners that became members of their chain. */
  readonly promoted: number;
  /** Chains of which no member was left, and those that came back. */
  readonly shardsLost: number;
  readonly shardsRevived: number;
  /** Lives that servers began after their first. */
  readonly restarts: number;
  /** Acknowledged writes that were gone when their chain came back, where the scenario allows it. */
  readonly losses: number;
  /** Faults that struck, by kind: servers struck, where a fault strikes servers. */
  readonly faults: Readonly<Record<string, number>>;
  /** Facts told by the servers, by name. */
  readonly facts: Readonly<Record<string, number>>;
}

export interface RunResult {
  readonly scenario: string;
  readonly file: string;
  readonly seed: number;
  readonly outcome: Outcome;
  /** Hash over every event of the run, 16 hex digits. */
  readonly traceHash: string;
  /** Inputs that went through step. */
  readonly events: number;
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly violations: readonly Violation[];
  readonly figures: Figures;
  readonly story: readonly StoryLine[];
}
