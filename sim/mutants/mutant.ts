/**
 * What a planted bug is, and how it is put into a source text. Knows nothing of folders or runs; must never patch
 * loosely: a text that does not occur exactly once is an error, so that no mutant goes stale unseen.
 */

export interface Patch {
  /** From the project's folder. */
  readonly file: string;
  /** The text that goes: occurs exactly once in the file. */
  readonly find: string;
  /** The text that takes its place. */
  readonly replace: string;
}

export interface Mutant extends Patch {
  /** The rule that is taken out, in kebab-case. */
  readonly name: string;
  /** The rule, in one sentence, as it holds without the bug. */
  readonly rule: string;
  /** Where one place is not enough: the other places of the bug. */
  readonly also?: readonly Patch[];
  /** The names of the scenarios that show it, tried in this order under each batch of seeds. */
  readonly scenarios: readonly string[];
}

export function occurrences(source: string, text: string): number {
  return source.split(text).length - 1;
}

export function patchesOf(mutant: Mutant): readonly Patch[] {
  return [mutant, ...(mutant.also ?? [])];
}

/** @throws Error when the text that goes does not occur exactly once. */
export function patched(source: string, { file, find, replace }: Patch, name: string): string {
  const count = occurrences(source, find);
  if (count !== 1)
    throw new Error(`${name} no longer applies: its text occurs ${count} times in ${file}, expected once`);
  return source.replace(find, () => replace);
}
