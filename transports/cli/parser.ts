/** All commands in one yargs parser: what the command line may say, and the help. Runs nothing. */
import yargs, { type Argv } from 'yargs';
import type { Command, Found } from './command.js';
import { EXIT_TEXT } from './exit-codes.js';

export interface Chosen {
  readonly command: Command;
  readonly found: Found;
}

/** Documented by yargs, unknown to its types. */
interface WithUsageConfiguration extends Argv {
  usageConfiguration(configuration: { readonly 'hide-types': boolean }): Argv;
}

export interface ParserOptions {
  readonly commands: readonly Command[];
  readonly version: string;
  readonly width: number;
  readonly choose: (chosen: Chosen) => void;
}

export function createParser({ commands, version, width, choose }: ParserOptions): Argv {
  const bare = yargs() as WithUsageConfiguration;
  const parser = bare
    .usageConfiguration({ 'hide-types': true })
    .scriptName('ppnfs')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .usage('Usage: ppnfs <command> [options]\n\nA ring of file servers in which the files travel.')
    .option('no-color', { type: 'boolean', describe: 'no colours (also: the environment variable NO_COLOR)' })
    .help('help', 'show this help')
    .alias('help', 'h')
    .version('version', 'show the version', version)
    .example([
      ['ppnfs up', 'a ring of five servers on this machine'],
      ['ppnfs put report.pdf /docs/', 'store a file'],
      ['ppnfs get /docs/report.pdf', 'fetch it, from any server'],
      ['ppnfs status --watch', 'see the ring'],
    ])
    .epilogue(EXIT_TEXT)
    .completion('completion', 'print a script that completes commands in bash or zsh')
    .demandCommand(1, 'which command?')
    .strict()
    .exitProcess(false)
    .wrap(width);
  for (const command of commands) {
    parser.command(command.usage, command.describe, command.build, (found) => choose({ command, found }));
  }
  return parser;
}
