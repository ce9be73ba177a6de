/**
 * The hunt: every mutant runs under more and more seeds until the simulator raises an alarm; then the unmodified copy
 * runs under the same ones, and must raise none. Knows the workshop only; prints nothing.
 */
import type { Mutant } from './mutant.js';
import type { Failure, Workshop } from './workshop.js';

const FIRST_BATCH = 1;
const BATCH_MAX = 128;

export interface Verdict {
  readonly name: string;
  readonly rule: string;
  readonly killed: boolean;
  /** Who raised the alarm, and where. Undefined: nobody did. */
  readonly checker: string | undefined;
  readonly message: string | undefined;
  readonly scenario: string | undefined;
  /** Seeds run in order up to the one that gave it away, or all that were tried. */
  readonly seedsNeeded: number;
  readonly seconds: number;
  /** The mutant could not be tried at all. */
  readonly error: string | undefined;
}

export interface Alarm {
  readonly scenario: string;
  readonly seed: number;
  readonly checker: string;
}

export interface Hunt {
  /** One hunt goes on in each at a time. */
  readonly workshops: readonly Workshop[];
  readonly seedsMax: number;
  /** Milliseconds of the real clock. */
  readonly now: () => number;
  readonly progress: (text: string) => void;
}

/** Seeds 1 to `seedsMax` in batches that grow. */
function* batches(seedsMax: number): Generator<{ readonly from: number; readonly to: number }> {
  let from = 1;
  for (let size = FIRST_BATCH; from <= seedsMax; size = Math.min(BATCH_MAX, 2 * size)) {
    const to = Math.min(seedsMax, from + size - 1);
    yield { from, to };
    from = to + 1;
  }
}

const checkerOf = ({ outcome, violations }: Failure): string => violations[0]?.checker ?? outcome;

interface Kill {
  readonly scenario: string;
  readonly failure: Failure;
}

/** A vacuous run accuses nobody: it is no kill. */
async function firstKill(hunt: Hunt, workshop: Workshop, mutant: Mutant): Promise<Kill | undefined> {
  for (const { from, to } of batches(hunt.seedsMax)) {
    hunt.progress(`${mutant.name}: seeds ${from}..${to}`);
    for (const scenario of mutant.scenarios) {
      const { failures } = await workshop.run(scenario, from, to);
      const failure = failures.filter(({ outcome }) => outcome !== 'vacuous').sort((a, b) => a.seed - b.seed)[0];
      if (failure !== undefined) return { scenario, failure };
    }
  }
  return undefined;
}

/** Plants one bug, hunts it, takes it out again. */
async function hunted(hunt: Hunt, workshop: Workshop, mutant: Mutant): Promise<Verdict> {
  const { name, rule } = mutant;
  const start = hunt.now();
  let restore = (): void => {};
  let kill: Kill | undefined;
  let error: string | undefined;
  try {
    restore = workshop.plant(mutant);
    await workshop.build();
    kill = await firstKill(hunt, workshop, mutant);
  } catch (reason) {
    error = (reason as Error).message;
  } finally {
    restore();
  }
  return {
    name,
    rule,
    killed: kill !== undefined,
    checker: kill === undefined ? undefined : checkerOf(kill.failure),
    message: kill?.failure.violations[0]?.message,
    scenario: kill?.scenario,
    seedsNeeded: kill?.failure.seed ?? (error === undefined ? hunt.seedsMax : 0),
    seconds: (hunt.now() - start) / 1000,
    error,
  };
}

/** Works a list off in all workshops at once. @returns the results, in the order of the list. */
async function inAll<T, R>(
  { workshops }: Hunt,
  list: readonly T[],
  work: (workshop: Workshop, item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const workOn = async (workshop: Workshop): Promise<void> => {
    while (next < list.length) {
      const place = next++;
      results[place] = await work(workshop, list[place] as T);
    }
  };
  await Promise.all(workshops.map(workOn));
  return results;
}

export function verdictsOn(hunt: Hunt, mutants: readonly Mutant[]): Promise<readonly Verdict[]> {
  return inAll(hunt, mutants, (workshop, mutant) => hunted(hunt, workshop, mutant));
}

/** The unmodified copy under every seed that a mutant ran under. */
export async function falseAlarms(hunt: Hunt, verdicts: readonly Verdict[], mutants: readonly Mutant[]) {
  const seeds = new Map<string, number>();
  for (const { name, seedsNeeded } of verdicts) {
    for (const scenario of mutants.find((mutant) => mutant.name === name)?.scenarios ?? []) {
      seeds.set(scenario, Math.max(seedsNeeded, seeds.get(scenario) ?? 0));
    }
  }
  await Promise.all(hunt.workshops.map((workshop) => workshop.build()));
  const runs = [...seeds].filter(([, to]) => to > 0);
  const alarms = await inAll(hunt, runs, async (workshop, [scenario, to]) => {
    hunt.progress(`unmodified: ${scenario}, seeds 1..${to}`);
    const { failures } = await workshop.run(scenario, 1, to);
    return failures.map((failure): Alarm => ({ scenario, seed: failure.seed, checker: checkerOf(failure) }));
  });
  return alarms.flat();
}
