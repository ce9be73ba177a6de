/** From the words of the command line to a command, and from its end to an exit code. */
import { nearest } from '../../core/suggest.js';
import { guarded, unguarded } from './command.js';
import { commands } from './commands.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT } from './exit-codes.js';
import { forward, isForwarded } from './forward.js';
import { printable } from './look.js';
import { type Chosen, createParser } from './parser.js';

const WIDTH_MAX = 100;
const WIDTH = 80;

export async function run(context: Context): Promise<number> {
  const { args, stdout, stderr } = context;
  const [first] = args;
  if (isForwarded(first)) return forward(first, args.slice(1), context);
  let chosen: Chosen | undefined;
  let said = '';
  let problem: Error | null | undefined;
  const width = Math.min(WIDTH_MAX, stdout.columns ?? WIDTH);
  const parser = createParser({ commands, version: context.version, width, choose: (choice) => (chosen = choice) });
  try {
    await parser.parseAsync(guarded(args), {}, (error: Error | null | undefined, _: unknown, output: string) => {
      problem = error;
      said = output;
    });
    if (problem) throw new WrongUsage(...explained(problem, args));
    if (said !== '') {
      stdout.write(`${said.trimEnd()}\n`);
      return EXIT.done;
    }
    if (chosen === undefined) return EXIT.done;
    return await chosen.command.run(chosen.found, context);
  } catch (error) {
    if (isAbortOf(context.signal, error)) return EXIT.interrupted;
    if (!(error instanceof WrongUsage)) throw error;
    const name = chosen === undefined ? 'ppnfs' : `ppnfs ${chosen.command.usage.split(' ')[0]}`;
    const [head, ...more] = error.message.split('\n').map(printable);
    const lines =
      more.length === 0 ? [`${name}: ${head}`] : [`${name}:`, `  ${head}`, ...more.map((line) => `  ${line}`)];
    stderr.write(`${[...lines, ...(error.hint === '' ? [] : [`  ${error.hint}`])].join('\n')}\n`);
    return EXIT.wrongUsage;
  }
}

/** Thrown by what was told to stop; anything else that goes wrong meanwhile is told as always. */
const isAbortOf = ({ aborted, reason }: AbortSignal, error: unknown): boolean =>
  aborted && (error === reason || (error instanceof Error && error.name === 'AbortError'));

/** What yargs complains of, in our words: it names flags without dashes, and suggests nothing. */
function explained(problem: Error, args: readonly string[]): [message: string, hint: string] {
  const names = commands.map(({ usage }) => usage.split(' ')[0] as string);
  const name = args.find((word) => !word.startsWith('-'));
  const command = commands.find(({ usage }) => usage.split(' ')[0] === name);
  const hint = `ppnfs ${command === undefined ? '' : `${name} `}--help shows how, with examples`;
  if (name === 'completion') return ['completion takes nothing else: "ppnfs completion" prints the script', hint];
  const lacking = /^Not enough arguments following: (\S+)/.exec(problem.message)?.[1];
  if (lacking !== undefined) return [`--${lacking} needs a value`, hint];
  const [, unknown] = /^Unknown arguments?: (.+)$/.exec(problem.message) ?? [];
  if (unknown !== undefined && command === undefined) {
    const meant = nearest(name ?? '', [...names, 'sim', 'bench', 'completion']);
    return [`unknown command "${name ?? unknown}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`, hint];
  }
  if (unknown !== undefined)
    return [unknownText(unknown.split(', ').map(unguarded), flagsOf(command as (typeof commands)[number])), hint];
  if (/^Not enough non-option arguments/.test(problem.message)) {
    return [`something is missing: ppnfs ${command?.usage ?? ''}`, hint];
  }
  return [problem.message, hint];
}

function unknownText(words: readonly string[], flags: readonly string[]): string {
  const flag = words.find((word) => word.length > 0) ?? '';
  const meant = nearest(flag, flags);
  return `unknown: ${words.join(', ')}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}

function flagsOf(command: (typeof commands)[number]): readonly string[] {
  const parser = command.build(createParser({ commands: [], version: '', width: WIDTH, choose: () => {} }));
  const { key } = (parser as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions();
  return Object.keys(key).filter((name) => name.length > 1);
}
