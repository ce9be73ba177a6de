/**
 * `ppnfs send-random`: the seed's test client. Stores a file of random bytes, reads it back, preferably from another
 * server, and compares the SHA-256 of what was sent with that of what came.
 */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { bytes, duration } from '../../core/figures.js';
import { parseSize } from '../../core/units.js';
import { WrongValue } from '../../core/wrong-value.js';
import { DEFAULT_PATIENCE } from '../client/attempts.js';
import { CLIENT_CODES, type FileClient, ReadBroken, type Refused, type Source } from '../client/client.js';
import { connect } from '../client/connect.js';
import { clientOptions, jsonOption, serversFor, timeLimitMs } from './client-options.js';
import { type Command, type Found, isSet, textOf, wholeNumberOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT, type ExitCode, exitCodeOf, worstOf } from './exit-codes.js';
import { coloursFor, printJson } from './look.js';
import { asFolder, ringPath } from './names.js';
import { showProgress } from './progress.js';
import { troubleLine } from './telling.js';

const PIECE_BYTES = 256 * 1024;
const COUNT_MAX = 1_000_000;

export const sendRandom: Command = {
  usage: 'send-random',
  describe: 'store random files, read them back and compare',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage('Usage: ppnfs send-random [options]\n\nStores random files, reads each back and compares its SHA-256.')
      .option('size', { type: 'string', requiresArg: true, describe: 'of each file (default: 64MiB)' })
      .option('count', { type: 'string', requiresArg: true, describe: 'how many, one after the other (default: 1)' })
      .option('path', {
        type: 'string',
        requiresArg: true,
        describe: 'a path, or with --count a folder (default: /random/)',
      })
      .option('remove', { type: 'boolean', describe: 'delete them again' })
      .example([
        ['ppnfs send-random', 'one file of 64 MiB'],
        ['ppnfs send-random --size 4KiB --count 100 --remove', 'a hundred small ones'],
      ]),
  async run(found, context) {
    const size = sizeOf(found);
    const count = wholeNumberOf(found, 'count', 1, COUNT_MAX) ?? 1;
    const given = textOf(found, 'path');
    const folder = given === undefined || count > 1 ? asFolder(given ?? '/random') : undefined;
    const { servers, isOrdered } = serversFor(found, context);
    const patience = { ...DEFAULT_PATIENCE, timeLimitMs: timeLimitMs(found) };
    const first = isOrdered ? 0 : Math.floor(Math.random() * servers.length);
    const turned = (by: number): string[] => [...servers.slice(by), ...servers.slice(0, by)];
    const writer = connect(turned(first), { patience });
    const reader = connect(turned((first + 1) % servers.length), { patience });
    const codes: ExitCode[] = [];
    const reports: Report[] = [];
    try {
      for (let i = 0; i < count; i++) {
        const path = ringPath(folder === undefined ? (given as string) : folder + randomBytes(8).toString('hex'));
        const report = await sendOne({ writer, reader }, path, size, found, context);
        reports.push(report);
        const { result } = report;
        codes.push(result.result === 'done' ? EXIT.done : exitCodeOf(result));
        if (result.result === 'done' && !isSet(found, 'json')) context.stdout.write(`${reportLine(report)}\n`);
        if (result.result !== 'done') context.stderr.write(`ppnfs send-random: ${troubleLine(path, result)}\n`);
        if (codes.at(-1) === EXIT.noServer || codes.at(-1) === EXIT.interrupted) break;
      }
    } finally {
      writer.close();
      reader.close();
    }
    if (isSet(found, 'json')) printJson(context, count === 1 ? reports[0] : { files: reports });
    return worstOf(codes);
  },
};

function sizeOf(found: Found): number {
  try {
    return parseSize(textOf(found, 'size') ?? '64MiB');
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    const meant = error.suggestion === undefined ? '' : `; did you mean ${error.suggestion}?`;
    throw new WrongUsage(`--size: ${error.message}${meant}`);
  }
}

/** Random bytes that are the same every time they are read: a keystream, as fast as the machine has them. */
export function randomSource(length: number, key: Buffer = randomBytes(16)): Source {
  return {
    length,
    async *open() {
      const zeros = Buffer.alloc(PIECE_BYTES);
      const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
      for (let at = 0; at < length; at += PIECE_BYTES) {
        yield stream.update(zeros.subarray(0, Math.min(PIECE_BYTES, length - at)));
      }
    },
    close() {},
  };
}

interface Report {
  readonly path: string;
  readonly length: number;
  readonly sha256: string;
  readonly sentMs: number;
  readonly readMs: number;
  readonly result: { readonly result: 'done' } | Exclude<Awaited<ReturnType<FileClient['put']>>, { result: 'done' }>;
}

const reportLine = ({ path, length, sha256, sentMs, readMs }: Report): string =>
  `${path}  ${bytes(length)}  sent in ${duration(sentMs)} (${rate(length, sentMs)})  read in ${duration(readMs)} ` +
  `(${rate(length, readMs)})  sha256 ${sha256.slice(0, 16)}… the same`;

const rate = (length: number, ms: number): string => `${bytes((length * 1000) / Math.max(0.001, ms))}/s`;

interface Clients {
  readonly writer: FileClient;
  readonly reader: FileClient;
}

async function sendOne(
  { writer, reader }: Clients,
  path: string,
  length: number,
  found: Found,
  context: Context,
): Promise<Report> {
  const { signal, stderr } = context;
  let doneBytes = 0;
  let what = `sending ${path}`;
  const standing = () => ({ doneBytes, totalBytes: 2 * length, what });
  const endProgress = showProgress(stderr, coloursFor(stderr, context, found), standing);
  try {
    const sendMs = stopwatch();
    const stored = await writer.put(path, randomSource(length), { signal, onProgress: (sent) => (doneBytes = sent) });
    const sentMs = sendMs();
    const report = { path, length, sha256: '', sentMs, readMs: 0 };
    if (stored.result !== 'done') return { ...report, result: stored };
    what = `reading ${path}`;
    const readMs = stopwatch();
    const read = await readBack(reader, path, signal, (fetched) => (doneBytes = length + fetched));
    if (typeof read !== 'string') return { ...report, result: read };
    const { sha256 } = stored;
    const isSame = read === sha256;
    if (isSet(found, 'remove')) await writer.delete(path, { signal });
    return { ...report, sha256, readMs: readMs(), result: isSame ? { result: 'done' } : differs(read, sha256) };
  } finally {
    endProgress();
  }
}

function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => performance.now() - startedMs;
}

function differs(read: string, sent: string): Refused {
  const code = 'not-the-same-bytes';
  return { result: 'refused', code, detail: `${CLIENT_CODES[code]}: ${read}, not ${sent}`, server: undefined };
}

/** The SHA-256 of what came, computed here. */
async function readBack(
  reader: FileClient,
  path: string,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<string | Refused> {
  const opened = await reader.get(path, { signal });
  if (opened.result === 'absent') {
    return { result: 'refused', code: 'absent', detail: 'it was stored, and is not there', server: undefined };
  }
  if (opened.result === 'refused') return opened;
  const hash = createHash('sha256');
  let fetched = 0;
  try {
    for await (const piece of opened.body) {
      hash.update(piece);
      fetched += piece.length;
      onProgress(fetched);
    }
  } catch (error) {
    if (error instanceof ReadBroken) return error.refused;
    if (!signal.aborted) throw error;
    return { result: 'refused', code: 'interrupted', detail: CLIENT_CODES['interrupted'], server: undefined };
  }
  return hash.digest('hex');
}
