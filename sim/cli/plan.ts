/**
 * Which runs a command asks for, and in which order.
 */
import type { PlannedScenario } from '../report/tally.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Command } from './arguments.js';
import { seedsOf } from './seeds.js';

/** One run. */
export interface Task {
  /** Index among the scenarios of the command. */
  readonly scenario: number;
  readonly seed: number;
}

export interface Plan {
  /** `story`: one file under one seed, told as a story; `table`: runs that are added up. */
  readonly kind: 'story' | 'table';
  readonly scenarios: readonly PlannedScenario[];
  readonly total: number;
  /** Made one by one: a million seeds need no memory. */
  readonly tasks: () => Iterable<Task>;
}

export function makePlan(scenarios: readonly Scenario[], command: Pick<Command, 'seeds'>): Plan {
  const [first] = scenarios;
  const { seeds } = command;
  const story = scenarios.length === 1 && first !== undefined && seeds.kind !== 'range';
  // One file without a flag: its first seed only. Several: each its own seeds.
  const choice = story && seeds.kind === 'own' ? { kind: 'one' as const, seed: first.seed.from } : seeds;
  const planned = scenarios.map((scenario) => ({
    name: scenario.name,
    file: scenario.file,
    seeds: seedsOf(scenario, choice),
  }));
  return planOf(story ? 'story' : 'table', planned);
}

export function planOf(kind: Plan['kind'], scenarios: readonly PlannedScenario[]): Plan {
  const total = scenarios.reduce((sum, { seeds }) => sum + (seeds === undefined ? 0 : seeds.to - seeds.from + 1), 0);
  return { kind, scenarios, total, tasks: () => inTurn(scenarios) };
}

/**
 * The first seed of every scenario, then the second of every scenario, …: whoever interrupts has seen a bit of
 * everything, and a scenario of few, long runs does not start last and keep one core busy while the others are idle.
 */
function* inTurn(scenarios: readonly PlannedScenario[]): Generator<Task> {
  for (let turn = 0, left = true; left; turn += 1) {
    left = false;
    for (const [scenario, { seeds }] of scenarios.entries()) {
      if (seeds === undefined || seeds.from + turn > seeds.to) continue;
      left = true;
      yield { scenario, seed: seeds.from + turn };
    }
  }
}
