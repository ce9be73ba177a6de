/**
 * The command that shows a run again, ready to be pasted into a shell.
 */

export function reproduceCommand(file: string, seed: number): string {
  return `npm run sim ${shellWord(file)} -- --seed ${seed} --verbose`;
}

/** A file name that starts with a dash would be taken for a flag. */
function shellWord(word: string): string {
  const safe = word.startsWith('-') ? `./${word}` : word;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
