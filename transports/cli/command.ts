/** The shape of a command, and typed access to what yargs found for it. Knows no command. */
import type { Argv } from 'yargs';
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

/** yargs loses a lone "-" among positionals. No argument of a process can hold a NUL, so this can stand for it. */
const DASH = '\u0000';
export const guarded = (args: readonly string[]): string[] => args.map((word) => (word === '-' ? DASH : word));
const unguarded = (word: unknown): string => (word === DASH ? '-' : String(word));

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
