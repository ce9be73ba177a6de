/**
 * The HTTP interface of a server as a wire: turns requests into exchanges, and status codes and headers into words.
 */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { CLIENT_CODES, type Condition, type FileInfo, type Stored } from './client.js';
import { createExchanger, type Exchange, ExchangeFailed, type Exchanger } from './http-exchange.js';
import { fileInfoOf, jsonOf, numberOf, pageOf, problemOf, storedOf } from './http-words.js';
import type { DeleteRequest, ListRequest, PutRequest, ReadRequest, Try, Wire, WireFile } from './wire.js';

type Absence = { readonly result: 'absent' };
const ABSENT: Absence = { result: 'absent' };

type Trying = <Value>(
  exchange: Exchange,
  read: (answer: IncomingMessage) => Promise<Value | undefined>,
  absent?: Value,
) => Promise<Try<Value>>;

export function createHttpWire(): Wire {
  const exchanger = createExchanger();
  const trying: Trying = (exchange, read, absent) => tryOnce(exchanger, exchange, read, absent);
  return {
    put(server, { path, operation, condition, contentType, modifiedMs, length, open }: PutRequest, signal) {
      const headers: OutgoingHttpHeaders = {
        ...writeHeaders(operation, condition),
        'content-type': contentType,
        ...(length !== undefined && { 'content-length': length }),
        ...(modifiedMs !== undefined && { 'x-modified-ms': Math.trunc(modifiedMs) }),
      };
      const exchange: Exchange = { method: 'PUT', url: urlOf(server, path), headers, open, signal };
      return trying(exchange, async (answer): Promise<Stored | undefined> => storedOf(await jsonOf(answer)));
    },
    delete(server, { path, operation, condition }: DeleteRequest, signal) {
      const headers = writeHeaders(operation, condition);
      const exchange: Exchange = { method: 'DELETE', url: urlOf(server, path), headers, signal };
      const read = async (answer: IncomingMessage) => {
        answer.resume();
        // Anything with a body is somebody else's word.
        return answer.statusCode === 204 ? { found: true } : undefined;
      };
      return trying<{ readonly found: boolean }>(exchange, read, { found: false });
    },
    stat(server, path, signal) {
      const exchange: Exchange = { method: 'HEAD', url: urlOf(server, path), headers: {}, signal };
      const read = async (answer: IncomingMessage) => {
        answer.resume();
        return fileInfoOf(path, answer.headers, numberOf(answer.headers['content-length']));
      };
      return trying<FileInfo | Absence>(exchange, read, ABSENT);
    },
    get(server, { path, range, version }: ReadRequest, signal) {
      const isPart = range.from > 0 || range.to !== undefined;
      const headers: OutgoingHttpHeaders = {
        ...(isPart && { range: `bytes=${range.from}-${range.to === undefined ? '' : range.to - 1}` }),
        ...(version !== undefined && { 'if-match': `"${version}"` }),
      };
      const exchange: Exchange = { method: 'GET', url: urlOf(server, path), headers, signal };
      const read = async (answer: IncomingMessage) => openedOf(path, answer);
      return trying<WireFile | Absence>(exchange, read, ABSENT).then((tried) => {
        const isGone = version !== undefined && tried.kind === 'refused' && tried.code === 'precondition-failed';
        return isGone ? { ...tried, code: 'version-gone' } : tried;
      });
    },
    list(server, { prefix, after, limit }: ListRequest, signal) {
      const url = new URL('/files/', server);
      url.searchParams.set('prefix', prefix);
      if (after !== '') url.searchParams.set('after', after);
      if (limit !== undefined) url.searchParams.set('limit', String(limit));
      const exchange: Exchange = { method: 'GET', url, headers: {}, signal };
      return trying(exchange, async (answer) => pageOf(await jsonOf(answer)));
    },
    close: () => exchanger.close(),
  };
}

/** One exchange; `read` makes a value of an answer of the 200s, or undefined of one that makes no sense. */
async function tryOnce<Value>(
  exchanger: Exchanger,
  exchange: Exchange,
  read: (answer: IncomingMessage) => Promise<Value | undefined>,
  absent?: Value,
): Promise<Try<Value>> {
  let isAnswered = false;
  try {
    const answer = await exchanger.ask(exchange);
    isAnswered = true;
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      const value = await read(answer);
      if (value !== undefined) return { kind: 'answer', value };
      answer.destroy();
      return isWrite(exchange) ? unclear(status) : notARing(exchange);
    }
    const problem = await problemOf(answer, exchange.method === 'HEAD', absent);
    return problem ?? (status >= 500 ? unclear(status) : notARing(exchange, status));
  } catch (error) {
    if (exchange.signal.aborted) throw exchange.signal.reason;
    if (error instanceof ExchangeFailed) return { kind: 'failed', why: error.message, reached: error.reached };
    // The answer itself broke off; anything else was thrown by the body, and is not the server's doing.
    if (isAnswered) return { kind: 'failed', why: error instanceof Error ? error.message : '', reached: true };
    throw error;
  }
}

const isWrite = ({ method }: Exchange): boolean => method === 'PUT' || method === 'DELETE';

/** Not the ring's own words: whether it has heard of the request, and what it did, they do not say. */
const unclear = (status: number) => ({ kind: 'failed', why: `status ${status}`, reached: true }) as const;

function notARing({ url }: Exchange, status?: number): { kind: 'refused'; code: string; detail: string } {
  const how = status === undefined ? '' : ` (status ${status})`;
  return { kind: 'refused', code: 'not-a-ring', detail: `${CLIENT_CODES['not-a-ring']}: ${url.origin}${how}` };
}

const urlOf = (server: string, path: string): URL =>
  new URL(`/files${path.split('/').map(encodeURIComponent).join('/')}`, server);

function writeHeaders(operation: string, condition: Condition): OutgoingHttpHeaders {
  return {
    'idempotency-key': operation,
    ...(condition.kind === 'version' && { 'if-match': `"${condition.version}"` }),
    ...(condition.kind === 'present' && { 'if-match': '*' }),
    ...(condition.kind === 'absent' && { 'if-none-match': '*' }),
  };
}

/** `bytes 0-9/100` → from, to and the whole file's length. */
function openedOf(path: string, answer: IncomingMessage): WireFile | undefined {
  const { headers, statusCode } = answer;
  const length = numberOf(headers['content-length']);
  if (statusCode === 206) {
    const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
    const file = fileInfoOf(path, headers, numberOf(match?.[3]));
    if (match === null || file === undefined) return undefined;
    return { file, fromByte: Number(match[1]), toByte: Number(match[2]) + 1, body: answer as AsyncIterable<Buffer> };
  }
  const file = fileInfoOf(path, headers, length);
  return file && { file, fromByte: 0, toByte: file.length, body: answer as AsyncIterable<Buffer> };
}
