/**
 * The faults as `--list-faults` tells of them, from the table that the schema is made of.
 * Returns lines and data; prints nothing.
 */
import { CHAOS_WORDS, FAMILIES, FAULT_KEYS, FAULT_WORDS, type Family, type FaultKey } from './fault-words.js';
import { ANSWERS_TEXT } from './words.js';

export interface ListedFault {
  readonly word: FaultKey;
  readonly family: Family;
  readonly help: string;
  /** A whole step. */
  readonly example: string;
  /** Keys of a step that go with it, besides its time. */
  readonly with: readonly string[];
  /** Whether chaos can draw it. */
  readonly chaos: boolean;
}

const DRAWN: readonly string[] = CHAOS_WORDS;

export const faultList: readonly ListedFault[] = FAULT_KEYS.map((word) => {
  const { family, help, example, details } = FAULT_WORDS[word];
  return { word, family, help, example: `{ ${example} }`, with: details, chaos: DRAWN.includes(word) };
});

/** By family: each word with its help and, below, its example. @param fold cuts a text into lines of a width. */
export function faultListLines(
  fold: (text: string, width: number) => readonly string[],
  width: number,
): readonly string[] {
  const lead = 2 + Math.max(...faultList.map(({ word }) => word.length)) + 2;
  const families = Object.entries(FAMILIES).flatMap(([family, title]) => [
    `${title} (${family})`,
    ...faultList.filter((fault) => fault.family === family).flatMap((fault) => faultLines(fault, fold, lead, width)),
    '',
  ]);
  const who = 'Who: n3, any, joining, head(/p), mid(/p), tail(/p), owner(/p); several: [n1, n2], half, minority, all.';
  const when = 'When: at: 2s · when: head(/p) has appended first, after: 1ms · every: 1s, from: 1s, until: 9s.';
  const answers = `Expect, of a step of a client: ${ANSWERS_TEXT} · any: refused, unknown or a refusal code.`;
  return [...families, ...fold(who, width), ...fold(when, width), ...fold(answers, width)];
}

function faultLines(
  { word, help, example }: ListedFault,
  fold: (text: string, width: number) => readonly string[],
  lead: number,
  width: number,
): readonly string[] {
  const told = fold(help, width - lead);
  const lines = told.map((line, i) => (i === 0 ? `  ${word}`.padEnd(lead) : ' '.repeat(lead)) + line);
  const shown = fold(example, width - lead - 2).map((line, i) => `${' '.repeat(lead)}${i === 0 ? '- ' : '  '}${line}`);
  return [...lines, ...shown];
}
