/** `ppnfs put`: files, folders or standard input into the ring. */
import { addAbortSignal } from 'node:stream';
import { bytes, counted, duration } from '../../core/figures.js';
import {
  CLIENT_CODES,
  type Condition,
  type FileClient,
  type PutOptions,
  type PutResult,
  type Refused,
  type Source,
} from '../client/client.js';
import { fileSource, streamSource } from '../client/source.js';
import { clientFor, clientOptions, jsonOption } from './client-options.js';
import {
  type Command,
  type Found,
  isSet,
  operationOf,
  plainTextOf,
  textsOf,
  versionOf,
  wholeNumberOf,
} from './command.js';
import { contentTypeOf } from './content-types.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT, type ExitCode, exitCodeOf, worstOf } from './exit-codes.js';
import { eachOf } from './jobs.js';
import type { Skipped } from './local-files.js';
import { coloursFor, printable, printJson } from './look.js';
import { showProgress } from './progress.js';
import { filesToSend, type ToSend } from './put-plan.js';
import { fileLine, troubleLine } from './telling.js';

const JOBS_MAX = 64;
const DEFAULT_JOBS = 4;

export const put: Command = {
  usage: 'put <from..>',
  describe: 'store files; the last word is where, in the ring',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage(
        'Usage: ppnfs put [options] <file..> <path>\n\nStores files. A path that ends in "/" gets the name behind it.',
      )
      .positional('from', { type: 'string', describe: 'files ("-": standard input), then a path in the ring' })
      .option('recursive', { alias: 'r', type: 'boolean', describe: 'folders, with all that is in them' })
      .option('jobs', { type: 'string', requiresArg: true, describe: `files at once (default: ${DEFAULT_JOBS})` })
      .option('type', { type: 'string', requiresArg: true, describe: 'content type (default: what the name suggests)' })
      .option('if-absent', { type: 'boolean', describe: 'only if there is no such file yet' })
      .option('if-version', { type: 'string', requiresArg: true, describe: 'only if the file is at this version' })
      .option('operation', { type: 'string', requiresArg: true, describe: 'repeat the write with this id' })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'say nothing but what went wrong' })
      .example([
        ['ppnfs put report.pdf /docs/', 'as /docs/report.pdf'],
        ['ppnfs put -r site /www', 'every file of site under /www/'],
        ['tar c folder | ppnfs put - /backup.tar', 'from standard input'],
        ['ppnfs put a.txt /a.txt --if-version 7.12', 'only if nobody has changed it'],
      ]),
  async run(found, context) {
    const words = textsOf(found, 'from');
    const [sources, target] = words.length === 1 ? [words, '/'] : [words.slice(0, -1), words.at(-1) as string];
    const wish = writeOptionsOf(found);
    const { files, skipped } = await filesToSend(sources, target, isSet(found, 'recursive'));
    if (files.length > 1 && (wish.operation !== undefined || wish.condition?.kind === 'version')) {
      throw new WrongUsage('--operation and --if-version speak of one file, and here are several');
    }
    const client = clientFor(found, context);
    try {
      return await send(client, files, skipped, { ...wish, signal: context.signal }, found, context);
    } finally {
      client.close();
    }
  },
};

/** What the file must be like; both at once cannot be. */
export function conditionOf(found: Found): Condition | undefined {
  const version = versionOf(found);
  if (version !== undefined && isSet(found, 'if-absent')) {
    throw new WrongUsage('--if-absent and --if-version contradict each other');
  }
  if (version !== undefined) return { kind: 'version', version };
  return isSet(found, 'if-absent') ? { kind: 'absent' } : undefined;
}

function writeOptionsOf(found: Found): PutOptions {
  return {
    condition: conditionOf(found),
    operation: operationOf(found),
    contentType: plainTextOf(found, 'type'),
  };
}

