/**
 * Runs one scenario under one seed, from the founding of the ring to the verdict: builds the world, sends clients, workloads
 * and faults into it, steps it to its end and asks every checker. Synchronous; knows the world by its interface only.
 * Must never look at a clock but the one it is handed, and that only to say how long it took.
 */
import { hrtime } from 'node:process';
import { DEFAULT_LIMITS } from '../core/limits.js';
import { type CheckerSet, makeCheckers } from './checkers/all.js';
import { restlessness } from './checkers/converges.js';
import { leftovers } from './checkers/no-leftovers.js';
import type { ClientSetting } from './clients/client.js';
import { ContentBook } from './clients/content.js';
import { Crew, type RunWatcher } from './clients/crew.js';
import { Cast } from './faults/cast.js';
import { Deeds } from './faults/deeds.js';
import { NetworkDamage } from './faults/network-damage.js';
import { Stage } from './faults/stage.js';
import type { Outcome, RunResult, Violation } from './run-result.js';
import type { Scenario } from './scenario/scenario.js';
import { Story } from './story.js';
import { WorkloadRun } from './workload/workload.js';
import { createWorld } from './world.js';
import type { World } from './world-api.js';

export interface RunOptions {
  /** Tell the story (default); without it a run is faster. */
  readonly story?: boolean;
  /** Milliseconds of real time. */
  readonly clockMs?: () => number;
  readonly makeWorld?: (setting: { readonly scenario: Scenario; readonly seed: number }) => World;
}
