/**
 * One request and its response: what every route needs of them, and how a request is turned down. Knows HTTP only.
 * Must never answer twice, nor end an answer that was cut as if it were whole.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEMS, type ProblemCode, problemText } from '../problems.js';
import type { Headers } from './file-headers.js';
import type { HttpLimits } from './limits.js';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly limits: HttpLimits;
  /** The client waits for a word before it sends the body. */
  awaitsContinue: boolean;
  /** What became of it, for the figures: `ok` or the code of a problem. */
  result: ProblemCode | 'ok' | 'not-modified' | 'gone';
  /** Bytes of files so far, from and to the client. */
  inBytes: number;
  outBytes: number;
}

export interface ProblemExtras {
  /** What exactly is wrong, where the code alone does not say. */
  readonly detail?: string;
  readonly headers?: Headers;
  /** Repeating the write with this id is safe. */
  readonly operation?: string | undefined;
  readonly isOutcomeUnknown?: boolean;
}

export function respondProblem(exchange: Exchange, code: ProblemCode, extras: ProblemExtras = {}): void {
  const { status, title, retryAfterSeconds } = PROBLEMS[code];
  const { operation, isOutcomeUnknown = false } = extras;
  const problem = {
    ...{ type: `/problems/${code}`, title, status, detail: extras.detail ?? problemText(code), code },
    ...(isOutcomeUnknown ? { outcome: 'unknown' } : {}),
    ...(operation === undefined ? {} : { operation }),
  };
  exchange.result = code;
  respond(exchange, status, `${JSON.stringify(problem)}\n`, {
    'Content-Type': 'application/problem+json',
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': retryAfterSeconds }),
    ...(operation === undefined ? {} : { 'Idempotency-Key': operation }),
    ...extras.headers,
  });
}

export function respondJson(exchange: Exchange, status: number, value: unknown, headers: Headers = {}): void {
  respond(exchange, status, `${JSON.stringify(value)}\n`, { 'Content-Type': 'application/json', ...headers });
}

/** A whole response. Nobody wants the rest of the request's body. */
export function respond(exchange: Exchange, status: number, text: string, headers: Headers): void {
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) return;
  const hasBody = request.method !== 'HEAD' && status !== 204 && status !== 304;
  const isEarly = !request.complete && hasRequestBody(request);
  const all = {
    ...headers,
    ...(status === 204 || status === 304 ? {} : { 'Content-Length': Buffer.byteLength(text) }),
  };
  response.writeHead(status, isEarly ? { ...all, Connection: 'close' } : all);
  // As text it leaves with its headers, in one write.
  if (isEarly) endAfterBody(exchange, hasBody ? text : undefined);
  else response.end(hasBody ? text : undefined);
}

function hasRequestBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Says all there is to say at once, but closes only when the body has come to its end or is too long: closing on bytes
 * that nobody reads resets the connection, and its client never sees why.
 */
function endAfterBody({ request, response, limits }: Exchange, body: string | undefined): void {
  let leftBytes = limits.unwantedBytesMax;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', count);
    response.end();
  };
  const count = (piece: Buffer): void => {
    leftBytes -= piece.length;
    if (leftBytes < 0) end();
  };
  const timer = setTimeout(end, limits.unwantedMs);
  request.removeAllListeners('data');
  request.on('data', count);
  request.once('end', end);
  response.once('close', () => clearTimeout(timer));
  if (body === undefined) response.flushHeaders();
  else response.write(body);
  request.resume();
}
