/** `ppnfs ls`: the files whose paths begin with something, page by page. */
import { bytes, counted } from '../../core/figures.js';
import type { FileClient, FileInfo, Refused } from '../client/client.js';
import { clientFor, clientOptions, jsonOption } from './client-options.js';
import { type Command, type Found, isSet, textOf } from './command.js';
import type { Context } from './context.js';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js';
import { listed } from './get-plan.js';
import { printable, table } from './look.js';
import { ringPrefix } from './names.js';
import { timeText, troubleLine } from './telling.js';

/** Lines that are laid out together: a long list begins to show before it is complete. */
const ROWS_AT_ONCE = 256;

export const ls: Command = {
  usage: 'ls [prefix]',
  describe: 'list files whose paths begin with a prefix',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage(
        'Usage: ppnfs ls [options] [prefix]\n\nLists every file whose path begins with the prefix (default: all of them).',
      )
      .positional('prefix', { type: 'string', describe: 'the beginning of paths, such as /docs/' })
      .option('long', { alias: 'l', type: 'boolean', describe: 'with size, time, version and type' })
      .example([
        ['ppnfs ls', 'all files'],
        ['ppnfs ls -l /docs/', 'all about those under /docs/'],
        ['ppnfs ls --json | jq .items[].path', 'for tools'],
      ]),
  async run(found, context) {
    const prefix = ringPrefix(textOf(found, 'prefix') ?? '/');
    const client = clientFor(found, context);
    try {
      return isSet(found, 'json')
        ? await listJson(client, prefix, context)
        : await listLines(client, prefix, found, context);
    } finally {
      client.close();
    }
  },
};

/** One object, written piece by piece: a list may be longer than memory. */
async function listJson(client: FileClient, prefix: string, { stdout, stderr, signal }: Context): Promise<ExitCode> {
  let count = 0;
  let trouble: Refused | undefined;
  stdout.write('{"items":[');
  for await (const item of listed(client, prefix, signal)) {
    if ('result' in item) trouble = item;
    else stdout.write(`${count++ === 0 ? '' : ','}\n${JSON.stringify(item)}`);
  }
  stdout.write(`\n],"complete":${trouble === undefined}${trouble ? `,"trouble":${JSON.stringify(trouble)}` : ''}}\n`);
  return ended(trouble, prefix, stderr);
}

function ended(trouble: Refused | undefined, prefix: string, stderr: Context['stderr']): ExitCode {
  if (trouble === undefined) return EXIT.done;
  stderr.write(`ppnfs ls: ${troubleLine(prefix, trouble)}\n`);
  return exitCodeOf(trouble);
}

async function listLines(client: FileClient, prefix: string, found: Found, context: Context): Promise<ExitCode> {
  const { stdout, stderr, signal } = context;
  const isLong = isSet(found, 'long');
  let rows: FileInfo[] = [];
  let count = 0;
  let total = 0;
  let trouble: Refused | undefined;
  const flush = (): void => {
    const lines = isLong ? longLines(rows) : rows.map(({ path }) => printable(path));
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
    rows = [];
  };
  for await (const item of listed(client, prefix, signal)) {
    if ('result' in item) trouble = item;
    else {
      count++;
      total += item.length;
      rows.push(item);
      if (rows.length >= ROWS_AT_ONCE) flush();
    }
  }
  flush();
  if (isLong && trouble === undefined) stdout.write(`${counted(count, 'file')}, ${bytes(total)}\n`);
  return ended(trouble, prefix, stderr);
}

const longLines = (files: readonly FileInfo[]): readonly string[] =>
  table(
    files.map(({ path, length, modifiedMs, version, contentType }) => [
      bytes(length),
      timeText(modifiedMs),
      version,
      printable(contentType),
      printable(path),
    ]),
    [{ align: 'right' }],
  );
