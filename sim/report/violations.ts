/**
 * What was violated, for people: checker, sentence, time, excerpt, and the command to see it again.
 */

import { counted, virtualTime } from '../../core/figures.js';
import type { Violation } from '../run-result.js';
import type { Look } from './story.js';
import { printable, wrap } from './text.js';

/** In place of a checker's name: the run threw or its worker died, at no time of the scenario. */
export const INTERNAL_ERROR = 'internal error';

/** The first violations matter: what follows is mostly their consequence. */
const VIOLATIONS_SHOWN_MAX = 3;
const EXCERPT_LINES_MAX = 24;

export function violationLines(violations: readonly Violation[], look: Look): readonly string[] {
  const shown = look.verbose ? violations : violations.slice(0, VIOLATIONS_SHOWN_MAX);
  const lines = shown.flatMap((violation) => [...oneViolation(violation, look), '']);
  const more = violations.length - shown.length;
  if (more > 0) lines.push(look.colours.dim(`  and ${counted(more, 'violation')} more: --verbose shows all`), '');
  return lines;
}

function oneViolation(violation: Violation, look: Look): readonly string[] {
  const { colours: c, width, verbose } = look;
  const shown = verbose ? violation.excerpt : violation.excerpt.slice(0, EXCERPT_LINES_MAX);
  const more = violation.excerpt.length - shown.length;
  return [
    `  ${c.red(c.bold(printable(violation.checker)))}${c.dim(when(violation))}`,
    ...wrap(printable(violation.message), width - 4).map((line) => `    ${line}`),
    ...(shown.length > 0 ? [''] : []),
    ...shown.flatMap((line) => wrap(printable(line), width - 6)).map((line) => `    ${c.dim('|')} ${line}`),
    ...(more > 0 ? [c.dim(`    | ${counted(more, 'line')} more: --verbose shows them`)] : []),
  ];
}

/** On one line, for lists of many. */
export function violationInShort(violation: Violation): string {
  return printable(`${violation.checker}${when(violation)}: ${violation.message}`);
}

const when = ({ checker, atUs }: Violation): string => (checker === INTERNAL_ERROR ? '' : ` at ${virtualTime(atUs)}`);