async function send(
  client: FileClient,
  files: readonly ToSend[],
  skipped: readonly Skipped[],
  options: PutOptions,
  found: Found,
  context: Context,
): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const isQuiet = isSet(found, 'quiet');
  const results: { readonly path: string; readonly result: PutResult }[] = [];
  const under = new Map<string, number>();
  let doneBytes = 0;
  const totalBytes = files.some(({ file }) => file === undefined) ? undefined : sum(files.map(({ length }) => length));
  const startedMs = performance.now();
  const endProgress = showProgress(stderr, coloursFor(stderr, context, found), () => ({
    doneBytes: doneBytes + sum(under.values()),
    totalBytes,
    what: files.length === 1 ? (files[0]?.path ?? '') : `${results.length}/${counted(files.length, 'file')}`,
  }));
  try {
    await eachOf(files, wholeNumberOf(found, 'jobs', 1, JOBS_MAX) ?? DEFAULT_JOBS, async (item) => {
      const onProgress = (sent: number): void => void under.set(item.path, sent);
      const result = await sendOne(client, item, { ...options, onProgress }, context);
      under.delete(item.path);
      if (result.result === 'done') doneBytes += result.length;
      results.push({ path: item.path, result });
      const code = exitCodeOf(result);
      return code !== EXIT.noServer && code !== EXIT.interrupted;
    });
  } finally {
    endProgress();
  }
  for (const { file, why } of skipped) stderr.write(`ppnfs put: skipped ${printable(file)}: ${printable(why)}\n`);
  for (const { path, result } of results) {
    if (result.result !== 'done') stderr.write(`ppnfs put: ${troubleLine(path, result)}\n`);
  }
  const elapsedMs = performance.now() - startedMs;
  const done = results.filter(({ result }) => result.result === 'done').length;
  if (isSet(found, 'json')) {
    const [only] = results;
    const all = results.map(({ path, result }) => ({ path, ...result }));
    const isOne = files.length === 1 && skipped.length === 0 && !isSet(found, 'recursive');
    printJson(
      context,
      isOne ? { path: only?.path, ...only?.result } : { files: all, skipped, bytes: doneBytes, elapsedMs },
    );
  } else if (!isQuiet && files.length === 1) {
    for (const { result } of results) if (result.result === 'done') stdout.write(`${fileLine(result)}\n`);
  } else if (!isQuiet) {
    const rate = `${bytes((doneBytes * 1000) / Math.max(1, elapsedMs))}/s`;
    const left = files.length - done;
    const rest = left > 0 ? `; ${counted(left, 'file')} not stored` : '';
    stdout.write(`stored ${counted(done, 'file')}, ${bytes(doneBytes)} in ${duration(elapsedMs)} (${rate})${rest}\n`);
  }
  const codes = results.map(({ result }) => exitCodeOf(result));
  return worstOf([...codes, ...(skipped.length > 0 ? [EXIT.failed] : [])]);
}

async function sendOne(client: FileClient, item: ToSend, options: PutOptions, context: Context): Promise<PutResult> {
  const { path, modifiedMs } = item;
  const source = await sourceOf(item, context);
  if ('result' in source) return source;
  const contentType = options.contentType ?? contentTypeOf(path);
  try {
    return await client.put(path, source, { ...options, contentType, modifiedMs });
  } finally {
    source.close();
  }
}

/** Refused: there is nothing that could be sent. */
async function sourceOf({ file, length }: ToSend, { byteInput, signal }: Context): Promise<Source | Refused> {
  if (file !== undefined) return fileSource(file, length);
  try {
    // Whoever types the bytes, or has forgotten to: a read under way ends with the stream, and with nothing else.
    return await streamSource(addAbortSignal(signal, byteInput));
  } catch (error) {
    const code = signal.aborted ? 'interrupted' : 'source-unreadable';
    const why = signal.aborted || !(error instanceof Error) ? '' : `: ${error.message}`;
    return { result: 'refused', code, detail: `${CLIENT_CODES[code]}${why}`, server: undefined };
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
