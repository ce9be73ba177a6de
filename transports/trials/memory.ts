/** `npm run test:memory`: a file far larger than any server's memory goes in at one server and comes out at another. */
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { parseSize } from '../../core/units.js';
import { WrongValue } from '../../core/wrong-value.js';
import { startTrialRing, type TrialRing } from '../bench/trial-ring.js';
import { flagsOf, progress, runMain, UsageError } from './command-line.js';

const HELP = `Usage: npm run -s test:memory -- [options]

Puts a large file into a ring of five server processes with their stores on disk, gets it back from a server that does
not keep it, and looks at the most memory that each process ever had. Passes if the SHA-256 are equal and every server
stayed below the limit.

  --size SIZE    of the file (default 2GiB)
  --limit SIZE   of a server's memory, its peak resident set (default 300MiB)
  --json         one JSON object
  --help         this text

Exit codes: 0 passed, 1 failed, 2 wrong usage.

Example: npm run -s test:memory -- --size 512MiB
`;

const TARGET = '/files/trial/large';
const BLOCK_BYTES = 1024 * 1024;
const MIB = 1024 * 1024;
/** A peer that says nothing for so long will not. */
const SILENCE_MS = 60_000;

interface Peak {
  readonly id: string;
  readonly pid: number;
  readonly peakBytes: number;
}

interface Report {
  readonly bytes: number;
  readonly putSeconds: number;
  readonly getSeconds: number;
  readonly sha256: { readonly sent: string; readonly answered: string; readonly received: string };
  readonly limitBytes: number;
  readonly peaks: readonly Peak[];
  readonly failures: readonly string[];
}

/** Blocks that differ, made as they are sent. */
function* blocks(bytes: number, hash: Hash): Generator<Buffer> {
  const pattern = randomBytes(BLOCK_BYTES);
  for (let at = 0; at < bytes; at += BLOCK_BYTES) {
    const block = Buffer.from(pattern.subarray(0, Math.min(BLOCK_BYTES, bytes - at)));
    block.writeDoubleLE(at, 0);
    hash.update(block);
    yield block;
  }
}

async function put(server: string, bytes: number): Promise<{ readonly sent: string; readonly answered: string }> {
  const hash = createHash('sha256');
  const asking = request(new URL(TARGET, server), { method: 'PUT', headers: { 'Content-Length': bytes } });
  asking.setTimeout(SILENCE_MS, () => asking.destroy(new Error('the server says nothing any more')));
  const answered = once(asking, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  for (const block of blocks(bytes, hash)) {
    if (!asking.write(block)) await Promise.race([once(asking, 'drain'), answered]);
  }
  asking.end();
  const [answer] = await answered;
  const text = (await answer.setEncoding('utf8').toArray()).join('');
  if (answer.statusCode !== 200 && answer.statusCode !== 201) throw new Error(`status ${answer.statusCode}: ${text}`);
  return { sent: hash.digest('hex'), answered: (JSON.parse(text) as { readonly sha256: string }).sha256 };
}

async function get(server: string): Promise<string> {
  const asking = request(new URL(TARGET, server)).end();
  asking.setTimeout(SILENCE_MS, () => asking.destroy(new Error('the server says nothing any more')));
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
  const hash = createHash('sha256');
  for await (const piece of answer) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** The most that it ever had resident (VmHWM). */
function peakOf({ id, pid }: { readonly id: string; readonly pid: number }): Peak {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { id, pid, peakBytes: Number(kilobytes) * 1024 };
}

async function measure(ring: TrialRing, bytes: number, limitBytes: number): Promise<Report> {
  const chain = await ring.chainOf(TARGET.slice('/files'.length));
  // As far as can be from those who keep it: the one goes in where nothing is kept, the other must have it sent.
  const outside = ring.ids.filter((id) => !chain.includes(id));
  const [entry = '', reader = ''] = [outside[0], outside.at(-1)];
  progress(`putting ${bytes} bytes at ${entry}; the chain is ${chain.join(', ')}`);
  const startedMs = performance.now();
  const { sent, answered } = await put(ring.address(entry), bytes);
  const putMs = performance.now();
  progress(`getting them at ${reader}`);
  const received = await get(ring.address(reader));
  const getMs = performance.now();
  const peaks = ring.pids().map(peakOf);
  const failures = [
    ...(answered === sent ? [] : ['the server answered with another SHA-256 than that of the bytes sent']),
    ...(received === sent ? [] : ['other bytes came back']),
    ...peaks
      .filter(({ peakBytes }) => !(peakBytes < limitBytes))
      .map(({ id, peakBytes }) => `${id} took ${mib(peakBytes)} MiB of memory`),
  ];
  const [putSeconds, getSeconds] = [(putMs - startedMs) / 1000, (getMs - putMs) / 1000];
  return { bytes, putSeconds, getSeconds, sha256: { sent, answered, received }, limitBytes, peaks, failures };
}

const mib = (bytes: number): string => (bytes / MIB).toFixed(0);

function reportText({ bytes, putSeconds, getSeconds, sha256, limitBytes, peaks, failures }: Report): string {
  const speed = (seconds: number): string => `${seconds.toFixed(1)} s, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
  return [
    `put ${mib(bytes)} MiB: ${speed(putSeconds)}; get: ${speed(getSeconds)}`,
    `sha256 ${sha256.received}`,
    ...peaks.map(({ id, peakBytes }) => `${id.padEnd(6)}${mib(peakBytes).padStart(6)} MiB at most`),
    failures.length === 0 ? `all below ${mib(limitBytes)} MiB` : `FAILED:\n  ${failures.join('\n  ')}`,
    '',
  ].join('\n');
}

function sizeOf(name: string, given: string): number {
  try {
    return parseSize(given);
  } catch (error) {
    if (error instanceof WrongValue) throw new UsageError(`--${name}: ${error.message}`);
    throw error;
  }
}

await runMain(async () => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const given = flagsOf({ size: text, limit: text, json: flag, help: flag });
  if (given.help === true) {
    process.stdout.write(HELP);
    return true;
  }
  const bytes = sizeOf('size', given.size ?? '2GiB');
  const limitBytes = sizeOf('limit', given.limit ?? '300MiB');
  const ring = await startTrialRing({ durability: 'os', progress });
  try {
    const report = await measure(ring, bytes, limitBytes);
    process.stdout.write(given.json === true ? `${JSON.stringify(report)}\n` : reportText(report));
    return report.failures.length === 0;
  } finally {
    await ring.close();
  }
});
