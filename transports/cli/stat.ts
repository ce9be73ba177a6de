/** `ppnfs stat`: everything about files but their bytes. */
import { bytes, count } from '../../core/figures.js';
import type { FileInfo } from '../client/client.js';
import { clientFor, clientOptions, jsonOption } from './client-options.js';
import { type Command, isSet, textsOf } from './command.js';
import { EXIT, type ExitCode, exitCodeOf, worstOf } from './exit-codes.js';
import { printable, printJson, table } from './look.js';
import { ringPath } from './names.js';
import { timeText, troubleLine } from './telling.js';

export const stat: Command = {
  usage: 'stat <path..>',
  describe: 'show version, size, type, time and SHA-256 of files',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage('Usage: ppnfs stat [options] <path..>')
      .positional('path', { type: 'string', describe: 'paths in the ring' })
      .example([['ppnfs stat /docs/report.pdf', 'all about it']]),
  async run(found, context) {
    const paths = textsOf(found, 'path').map(ringPath);
    const client = clientFor(found, context);
    const codes: ExitCode[] = [];
    const files: unknown[] = [];
    try {
      for (const path of paths) {
        const result = await client.stat(path, { signal: context.signal });
        const code = result.result === 'found' ? EXIT.done : exitCodeOf(result);
        codes.push(code);
        files.push({ path, ...(result.result === 'found' ? { result: 'found', ...result.file } : result) });
        if (result.result !== 'found') context.stderr.write(`ppnfs stat: ${troubleLine(path, result)}\n`);
        else if (!isSet(found, 'json')) context.stdout.write(`${fileLines(result.file).join('\n')}\n`);
        if (code === EXIT.noServer || code === EXIT.interrupted) break;
      }
    } finally {
      client.close();
    }
    if (isSet(found, 'json')) printJson(context, paths.length === 1 ? files[0] : { files });
    return worstOf(codes);
  },
};

const fileLines = ({ path, version, length, sha256, contentType, modifiedMs }: FileInfo): readonly string[] => [
  printable(path),
  ...table([
    ['  version', version],
    ['  length', `${count(length)} bytes (${bytes(length)})`],
    ['  sha256', sha256],
    ['  type', printable(contentType)],
    ['  modified', timeText(modifiedMs)],
  ]),
];
