/**
 * What limits must be like to make sense together: asked wherever limits come in, before any of them is used. A leaf.
 */
import { DEFAULT_LIMITS, type Limits } from './limits.js';

type Name = keyof Limits;

export interface LimitProblem {
  readonly limit: Name;
  /** With which it does not go together. */
  readonly others: readonly Name[];
  readonly why: string;
}

/** Zero has a meaning: never, or at once. */
const MAY_BE_ZERO: ReadonlySet<Name> = new Set([
  'idleChunkMs',
  'gatherMs',
  'hopMs',
  'chunkGraceMs',
  'operationAheadMs',
  'parcelsMax',
]);

/** The first, so many times, must be less than the second. */
const IN_ORDER: readonly (readonly [lesser: Name, times: number, greater: Name, why: string])[] = [
  ['heartbeatMs', 2, 'silenceMs', 'one beat that is late must not count as silence'],
  ['pollMs', 1, 'sessionMs', 'a session in which nothing happens would count as over before it is heard of again'],
  ['dialMs', 1, 'patienceMs', 'a server must have dialled those before it before it goes on without them'],
  ['silenceMs', 1, 'deadRingMs', 'a ring is not dead while its links are not'],
  ['tokenIdleMs', 1, 'tokenLostMs', 'the token would count as lost while its holder pauses'],
  ['retryMs', 1, 'operationMs', 'what was lost could not be asked for again in time'],
  ['retryMs', 1, 'retiredGraceMs', 'bytes would go while a reader asks for them again'],
];

/** The first must not be more than the second. */
const WITHIN: readonly (readonly [lesser: Name, greater: Name, why: string])[] = [
  ['batchEntriesMax', 'logEntriesMax', 'a batch is a part of a log'],
];

/** Each with what is wrong; none: the limits may be used. */
export function limitProblems(limits: Limits): readonly LimitProblem[] {
  const problems: LimitProblem[] = [];
  for (const limit of Object.keys(DEFAULT_LIMITS) as Name[]) {
    const least = MAY_BE_ZERO.has(limit) ? 0 : 1;
    const value = limits[limit];
    if (!Number.isSafeInteger(value) || value < least)
      problems.push({ limit, others: [], why: `${limit} is ${value}: it must be a whole number from ${least} on` });
  }
  for (const [lesser, times, greater, why] of IN_ORDER) {
    if (limits[lesser] * times < limits[greater]) continue;
    const isMuch = times === 1 ? '' : `${times} times `;
    problems.push({
      limit: lesser,
      others: [greater],
      why: `${isMuch}${lesser} (${limits[lesser]}) must be ${lessThan(limits, greater)}: ${why}`,
    });
  }
  for (const [lesser, greater, why] of WITHIN) {
    if (limits[lesser] <= limits[greater]) continue;
    problems.push({
      limit: lesser,
      others: [greater],
      why: `${lesser} (${limits[lesser]}) must not be more than ${greater} (${limits[greater]}): ${why}`,
    });
  }
  return problems;
}

const lessThan = (limits: Limits, greater: Name): string => `less than ${greater} (${limits[greater]})`;
