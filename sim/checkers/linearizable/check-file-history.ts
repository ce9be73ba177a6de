/**
 * The simulator's checker "linearizable": whether what the clients of a run were told can be explained by one order of
 * operations on each path. Lives outside the protocol: it sees a history, nothing else.
 */
import { checkLinearizable, defaultLimits } from './check.js';
import { FileModel, fileSpecification } from './file-model.js';
import { describeOperation, type FileOperation, historyFault } from './history.js';
import { type Clash, findClash } from './lifetimes.js';
import type { SearchLimits } from './search.js';

/** The end of the longest attempt to put the operations on a path in order. */
export interface Stuck {
  /** Operations in the longest linearizable beginning that was found. */
  readonly placedCount: number;
  /** The last of them, a dozen at most, in the order they were placed. */
  readonly lastPlaced: readonly FileOperation[];
  /** The file after them, for people. */
  readonly state: string;
  /** The operations that would have to come next and do not fit, the most urgent first. */
  readonly unplaced: readonly FileOperation[];
  /** Operations that still need this state, so that nothing may change it. */
  readonly waiting: readonly FileOperation[];
}

/** `steps`: the work done. `path`: the worst one. */
export type FileHistoryVerdict =
  | {
      readonly verdict: 'linearizable';
      readonly steps: number;
      /** The one that took most steps; undefined for an empty history. */
      readonly path: string | undefined;
    }
  | {
      readonly verdict: 'not linearizable';
      readonly steps: number;
      readonly path: string;
      readonly contradiction: Clash | Stuck;
    }
  | {
      readonly verdict: 'undecided';
      readonly steps: number;
      readonly path: string;
      readonly limit: keyof SearchLimits;
    };

/**
 * Checks a history, given in any order. Throws a RangeError only if it is no history at all (`historyFault`): that is a
 * bug of who recorded it.
 */
export function checkFileHistory(
  operations: readonly FileOperation[],
  limits: SearchLimits = defaultLimits,
): FileHistoryVerdict {
  const fault = historyFault(operations);
  if (fault !== undefined) throw new RangeError(`not a history: ${fault}`);
  return findClashOnAnyPath(operations) ?? search(operations, limits);
}

function findClashOnAnyPath(operations: readonly FileOperation[]): FileHistoryVerdict | undefined {
  const paths = new Map<string, FileOperation[]>();
  for (const operation of operations) {
    const known = paths.get(operation.path);
    if (known === undefined) paths.set(operation.path, [operation]);
    else known.push(operation);
  }
  for (const [path, part] of paths) {
    const contradiction = findClash(part, new FileModel(part));
    if (contradiction !== undefined) return { verdict: 'not linearizable', steps: 0, path, contradiction };
  }
  return undefined;
}

function search(operations: readonly FileOperation[], limits: SearchLimits): FileHistoryVerdict {
  const found = checkLinearizable(operations, fileSpecification, limits);
  const { steps } = found;
  switch (found.verdict) {
    case 'linearizable':
      return { verdict: found.verdict, steps, path: found.partition };
    case 'undecided':
      return { verdict: found.verdict, steps, path: found.partition, limit: found.limit };
    case 'not linearizable': {
      const at = (indexes: readonly number[]): FileOperation[] =>
        indexes.map((index) => operations[index]).filter((operation) => operation !== undefined);
      const { placedCount, lastPlaced, state, unplaced, waiting } = found.contradiction;
      const contradiction = {
        placedCount,
        state,
        lastPlaced: at(lastPlaced),
        unplaced: at(unplaced),
        waiting: at(waiting),
      };
      return { verdict: found.verdict, steps, path: found.partition, contradiction };
    }
  }
}

const indented = (operations: readonly FileOperation[]): readonly string[] =>
  operations.map((operation) => `    ${describeOperation(operation)}`);

function explain(contradiction: Clash | Stuck): readonly string[] {
  if ('reason' in contradiction) return [`  ${contradiction.reason}:`, ...indented(contradiction.operations)];
  const { placedCount, lastPlaced, state, unplaced, waiting } = contradiction;
  return [
    `  ${placedCount} operations fit an order, of which the last are`,
    ...indented(lastPlaced),
    `  the file is then ${state}${waiting.length === 0 ? '' : ', and must stay so for'}`,
    ...indented(waiting),
    '  so that none of these fits:',
    ...indented(unplaced),
  ];
}

/** The verdict for people, a line each. */
export function explainFileHistory(verdict: FileHistoryVerdict): readonly string[] {
  switch (verdict.verdict) {
    case 'linearizable':
      return ['linearizable'];
    case 'undecided':
      return [`undecided: the history of ${verdict.path} is beyond ${verdict.limit}, after ${verdict.steps} steps`];
    case 'not linearizable':
      return [`not linearizable: ${verdict.path}`, ...explain(verdict.contradiction)];
  }
}
