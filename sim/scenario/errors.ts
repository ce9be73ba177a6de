/**
 * What can be wrong with a scenario: a wrong value (not yet placed, see core), and a scenario error (placed in its file).
 * Knows places and text, not YAML. Whoever prints one prints `formatScenarioError`, never a stack trace.
 */
import { printable } from '../../core/wrong-value.js';
import type { Place } from './scenario.js';

export { quote, WrongValue } from '../../core/wrong-value.js';

const EXCERPT_CHARACTERS_MAX = 116;
const OTHERS_SHOWN_MAX = 10;

/** A stretch of one line. */
export interface Spot extends Place {
  /** Characters, at least 1. */
  readonly width: number;
}

export interface Problem {
  readonly spot: Spot;
  readonly message: string;
  readonly suggestion: string | undefined;
  /** Something is missing: very likely because of another problem, so that is told first. */
  readonly isMissing?: true;
}

/** The scenario cannot be used: exit code 2. Speaks of the first problem in the file; `others` follow it. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly file: string;
  /** From 1; undefined when the file could not be read at all. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly suggestion: string | undefined;
  readonly others: readonly Problem[];
  /** The line of the file that the error speaks of, as it stands there. */
  readonly sourceLine: string | undefined;
  readonly width: number;

  constructor(
    file: string,
    problem: { readonly spot?: Spot; readonly message: string; readonly suggestion: string | undefined },
    sourceLine?: string,
    others: readonly Problem[] = [],
  ) {
    super(problem.message);
    this.file = file;
    this.line = problem.spot?.line;
    this.column = problem.spot?.column;
    this.width = problem.spot?.width ?? 1;
    this.suggestion = problem.suggestion;
    this.sourceLine = sourceLine;
    this.others = others;
  }
}

/** As compilers do: place and message, the line, a caret under the culprit. Several lines, no newline at the end. */
export function formatScenarioError(error: ScenarioError): string {
  const place = error.line === undefined ? error.file : `${error.file}:${error.line}:${error.column}`;
  const lines = [`${place}: ${printable(error.message)}${meantText(error.suggestion)}`];
  if (error.sourceLine !== undefined && error.sourceLine.trim() !== '') lines.push(...excerpt(error));
  if (error.others.length > 0) {
    const count = error.others.length === 1 ? '1 more problem' : `${error.others.length} more problems`;
    lines.push(`  and ${count}:`);
    for (const { spot, message, suggestion } of error.others.slice(0, OTHERS_SHOWN_MAX)) {
      lines.push(`  ${error.file}:${spot.line}:${spot.column}: ${printable(message)}${meantText(suggestion)}`);
    }
    if (error.others.length > OTHERS_SHOWN_MAX) lines.push('  …');
  }
  return lines.join('\n');
}

const meantText = (suggestion: string | undefined): string =>
  suggestion === undefined ? '' : `; did you mean "${printable(suggestion)}"?`;

function excerpt({ sourceLine = '', column = 1, width }: ScenarioError): readonly string[] {
  // Of a very long line only the part around the culprit is shown.
  const from = column > EXCERPT_CHARACTERS_MAX - 16 ? column - 1 - EXCERPT_CHARACTERS_MAX / 2 : 0;
  // A tab is shown as an arrow one column wide, so that the caret stands under the culprit.
  const shown = printable(sourceLine.slice(from, from + EXCERPT_CHARACTERS_MAX).replaceAll('\t', '→'));
  const indent = column - 1 - from;
  const carets = Math.max(1, Math.min(width, shown.length - indent));
  return [`  ${shown}`, `  ${' '.repeat(indent)}${'^'.repeat(carets)}`];
}
