/**
 * The linearizability checker: a history and a specification in, a verdict out. Splits the history into independent
 * parts and searches each. Total: within its limits it says yes or no, beyond them `undecided`; it never throws, and
 * neither its stack nor its memory grows without bound. Knows no particular model.
 */
import type { Specification, TimedOperation } from './model.js';
import { type Contradiction, type Finding, Search, type SearchLimits } from './search.js';
import { layOut } from './timeline.js';

/** For each partition: a few seconds and some 200 MB at the very most. */
export const defaultLimits: SearchLimits = { stepsMax: 5_000_000, visitedBytesMax: 200_000_000 };

/** `steps`: the work done, see `SearchLimits.stepsMax`. `partition`: the worst one. */
export type Verdict =
  | {
      readonly verdict: 'linearizable';
      readonly steps: number;
      /** The one that took most steps; undefined for an empty history. */
      readonly partition: string | undefined;
    }
  | {
      readonly verdict: 'not linearizable';
      readonly steps: number;
      readonly partition: string;
      readonly contradiction: Contradiction;
    }
  | {
      readonly verdict: 'undecided';
      readonly steps: number;
      readonly partition: string;
      readonly limit: keyof SearchLimits;
    };

interface Part<Operation> {
  readonly operations: Operation[];
  readonly indexes: number[];
}

function split<Operation extends TimedOperation>(
  operations: readonly Operation[],
  partition: (operation: Operation) => string,
): Map<string, Part<Operation>> {
  const parts = new Map<string, Part<Operation>>();
  for (const [index, operation] of operations.entries()) {
    const name = partition(operation);
    let part = parts.get(name);
    if (part === undefined) {
      part = { operations: [], indexes: [] };
      parts.set(name, part);
    }
    part.operations.push(operation);
    part.indexes.push(index);
  }
  return parts;
}

function checkPart<State, Operation extends TimedOperation>(
  part: Part<Operation>,
  specification: Specification<State, Operation>,
  limits: SearchLimits,
): Finding {
  const model = specification.model(part.operations);
  const kept = [...part.operations.keys()].filter((place) => {
    const operation = part.operations[place];
    return operation !== undefined && !(operation.end === null && model.isIrrelevant(operation));
  });
  const timeline = layOut(
    kept.map((place) => part.operations[place] as Operation),
    kept.map((place) => part.indexes[place] as number),
    (operation) => model.family(operation),
  );
  return new Search(model, timeline, limits).run();
}

/**
 * Whether a history is linearizable. The operations may come in any order; their times must be safe integers, and no
 * end may be less than its call. A part that contradicts outweighs one that stays undecided.
 */
export function checkLinearizable<State, Operation extends TimedOperation>(
  operations: readonly Operation[],
  specification: Specification<State, Operation>,
  limits: SearchLimits = defaultLimits,
): Verdict {
  let steps = 0;
  let worst: { readonly partition: string; readonly finding: Finding } | undefined;
  for (const [partition, part] of split(operations, (operation) => specification.partition(operation))) {
    const finding = checkPart(part, specification, limits);
    steps += finding.steps;
    if (finding.verdict === 'not linearizable') return { ...finding, partition, steps };
    if (worst === undefined || isWorse(finding, worst.finding)) worst = { partition, finding };
  }
  if (worst?.finding.verdict === 'undecided') return { ...worst.finding, partition: worst.partition, steps };
  return { verdict: 'linearizable', partition: worst?.partition, steps };
}

function isWorse(one: Finding, other: Finding): boolean {
  if (one.verdict !== other.verdict) return one.verdict === 'undecided';
  return one.steps > other.steps;
}
