/**
 * What a client does after an attempt: end, or try again elsewhere. A pure decision, kept apart from its carrying out.
 *
 * A write is repeated with the same operation id, so repeating it is always safe. A refusal speaks of its own attempt
 * only: where an earlier one may have happened, the whole stays unknown.
 */
import type { RefusalCode } from '../../core/refusals.js';
import type { AttemptEnd } from './attempt.js';
import type { FinalAnswer } from './operation.js';

/** Refusals that another server, or a later moment, may not repeat. */
const PASSING: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'busy',
  'unavailable',
  'not-a-member',
  'leaving',
  'timeout',
  'too-few-replicas',
  'version-gone',
]);

export interface Situation {
  readonly isWrite: boolean;
  readonly end: AttemptEnd;
  /** The server was told enough to carry this attempt out. */
  readonly mayHappen: boolean;
  /** An earlier attempt may have happened. */
  readonly mayHaveHappened: boolean;
  readonly retriesLeft: number;
}

export type Decision =
  | { readonly kind: 'end'; readonly answer: FinalAnswer }
  | { readonly kind: 'again'; readonly mayHaveHappened: boolean };

const end = (answer: FinalAnswer): Decision => ({ kind: 'end', answer });

export function afterAttempt(situation: Situation): Decision {
  const { end: ended, mayHappen, mayHaveHappened, isWrite } = situation;
  switch (ended.kind) {
    case 'abandoned':
      return end({ result: 'abandoned' });
    case 'died':
      return lost(situation, 'unavailable');
    case 'timeout':
      return lost(situation, 'timeout');
    case 'answered':
  }
  const { answer, received } = ended;
  switch (answer.result) {
    case 'refused': {
      if (PASSING.has(answer.code) && situation.retriesLeft > 0) return { kind: 'again', mayHaveHappened };
      return end({ result: isWrite && mayHaveHappened ? 'unknown' : 'refused', code: answer.code });
    }
    case 'unknown':
      if (situation.retriesLeft > 0) return { kind: 'again', mayHaveHappened: mayHaveHappened || mayHappen };
      return end({ result: 'unknown', code: answer.code });
    case 'delivered':
      // Bytes without a file are reported as wrong where they arrive; there is nothing to compare then.
      return end(
        received === undefined ? { result: 'unknown', code: 'unavailable' } : { result: 'delivered', ...received },
      );
    case 'done':
      return end({ result: 'done', outcome: answer.outcome });
    default:
      return end(answer);
  }
}

/** No answer came. */
function lost({ isWrite, mayHappen, mayHaveHappened, retriesLeft }: Situation, code: RefusalCode): Decision {
  const happened = mayHaveHappened || mayHappen;
  if (retriesLeft > 0) return { kind: 'again', mayHaveHappened: happened };
  return end({ result: isWrite && !happened ? 'refused' : 'unknown', code });
}
