/**
 * The flags of the simulator and their help.
 */
import yargs, { type Argv } from 'yargs';

export const valueFlags = ['seed', 'seeds', 'workers'] as const;
export const switches = ['json', 'quiet', 'verbose', 'no-color', 'list-faults', 'help', 'version'] as const;
export const flagNames: readonly string[] = [...valueFlags, ...switches];

const exitCodes = `Exit codes:
  0    everything held
  1    an expectation or invariant failed
  2    the scenario or the command line is wrong
  3    vacuous: nothing was really tested
  4    stuck: the system did not converge
  130  interrupted by Ctrl-C; what is known so far is printed
  Of several runs, the first of 2, 1, 4, 3 that occurred counts.`;

/** Documented by yargs, unknown to its types. */
interface WithUsageConfiguration extends Argv {
  usageConfiguration(configuration: { readonly 'hide-types': boolean }): Argv;
}

export function parser(version: string, width: number) {
  const bare = yargs() as WithUsageConfiguration;
  return bare
    .usageConfiguration({ 'hide-types': true })
    .scriptName('npm run sim --')
    .locale('en')
    .usage(
      'Usage: npm run sim <file...> [-- flags], or ppnfs sim <file...> [flags]\n\nRuns scenarios in the simulator: same seed, same run.',
    )
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .options({
      seed: { type: 'string', requiresArg: true, describe: 'run under this seed, e.g. 7' },
      seeds: { type: 'string', requiresArg: true, describe: 'run under each of these seeds, e.g. 1..100' },
      json: { type: 'boolean', describe: 'print one JSON object, and nothing else, on standard output' },
      quiet: { type: 'boolean', describe: 'print the verdict only' },
      verbose: { type: 'boolean', describe: 'print every detail of the story; with --json, the story too' },
      workers: { type: 'string', requiresArg: true, describe: 'how many runs at once (default: one for each core)' },
      'list-faults': {
        type: 'boolean',
        describe:
          'list every fault that a scenario can strike, and the answers a step can expect; with --json, for tools',
      },
      'no-color': { type: 'boolean', describe: 'no colours (also: the environment variable NO_COLOR)' },
    })
    .help('help', 'show this help')
    .alias('help', 'h')
    .version('version', 'show the version', version)
    .example([
      ['npm run sim scenarios/quickstart.yaml', "its story, under the scenario's first seed"],
      ['npm run sim scenarios/quickstart.yaml -- --seed 7', 'another run'],
      ['npm run sim scenarios/*.yaml -- --seeds 1..100', 'many runs on all cores, and a table'],
      ['npm run -s sim scenarios/quickstart.yaml -- --json', 'for tools'],
      ['ppnfs sim my.yaml --seed 7', 'where the package is installed: no -- before flags'],
    ])
    .epilogue(exitCodes)
    .strictOptions()
    .exitProcess(false)
    .wrap(width);
}
