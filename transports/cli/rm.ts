/** `ppnfs rm`: files out of the ring. */
import { counted } from '../../core/figures.js';
import type { Absent, DeleteResult, FileClient, Refused, WriteOptions } from '../client/client.js';
import { clientFor, clientOptions, jsonOption } from './client-options.js';
import { type Command, isSet, operationOf, textsOf, versionOf } from './command.js';
import { WrongUsage } from './context.js';
import { EXIT, type ExitCode, exitCodeOf, worstOf } from './exit-codes.js';
import { listed } from './get-plan.js';
import { eachOf } from './jobs.js';
import { printable, printJson } from './look.js';
import { asFolder, ringPath, ringPrefix } from './names.js';
import { troubleLine } from './telling.js';

const JOBS = 8;

export const rm: Command = {
  usage: 'rm <path..>',
  describe: 'delete files',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage('Usage: ppnfs rm [options] <path..>')
      .positional('path', { type: 'string', describe: 'paths in the ring' })
      .option('recursive', { alias: 'r', type: 'boolean', describe: 'everything under these paths' })
      .option('force', { alias: 'f', type: 'boolean', describe: 'a file that is not there is no failure' })
      .option('if-version', { type: 'string', requiresArg: true, describe: 'only if the file is at this version' })
      .option('operation', { type: 'string', requiresArg: true, describe: 'repeat the deletion with this id' })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'say nothing but what went wrong' })
      .example([
        ['ppnfs rm /docs/report.pdf', ''],
        ['ppnfs rm -r /www', 'every file under /www/'],
        ['ppnfs rm /a.txt --if-version 7.12', 'only if nobody has changed it'],
      ]),
  async run(found, context) {
    const { signal, stdout, stderr } = context;
    const isRecursive = isSet(found, 'recursive');
    const version = versionOf(found);
    const operation = operationOf(found);
    const named = textsOf(found, 'path').map(isRecursive ? ringPrefix : ringPath);
    if ((isRecursive || named.length > 1) && (version !== undefined || operation !== undefined)) {
      throw new WrongUsage('--operation and --if-version speak of one file');
    }
    const client = clientFor(found, context);
    const results: { readonly path: string; readonly result: DeleteResult | Absent | Refused }[] = [];
    try {
      const paths = isRecursive ? await under(client, named, signal) : named;
      if (!Array.isArray(paths)) {
        stderr.write(`ppnfs rm: ${troubleLine(named.join(' '), paths as Refused)}\n`);
        if (isSet(found, 'json')) printJson(context, { files: [], trouble: paths });
        return exitCodeOf(paths as Refused);
      }
      const options: WriteOptions = {
        operation,
        signal,
        condition: version === undefined ? undefined : { kind: 'version', version },
      };
      await eachOf(paths, JOBS, async (path) => {
        const result = await client.delete(path, options);
        results.push({ path, result: result.result === 'done' && !result.found ? { result: 'absent' } : result });
        const code = exitCodeOf(result);
        return code !== EXIT.noServer && code !== EXIT.interrupted;
      });
    } finally {
      client.close();
    }
    const isFine = ({ result }: { readonly result: { readonly result: string } }): boolean =>
      result.result === 'done' || (result.result === 'absent' && (isSet(found, 'force') || isRecursive));
    for (const { path, result } of results.filter((each) => !isFine(each))) {
      if (result.result !== 'done') stderr.write(`ppnfs rm: ${troubleLine(path, result)}\n`);
    }
    const deleted = results.filter(({ result }) => result.result === 'done');
    if (isSet(found, 'json')) printJson(context, { files: results.map(({ path, result }) => ({ path, ...result })) });
    else if (!isSet(found, 'quiet')) {
      if (isRecursive) stdout.write(`deleted ${counted(deleted.length, 'file')}\n`);
      else for (const { path } of deleted) stdout.write(`${printable(path)}  deleted\n`);
    }
    return worstOf(results.map((each): ExitCode => (isFine(each) ? EXIT.done : exitCodeOf(each.result))));
  },
};

async function under(
  client: FileClient,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[] | Refused> {
  const paths: string[] = [];
  for (const folder of folders) {
    for await (const item of listed(client, asFolder(folder), signal)) {
      if ('result' in item) return item;
      paths.push(item.path);
    }
  }
  return paths;
}
