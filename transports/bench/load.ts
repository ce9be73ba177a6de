/**
 * Clients that ask servers for the same kind of thing, one request after the other, and how long that took.
 * What is not a success ends the measurement: a refused request is no fast request.
 */
import { crc32 } from 'node:zlib';
import { HttpConnection, type Reply, type Request } from './http-connection.js';
import { payloadOf } from './payload.js';

export interface Load {
  readonly kind: 'load';
  readonly method: 'PUT' | 'GET' | 'DELETE';
  /** Client i asks server i, counted round and round. */
  readonly servers: readonly string[];
  /** Targets are `${target}${i}`, for i from 0 to `files` - 1, in turn whoever asks. */
  readonly target: string;
  readonly files: number;
  readonly fileBytes: number;
  readonly clients: number;
  /** Requests of all clients together. */
  readonly requests: number;
  /** No further request begins after that. */
  readonly timeMs: number;
  /** Compare what arrives with what was put: not in what is measured. */
  readonly isVerified: boolean;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a ring that is busy, or was just put together, may say: ask again. */
const isPassing = ({ status }: Reply): boolean => status === 503 || status === 504;
const PASSING_MAX = 50;
const PASSING_PAUSE_MS = 100;

export async function runLoad(load: Load): Promise<LoadResult> {
  const { servers, clients } = load;
  const connections = await Promise.all(
    Array.from({ length: clients }, (_, i) => HttpConnection.open(servers[i % servers.length] as string)),
  );
  try {
    payloadOf(load.fileBytes);
    const latencies: number[] = [];
    const begunMs = performance.now();
    let begun = 0;
    const next = (): number | undefined =>
      begun < load.requests && performance.now() - begunMs < load.timeMs ? begun++ : undefined;
    await Promise.all(connections.map((connection) => runClient(load, connection, next, latencies)));
    const seconds = (performance.now() - begunMs) / 1000;
    latencies.sort((a, b) => a - b);
    return { requests: latencies.length, seconds, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** @param sorted ascending; the smallest value that so large a part of them does not exceed */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * part) - 1))] ?? Number.NaN;
}

async function runClient(
  load: Load,
  connection: HttpConnection,
  next: () => number | undefined,
  latencies: number[],
): Promise<void> {
  for (let request = next(); request !== undefined; request = next()) {
    const startedMs = performance.now();
    await once(load, connection, `${load.target}${request % load.files}`);
    latencies.push(performance.now() - startedMs);
  }
}

async function once(load: Load, connection: HttpConnection, target: string): Promise<void> {
  const { method, fileBytes, isVerified } = load;
  let checksum = 0;
  const request: Request = {
    method,
    target,
    ...(method === 'PUT' && { body: payloadOf(fileBytes) }),
    ...(isVerified && {
      onBody: (piece: Buffer) => {
        checksum = crc32(piece, checksum);
      },
    }),
  };
  let reply = await connection.ask(request);
  // Only where nothing is measured: there it counts as what it is.
  for (let again = 0; isVerified && isPassing(reply) && again < PASSING_MAX; again++) {
    await new Promise((wake) => setTimeout(wake, PASSING_PAUSE_MS));
    checksum = 0;
    reply = await connection.ask(request);
  }
  const { status, bodyBytes, complaint } = reply;
  if (method === 'DELETE' && status === 404) return;
  if (status < 200 || status > 299) throw new Error(`${method} ${target}: status ${status} ${complaint}`);
  if (method !== 'GET') return;
  if (bodyBytes !== fileBytes) throw new Error(`GET ${target}: ${bodyBytes} bytes instead of ${fileBytes}`);
  if (isVerified && checksum !== crc32(payloadOf(fileBytes)))
    throw new Error(`GET ${target}: not the bytes that were put`);
}
