/**
 * The closed sets of words that a scenario may use and that other parts define.
 * Typed as complete records, so that a new fact or refusal that is missing here does not compile.
 */
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { Fact } from '../../core/output.js';
import { REFUSAL_TEXTS } from '../../core/refusals.js';
import type { ClientAction, ServerDeed } from './scenario.js';

const FACTS: Readonly<Record<Fact['fact'], true>> = {
  'view-installed': true,
  'view-proposed': true,
  session: true,
  registered: true,
  'kept-out': true,
  'cluster-founded': true,
  recovered: true,
  seated: true,
  'lesson-begun': true,
  learned: true,
  'hold-begun': true,
  'learner-ready': true,
  'learner-stalled': true,
  promoted: true,
  'shard-lost': true,
  'shard-revived': true,
  'shard-forgotten': true,
  'chunk-rotten': true,
  'chunk-unwritten': true,
  'store-space': true,
  'life-ends': true,
  removed: true,
  'link-broken': true,
  'link-restored': true,
  'link-refused': true,
  'frames-dropped': true,
  'upload-started': true,
  'upload-abandoned': true,
  'chunk-staged': true,
  'chunks-resent': true,
  'chunks-fetched': true,
  ordered: true,
  appended: true,
  persisted: true,
  committed: true,
  refused: true,
  'want-stamped': true,
  'want-joined': true,
  'shuttle-shared': true,
  boarded: true,
  caught: true,
  'another-turn': true,
  parked: true,
  'upload-dropped': true,
};
export const FACT_NAMES = Object.keys(FACTS) as readonly Fact['fact'][];

export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[];

type Writes = 'put' | 'write';
/** What a server can have done, and whether it can do so for every write or for puts only. */
export const DEEDS: Readonly<Record<ServerDeed, Writes>> = {
  started: 'put',
  staged: 'put',
  ordered: 'write',
  appended: 'write',
  persisted: 'write',
  committed: 'write',
  boarded: 'put',
  caught: 'put',
};

/** What the answer to each kind of client step can be, besides refused, unknown and the refusal codes. */
const ANSWERS: Readonly<Record<ClientAction['kind'], readonly string[]>> = {
  put: ['stored', 'precondition-failed'],
  delete: ['deleted', 'absent', 'precondition-failed'],
  get: ['delivered', 'absent'],
  stat: ['found', 'absent'],
  list: ['listed'],
};
export const answersOf = (kind: ClientAction['kind']): readonly string[] => [
  ...ANSWERS[kind],
  'refused',
  'unknown',
  ...Object.keys(REFUSAL_TEXTS),
];
/** Without the refusal codes. */
export const USUAL_ANSWERS: readonly string[] = [...new Set([...Object.values(ANSWERS).flat(), 'refused', 'unknown'])];
export const ALL_ANSWERS: readonly string[] = [...new Set([...USUAL_ANSWERS, ...Object.keys(REFUSAL_TEXTS)])];
/** The same for people, by kind of step. */
export const ANSWERS_TEXT = Object.entries(ANSWERS)
  .map(([kind, words]) => `${kind}: ${words.join(', ')}`)
  .join(' · ');

export const MIX_NAMES = [
  'put',
  'put-if-absent',
  'put-if-version',
  'get',
  'stat',
  'delete',
  'delete-if-version',
  'list',
] as const;
