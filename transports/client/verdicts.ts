/** What a client does about a refusal: take it as the last word, ask another server, or wait a moment. A leaf. */

/**
 * final: nobody in the ring would say anything else · elsewhere: it is about this server, others may take it at once ·
 * later: it is about the ring, and may pass.
 */
export type Verdict = 'final' | 'elsewhere' | 'later';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  busy: 'elsewhere',
  'not-a-member': 'elsewhere',
  leaving: 'elsewhere',
  draining: 'elsewhere',
  lost: 'elsewhere',
  'digest-mismatch': 'elsewhere',
  'upload-stalled': 'elsewhere',
  'upload-aborted': 'elsewhere',
  'wrong-length': 'elsewhere',
  'too-few-replicas': 'later',
  unavailable: 'later',
  timeout: 'later',
};

export const verdictOn = (code: string): Verdict => VERDICTS[code] ?? 'final';

/**
 * Refusals that are the outcome of the operation itself, as the head logged it, or say that it can have none: they stand
 * although an earlier try was left without a word. Any other refusal then leaves the outcome unknown.
 */
const DECIDED = new Set(['precondition-failed', 'exists', 'bad-path', 'bad-operation-id']);

export const isDecided = (code: string): boolean => DECIDED.has(code);
