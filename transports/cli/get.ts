/** `ppnfs get`: files, whole folders or a range of bytes out of the ring. */
import { createWriteStream } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bytes, counted, duration } from '../../core/figures.js';
import { parseByteRange } from '../../core/units.js';
import { WrongValue } from '../../core/wrong-value.js';
import {
  type ByteRange,
  CLIENT_CODES,
  type FileClient,
  type FileInfo,
  ReadBroken,
  type Refused,
} from '../client/client.js';
import { type Saved, saveFile, whyUnwritable } from '../client/save.js';
import { makeFolder } from '../launcher/folders.js';
import { clientFor, clientOptions, jsonOption } from './client-options.js';
import { type Command, type Found, isSet, textOf, textsOf, wholeNumberOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT, type ExitCode, exitCodeOf, worstOf } from './exit-codes.js';
import { type Fetching, filesToFetch, foldersToFetch, type ToFetch } from './get-plan.js';
import { eachOf } from './jobs.js';
import { coloursFor, printable, printJson } from './look.js';
import { showProgress } from './progress.js';
import { fileLine, troubleLine } from './telling.js';

const JOBS_MAX = 64;
const DEFAULT_JOBS = 4;
/** As JSON has it. */
const NOTHING_FETCHED = { files: [], skipped: [], bytes: 0, elapsedMs: 0 };

export const get: Command = {
  usage: 'get <path..>',
  describe: 'fetch files; with several words the last one is where to',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage(
        'Usage: ppnfs get [options] <path..> [target]\n\nFetches files, whole or not at all. Without a target, into this folder.',
      )
      .positional('path', {
        type: 'string',
        describe: 'paths in the ring, then a file or folder here ("-": standard output)',
      })
      .option('recursive', { alias: 'r', type: 'boolean', describe: 'everything under these paths' })
      .option('range', { type: 'string', requiresArg: true, describe: 'only these bytes, as in 0..1MiB or 1MiB..' })
      .option('jobs', { type: 'string', requiresArg: true, describe: `files at once (default: ${DEFAULT_JOBS})` })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'say nothing but what went wrong' })
      .example([
        ['ppnfs get /docs/report.pdf', 'into this folder'],
        ['ppnfs get /backup.tar - | tar x', 'to standard output'],
        ['ppnfs get -r /www site', 'everything under /www/ into site'],
        ['ppnfs get /big.iso - --range 0..1KiB | xxd', 'its first bytes'],
      ]),
  async run(found, context) {
    const words = textsOf(found, 'path');
    const [paths, target] = words.length === 1 ? [words, './'] : [words.slice(0, -1), words.at(-1) as string];
    const range = rangeOf(found);
    const isRecursive = isSet(found, 'recursive');
    if (isRecursive && range !== undefined) throw new WrongUsage('--range speaks of one file, and -r of many');
    const client = clientFor(found, context);
    try {
      const plan = isRecursive
        ? await foldersToFetch(client, paths, target, context.signal)
        : await filesToFetch(paths, target);
      if ('result' in plan) {
        context.stderr.write(`ppnfs get: ${troubleLine(paths.join(' '), plan)}\n`);
        if (isSet(found, 'json')) printJson(context, { ...NOTHING_FETCHED, trouble: plan });
        return exitCodeOf(plan);
      }
      if (isRecursive && plan.files.length === 0 && plan.skipped.length === 0) {
        context.stderr.write(`ppnfs get: there are no files under ${printable(paths.join(' '))}\n`);
        if (isSet(found, 'json')) printJson(context, NOTHING_FETCHED);
        return EXIT.notFound;
      }
      return await fetchAll(client, plan, range, found, context);
    } finally {
      client.close();
    }
  },
};

function rangeOf(found: Found): ByteRange | undefined {
  const text = textOf(found, 'range');
  if (text === undefined) return undefined;
  try {
    const { fromByte, toByte } = parseByteRange(text);
    return { from: fromByte, to: toByte };
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    throw new WrongUsage(`--range: ${error.message}`);
  }
}

type Fetched = Saved;

async function fetchAll(
  client: FileClient,
  { files, skipped }: Fetching,
  range: ByteRange | undefined,
  found: Found,
  context: Context,
): Promise<ExitCode> {
  const { stderr, signal } = context;
  const results: { readonly item: ToFetch; readonly result: Fetched }[] = [];
  const under = new Map<string, number>();
  let doneBytes = 0;
  const known = files.map(({ length }) => length);
  let totalBytes = known.every((length) => length !== undefined) ? sum(known) : undefined;
  const startedMs = performance.now();
  const endProgress = showProgress(stderr, coloursFor(stderr, context, found), () => ({
    doneBytes: doneBytes + sum(under.values()),
    totalBytes,
    what: files.length === 1 ? (files[0]?.path ?? '') : `${results.length}/${counted(files.length, 'file')}`,
  }));
  try {
    await eachOf(files, wholeNumberOf(found, 'jobs', 1, JOBS_MAX) ?? DEFAULT_JOBS, async (item) => {
      const onProgress = (fetched: number, file: FileInfo): void => {
        under.set(item.path, fetched);
        if (files.length === 1 && range === undefined) totalBytes = file.length;
      };
      const result = await fetchOne(client, item, range, { onProgress, signal }, context);
      doneBytes += under.get(item.path) ?? 0;
      under.delete(item.path);
      results.push({ item, result });
      const code = exitCodeOf(result);
      return code !== EXIT.noServer && code !== EXIT.interrupted;
    });
  } finally {
    endProgress();
  }
  tell(results, skipped, { doneBytes, elapsedMs: performance.now() - startedMs, wanted: files.length }, found, context);
  const codes = results.map(({ result }) => exitCodeOf(result));
  return worstOf([...codes, ...(skipped.length > 0 ? [EXIT.failed] : [])]);
}

