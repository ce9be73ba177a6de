/**
 * The form of a golden script: commands, `----`, the outcome, a blank line; comments start with `#` where a command
 * could stand (after etcd-io/raft's testdata). Knows nothing of what the commands mean.
 */

/** A script that is wrong in itself, with the place where. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

export interface Command {
  readonly words: readonly string[];
  /** `file:line` */
  readonly at: string;
}

export type Runner = (command: Command) => readonly string[];

const RULE = '----';

/** Runs a script. @returns its text with the outcomes as they really were. */
export function replay(file: string, text: string, run: Runner): string {
  const lines = text.replace(/\n+$/, '').split('\n');
  const result: string[] = [];
  let commands: Command[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const at = `${file}:${i + 1}`;
    if (line === RULE) {
      if (commands.length === 0) throw new ScriptError(`${at}: an outcome without a command above it`);
      const outcome = commands.flatMap((command) => run(command));
      result.push(RULE, ...(outcome.length > 0 ? outcome : ['(nothing)']));
      commands = [];
      // The outcome that was expected ends at the blank line.
      while (i + 1 < lines.length && lines[i + 1] !== '') i++;
      continue;
    }
    result.push(line);
    if (line === '' && commands.length > 0) throw new ScriptError(`${at}: the commands above need a line ${RULE}`);
    if (line === '' || line.startsWith('#')) continue;
    commands.push({ words: line.trim().split(/\s+/), at });
  }
  if (commands.length > 0) throw new ScriptError(`${file}:${lines.length}: the last command needs a line ${RULE}`);
  return `${result.join('\n')}\n`;
}
