/**
 * Exit codes of the simulator, and which one counts when several apply: 2, 1, 4, 3.
 */
import type { Outcome } from '../run-result.js';

export const EXIT_WRONG_INPUT = 2;
/** A shell's convention: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;
export const EXIT_FAILED = 1;

/** Wrong input never gets as far as an outcome, so that 2 comes before these. */
const byPrecedence: readonly (readonly [Outcome, number])[] = [
  ['fail', EXIT_FAILED],
  ['stuck', 4],
  ['vacuous', 3],
];

export function exitCode(outcomes: Readonly<Record<Outcome, number>>): number {
  return byPrecedence.find(([outcome]) => outcomes[outcome] > 0)?.[1] ?? 0;
}