interface Figures {
  readonly doneBytes: number;
  readonly elapsedMs: number;
  readonly wanted: number;
}

function tell(
  results: readonly { readonly item: ToFetch; readonly result: Fetched }[],
  skipped: Fetching['skipped'],
  { doneBytes, elapsedMs, wanted }: Figures,
  found: Found,
  context: Context,
): void {
  const { stderr } = context;
  for (const { file, why } of skipped) stderr.write(`ppnfs get: skipped ${printable(file)}: ${printable(why)}\n`);
  for (const { item, result } of results) {
    if (result.result !== 'done') stderr.write(`ppnfs get: ${troubleLine(item.path, result)}\n`);
  }
  // What goes to standard output must not be mixed with words about it.
  if (results.some(({ item }) => item.target === undefined)) return;
  const done = results.filter(({ result }) => result.result === 'done').length;
  if (isSet(found, 'json')) {
    const all = results.map(({ item, result }) => ({ path: item.path, target: item.target, ...result }));
    const isOne = wanted === 1 && skipped.length === 0 && !isSet(found, 'recursive');
    printJson(context, isOne ? all[0] : { files: all, skipped, bytes: doneBytes, elapsedMs });
  } else if (isSet(found, 'quiet')) return;
  else if (wanted === 1) {
    for (const { item, result } of results) {
      if (result.result === 'done') context.stdout.write(`${printable(item.target ?? '')}  ${fileLine(result.file)}\n`);
    }
  } else {
    const rate = `${bytes((doneBytes * 1000) / Math.max(1, elapsedMs))}/s`;
    const rest = wanted > done ? `; ${counted(wanted - done, 'file')} not fetched` : '';
    const what = `${counted(done, 'file')}, ${bytes(doneBytes)} in ${duration(elapsedMs)} (${rate})`;
    context.stdout.write(`fetched ${what}${rest}\n`);
  }
}

interface Watching {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number, file: FileInfo) => void;
}

async function fetchOne(
  client: FileClient,
  item: ToFetch,
  range: ByteRange | undefined,
  watching: Watching,
  context: Context,
): Promise<Fetched> {
  const { path, target, isPipe, root } = item;
  if (target === undefined) return stream(client, path, range, () => context.byteOutput, false, watching);
  if (isPipe) return stream(client, path, range, () => createWriteStream(target), true, watching);
  if (root !== undefined) {
    const problem = await leadsOut(target, root);
    if (problem !== undefined) return unwritable(problem);
  }
  return saveFile(client, path, target, { ...watching, range });
}

/**
 * Makes the folders on the way. Of what is there already nobody may have made a link that leads elsewhere: neither of a
 * folder, which is looked at before anything is made in it, nor of the file itself, since it is what a link points to that
 * is replaced.
 */
async function leadsOut(target: string, root: string): Promise<string | undefined> {
  try {
    // Not mkdir's own recursion: under /proc it never ends.
    await makeFolder(root);
    const base = await realpath(root);
    const isInside = (place: string): boolean =>
      place === base || place.startsWith(base.endsWith(sep) ? base : base + sep);
    let present = target;
    while (!(await isThere(present))) present = dirname(present);
    if (!isInside(await realpath(present))) return `${present} leads out of ${root}`;
    await makeFolder(dirname(target));
    return undefined;
  } catch (error) {
    return error instanceof Error ? whyUnwritable(error, target) : String(error);
  }
}

/** Also of a link that leads nowhere. */
async function isThere(place: string): Promise<boolean> {
  return (await lstat(place).catch(() => undefined)) !== undefined;
}

const unwritable = (why: string): Refused => ({
  result: 'refused',
  code: 'target-unwritable',
  detail: `${CLIENT_CODES['target-unwritable']}: ${why}`,
  server: undefined,
});

async function stream(
  client: FileClient,
  path: string,
  range: ByteRange | undefined,
  output: () => Writable,
  end: boolean,
  { signal, onProgress }: Watching,
): Promise<Fetched> {
  const opened = await client.get(path, { range, signal });
  if (opened.result !== 'found') return opened;
  const { file, body } = opened;
  async function* watched(): AsyncGenerator<Buffer> {
    let fetched = 0;
    for await (const piece of body) {
      yield piece;
      fetched += piece.length;
      onProgress(fetched, file);
    }
  }
  try {
    // Opened only now: an error of it before anybody listens would end the process.
    await pipeline(watched, output(), { signal, end });
    return { result: 'done', file };
  } catch (error) {
    if (error instanceof ReadBroken) return error.refused;
    const { code, message } = error as NodeJS.ErrnoException;
    if (signal.aborted) return { result: 'refused', code: 'interrupted', detail: 'interrupted', server: undefined };
    // Who reads has seen enough, as with "| head".
    if (code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') return { result: 'done', file };
    return unwritable(message);
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
