/**
 * Contradictions on one path that need no search, after Gibbons and Korach (1997): each content is put once, so it has one
 * lifetime, and from the first answer that proves it to the last call that finds it the path surely holds it. Sound, not
 * complete: what it finds is a contradiction, what it does not find is left to the search. It finds in a moment what may
 * take the search too long (all ways to use a thousand puts of unknown outcome), and says it in few words.
 */
import type { FileModel } from './file-model.js';
import type { FileOperation } from './history.js';

/** Operations that cannot all be true. */
export interface Clash {
  readonly reason: string;
  readonly operations: readonly FileOperation[];
}

/** All operations that a content's lifetime must touch. Only of contents that some answer shows or relies on. */
interface Lifetime {
  readonly content: string;
  /** The one that ended first: the content was there by then. */
  first: FileOperation;
  /** The one that was called last: the content was still there. */
  last: FileOperation;
}

const endOf = ({ end }: FileOperation): number => end ?? Number.POSITIVE_INFINITY;
/** The content is surely there after `from` and before `until`, if they are in this order. */
const from = ({ first }: Lifetime): number => endOf(first);
const until = ({ last }: Lifetime): number => last.call;

function gather(operations: readonly FileOperation[], model: FileModel): Lifetime[] | Clash {
  const puts = new Map<string, FileOperation & { kind: 'put' }>();
  for (const operation of operations) {
    if (operation.kind === 'put' && operation.result?.outcome !== 'precondition-failed') {
      puts.set(model.key(operation.content), operation);
    }
  }
  const lifetimes = new Map<string, Lifetime>();
  for (const operation of operations) {
    if (model.isMisnamed(operation)) return misnamed(operation, operations);
    const key = model.onlyState(operation);
    if (key === undefined) continue;
    const put = puts.get(key);
    if (put === undefined) return { reason: 'no put can have made what this shows', operations: [operation] };
    if (endOf(operation) < put.call)
      return { reason: 'this was answered before its put was called', operations: [operation, put] };
    const known = lifetimes.get(key) ?? { content: put.content, first: put, last: put };
    if (endOf(operation) < endOf(known.first)) known.first = operation;
    if (operation.call > known.last.call) known.last = operation;
    lifetimes.set(key, known);
  }
  return [...lifetimes.values()];
}

function misnamed(operation: FileOperation, operations: readonly FileOperation[]): Clash {
  const content = operation.result?.outcome === 'found' ? operation.result.content : undefined;
  const other = operations.find(
    (each) =>
      each !== operation &&
      ((each.kind === 'put' && each.content === content && each.result?.outcome === 'done') ||
        (each.result?.outcome === 'found' && each.result.content === content)),
  );
  return { reason: 'one content with two versions', operations: other ? [other, operation] : [operation] };
}

/** The last of the sure lifetimes (in order, disjoint) that began before a time. */
function latestBefore(sure: readonly Lifetime[], time: number): Lifetime | undefined {
  let [low, high] = [0, sure.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (from(sure[middle] as Lifetime) < time) low = middle + 1;
    else high = middle;
  }
  return sure[low - 1];
}

function clash({ content, first, last }: Lifetime, operations: readonly FileOperation[]): Clash {
  const reason = `the path holds ${content} from the end of the first to the call of the second`;
  return { reason: `${reason}, which leaves no room for the rest`, operations: [first, last, ...operations] };
}

/** A contradiction among the operations on one path, or undefined if this way finds none. */
export function findClash(operations: readonly FileOperation[], model: FileModel): Clash | undefined {
  const lifetimes = gather(operations, model);
  if (!Array.isArray(lifetimes)) return lifetimes as Clash;
  const sure = lifetimes.filter((each) => from(each) < until(each)).sort((one, other) => from(one) - from(other));
  for (const [index, lifetime] of sure.entries()) {
    const next = sure[index + 1];
    if (next !== undefined && from(next) < until(lifetime)) return clash(lifetime, [next.first, next.last]);
  }
  for (const lifetime of lifetimes) {
    // A lifetime that may be a mere moment, but a moment within another's.
    const around = latestBefore(sure, until(lifetime));
    if (around !== undefined && around !== lifetime && from(lifetime) < until(around)) {
      return clash(around, [lifetime.first, lifetime.last]);
    }
  }
  for (const operation of operations) {
    const around = latestBefore(sure, operation.call);
    if (around === undefined || endOf(operation) >= until(around)) continue;
    const step = model.step(around.content, operation);
    if (!step.ok || step.next !== around.content) return clash(around, [operation]);
  }
  return undefined;
}
