/**
 * Adds up many runs: counts by outcome for each scenario, and those runs that did not pass. Sums are of whole numbers,
 * so that they do not depend on the order in which the workers finish.
 */
import type { Figures, Outcome, RunResult, Violation } from '../run-result.js';

/** What of a run that did not pass is kept. */
export interface Failure {
  readonly scenarioIndex: number;
  readonly scenario: string;
  readonly file: string;
  readonly seed: number;
  readonly outcome: Exclude<Outcome, 'pass'>;
  readonly violations: readonly Violation[];
}

/** Figures of runs that are added up. */
const SUMMED = [
  'done',
  'refused',
  'unknown',
  'epochs',
  'promoted',
  'shardsLost',
  'shardsRevived',
  'restarts',
  'losses',
] as const satisfies readonly (keyof Figures)[];
type Summed = Record<(typeof SUMMED)[number], number>;

const nothing = (): Summed => Object.fromEntries(SUMMED.map((name) => [name, 0])) as Summed;

export interface Totals {
  readonly runs: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly events: number;
  readonly virtualMs: number;
  readonly figures: Readonly<Summed>;
  /** Faults that struck, by kind. */
  readonly faults: Readonly<Record<string, number>>;
}

export interface PlannedScenario {
  readonly name: string;
  readonly file: string;
  /** Seeds to run; undefined: none is left. */
  readonly seeds: { readonly from: number; readonly to: number } | undefined;
}

export interface ScenarioTotals extends Totals, PlannedScenario {}

export interface Summary {
  readonly scenarios: readonly ScenarioTotals[];
  readonly all: Totals;
  /** In the order of the scenarios, then of seeds. */
  readonly failures: readonly Failure[];
}

interface Sums {
  runs: number;
  outcomes: Record<Outcome, number>;
  events: number;
  virtualUs: number;
  readonly figures: Summed;
  faults: Map<string, number>;
}

const emptySums = (): Sums => ({
  runs: 0,
  outcomes: { pass: 0, fail: 0, vacuous: 0, stuck: 0 },
  events: 0,
  virtualUs: 0,
  figures: nothing(),
  faults: new Map(),
});

export class Tally {
  readonly #scenarios: readonly PlannedScenario[];
  readonly #sums: readonly Sums[];
  readonly #failures: Failure[] = [];
  #runs = 0;

  constructor(scenarios: readonly PlannedScenario[]) {
    this.#scenarios = scenarios;
    this.#sums = scenarios.map(emptySums);
  }

  get runs(): number {
    return this.#runs;
  }

  /** Runs so far that did not pass, whatever the reason. */
  get failed(): number {
    return this.#failures.length;
  }

  add(scenarioIndex: number, result: RunResult): void {
    const sums = this.#sums[scenarioIndex];
    if (sums === undefined) throw new RangeError(`no scenario ${scenarioIndex}`);
    this.#runs += 1;
    sums.runs += 1;
    sums.outcomes[result.outcome] += 1;
    sums.events += result.events;
    sums.virtualUs += Math.round(result.virtualMs * 1000);
    for (const name of SUMMED) sums.figures[name] += result.figures[name];
    for (const [kind, howMany] of Object.entries(result.figures.faults)) {
      sums.faults.set(kind, (sums.faults.get(kind) ?? 0) + howMany);
    }
    if (result.outcome === 'pass') return;
    const { scenario, file, seed, outcome, violations } = result;
    this.#failures.push({ scenarioIndex, scenario, file, seed, outcome, violations });
  }

  summary(): Summary {
    const all = emptySums();
    for (const sums of this.#sums) addSums(all, sums);
    return {
      scenarios: this.#scenarios.map((scenario, index) => ({
        ...scenario,
        ...totals(this.#sums[index] ?? emptySums()),
      })),
      all: totals(all),
      failures: this.#failures.toSorted((a, b) => a.scenarioIndex - b.scenarioIndex || a.seed - b.seed),
    };
  }
}

function addSums(into: Sums, sums: Sums): void {
  into.runs += sums.runs;
  into.events += sums.events;
  into.virtualUs += sums.virtualUs;
  for (const outcome of ['pass', 'fail', 'vacuous', 'stuck'] as const) into.outcomes[outcome] += sums.outcomes[outcome];
  for (const name of SUMMED) into.figures[name] += sums.figures[name];
  for (const [kind, howMany] of sums.faults) into.faults.set(kind, (into.faults.get(kind) ?? 0) + howMany);
}

function totals(sums: Sums): Totals {
  const faults = [...sums.faults].sort(([a], [b]) => (a < b ? -1 : 1));
  const { runs, outcomes, events, virtualUs, figures } = sums;
  const virtualMs = virtualUs / 1000;
  return {
    runs,
    outcomes: { ...outcomes },
    events,
    virtualMs,
    figures: { ...figures },
    faults: Object.fromEntries(faults),
  };
}
