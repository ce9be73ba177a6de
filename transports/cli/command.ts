/** The shape of a command, and typed access to what yargs found for it. Knows no command. */
import type { Argv } from 'yargs';
import { isOperationId } from '../../core/files/operation-ids.js';
import { parseDuration } from '../../core/units.js';
import { WrongValue } from '../../core/wrong-value.js';
import { type Context, WrongUsage } from './context.js';

export type Found = Readonly<Record<string, unknown>>;

export interface Command {
  /** In the words of yargs: `put <from..>`. */
  readonly usage: string;
  readonly describe: string;
  readonly build: (parser: Argv) => Argv;
  /** @returns the exit code */
  run(found: Found, context: Context): Promise<number>;
}

/**
 * yargs loses a lone "-" among positionals, and all words behind "--". No argument of a process can hold a NUL: with one
 * before them such words are no flags.
 */
const GUARD = '\u0000';

export function guarded(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const isWord = (word: string, i: number): boolean => word === '-' || (end >= 0 && i > end && word.startsWith('-'));
  return args.flatMap((word, i) => (i === end ? [] : [isWord(word, i) ? GUARD + word : word]));
}

export function unguarded(word: unknown): string {
  const text = String(word);
  return text.startsWith(GUARD) ? text.slice(GUARD.length) : text;
}

export const isSet = (found: Found, flag: string): boolean => found[flag] === true;

/** @throws WrongUsage if it was given more than once. */
export function textOf(found: Found, flag: string): string | undefined {
  const given = found[flag];
  if (Array.isArray(given)) throw new WrongUsage(`--${flag} was given ${given.length} times; once is enough`);
  return given === undefined ? undefined : unguarded(given);
}

/** What goes into a header. @throws WrongUsage */
export function plainTextOf(found: Found, flag: string): string | undefined {
  const text = textOf(found, flag);
  if (text === undefined || /^[\x20-\x7e]+$/.test(text)) return text;
  throw new WrongUsage(`--${flag}: "${text}" is not printable ASCII text`);
}

/** A version of a file, as the ring tells it. @throws WrongUsage */
export function versionOf(found: Found): string | undefined {
  const text = plainTextOf(found, 'if-version');
  if (text === undefined || /^\d+\.\d+$/.test(text)) return text;
  throw new WrongUsage(`--if-version: "${text}" is no version of a file, such as 7.12 ("ppnfs stat" tells it)`);
}

/** @throws WrongUsage */
export function operationOf(found: Found): string | undefined {
  const id = plainTextOf(found, 'operation')?.toLowerCase();
  // Whether its time is too far ahead is for the ring to say: its clock counts.
  if (id === undefined || isOperationId(id, Number.MAX_SAFE_INTEGER, 0)) return id;
  throw new WrongUsage(
    `--operation: "${id}" is no id of a write (a UUIDv7), as the message about an unknown outcome names it`,
  );
}

export function textsOf(found: Found, flag: string): readonly string[] {
  const given = found[flag];
  if (given === undefined) return [];
  return Array.isArray(given) ? given.map(unguarded) : [unguarded(given)];
}

export function wholeNumberOf(found: Found, flag: string, min: number, max: number): number | undefined {
  const text = textOf(found, flag);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value >= min && value <= max) return value;
  throw new WrongUsage(`--${flag} needs a whole number from ${min} to ${max}, not "${text}"`);
}

interface Span {
  readonly least: string;
  readonly leastMs: number;
  readonly most: string;
  readonly mostMs: number;
}

/** @throws WrongUsage if it is no time, or none of the span */
export function durationMsOf(found: Found, flag: string, span?: Span): number | undefined {
  const text = textOf(found, flag);
  if (text === undefined) return undefined;
  const ms = milliseconds(text, flag);
  if (span === undefined || (ms >= span.leastMs && ms <= span.mostMs)) return ms;
  throw new WrongUsage(`--${flag} needs a time from ${span.least} to ${span.most}, not "${text}"`);
}

function milliseconds(text: string, flag: string): number {
  try {
    return parseDuration(text) / 1000;
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    const meant = error.suggestion === undefined ? '' : `; did you mean ${error.suggestion}?`;
    throw new WrongUsage(`--${flag}: ${error.message}${meant}`);
  }
}
