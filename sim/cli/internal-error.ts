/**
 * The result of a run that never came to one: it threw, or its worker died. A failure like any other, never lost.
 */
import { INTERNAL_ERROR } from '../report/violations.js';
import type { RunResult } from '../run-result.js';

export function internalError(
  scenario: { readonly name: string; readonly file: string },
  seed: number,
  message: string,
  excerpt: readonly string[],
  wallMs: number,
): RunResult {
  return {
    scenario: scenario.name,
    file: scenario.file,
    seed,
    outcome: 'fail',
    traceHash: '0'.repeat(16),
    events: 0,
    virtualMs: 0,
    wallMs,
    violations: [{ checker: INTERNAL_ERROR, message, atUs: 0, excerpt }],
    figures: {
      done: 0,
      refused: 0,
      unknown: 0,
      bytesStored: 0,
      bytesRead: 0,
      bytesOnLinks: 0,
      epochs: 0,
      longestHealUs: undefined,
      promoted: 0,
      shardsLost: 0,
      shardsRevived: 0,
      restarts: 0,
      losses: 0,
      faults: {},
      facts: {},
    },
    story: [],
  };
}
