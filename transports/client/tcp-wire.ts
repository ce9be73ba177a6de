/** The TCP client protocol of a server as a wire: requests into frames, answers into words. */
import type { FileRecord } from '../../core/file.js';
import { versionText } from '../../core/ids.js';
import type { ClientAnswer, ClientRequest } from '../frames/client-frames.js';
import type { Absent, Condition, FileInfo } from './client.js';
import { ConnectionFailed, type TcpConnection } from './tcp-connection.js';
import { TcpPool } from './tcp-pool.js';
import { sendBody } from './tcp-put.js';
import type { PutRequest, ReadRequest, Try, Wire, WireFile } from './wire.js';

const ABSENT: Absent = { result: 'absent' };
const LIST_PAGE = 256;
const consistency = 'linearizable';

export function createTcpWire(): Wire {
  const pool = new TcpPool();
  return {
    put: (server, request, signal) => put(pool, server, request, signal),
    get: (server, request, signal) => get(pool, server, request, signal),
    async stat(server, path, signal) {
      const tried = await ask(pool, server, { kind: 'stat', path, consistency }, signal);
      return read(tried, (answer): FileInfo | Absent | undefined =>
        answer.result === 'found' ? infoOf(path, answer.file) : answer.result === 'absent' ? ABSENT : undefined,
      );
    },
    async delete(server, { path, operation, condition }, signal) {
      const request: ClientRequest = { kind: 'delete', path, operation, precondition: preconditionOf(condition) };
      return read(await ask(pool, server, request, signal), (answer) =>
        answer.result === 'done' && answer.outcome.result === 'deleted' ? { found: answer.outcome.found } : undefined,
      );
    },
    async list(server, { prefix, after, limit = LIST_PAGE }, signal) {
      return read(await ask(pool, server, { kind: 'list', prefix, after, limit }, signal), (answer) => {
        if (answer.result !== 'listed') return undefined;
        const items = answer.items.map(({ path, file }) => infoOf(path, file));
        return { items, next: answer.more ? items.at(-1)?.path : undefined };
      });
    },
    close: () => pool.close(),
  };
}

const preconditionOf = (condition: Condition): string | undefined => {
  const words = { absent: 'none', present: 'any', anything: undefined };
  return condition.kind === 'version' ? condition.version : words[condition.kind];
};

function infoOf(path: string, { version, manifest }: FileRecord): FileInfo {
  const { length, sha256, contentType, modifiedMs } = manifest;
  return { path, version: versionText(version), length, sha256, contentType, modifiedMs };
}

/** What is common to all answers; `value` undefined: an answer to something else. */
function read<Value>(tried: Try<ClientAnswer>, value: (answer: ClientAnswer) => Value | undefined): Try<Value> {
  if (tried.kind !== 'answer') return tried;
  const answer = tried.value;
  if (answer.result === 'refused' || answer.result === 'unknown') {
    return { kind: answer.result, code: answer.code, detail: answer.detail };
  }
  if (answer.result === 'done' && answer.outcome.result === 'precondition-failed') {
    const detail = 'the file is not in the state that the request names: look at it and decide anew';
    return { kind: 'refused', code: 'precondition-failed', detail };
  }
  const found = value(answer);
  if (found !== undefined) return { kind: 'answer', value: found };
  return { kind: 'failed', why: `an answer that makes no sense: ${answer.result}`, reached: true };
}

/** Runs with a connection, closes it when it is interrupted or fails. */
async function using<Value>(
  pool: TcpPool,
  server: string,
  signal: AbortSignal,
  talk: (connection: TcpConnection) => Promise<Try<Value>>,
): Promise<Try<Value>> {
  let connection: TcpConnection | undefined;
  const abort = (): void => connection?.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    connection = await pool.take(server, signal);
    return await talk(connection);
  } catch (error) {
    connection?.close();
    if (signal.aborted) throw signal.reason;
    if (!(error instanceof ConnectionFailed)) throw error;
    return { kind: 'failed', why: error.message, reached: error.reached };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function ask(pool: TcpPool, server: string, request: ClientRequest, signal: AbortSignal): Promise<Try<ClientAnswer>> {
  return using(pool, server, signal, async (connection) => {
    await connection.say(request);
    const frame = await connection.next();
    if (frame.kind !== 'answer') throw new ConnectionFailed(`${frame.kind} where an answer belongs`, true);
    settle(pool, server, connection, frame.answer);
    return { kind: 'answer', value: frame.answer };
  });
}

/** Who is turned away may be hung up on: nothing more is asked there. */
function settle(pool: TcpPool, server: string, connection: TcpConnection, answer: ClientAnswer): void {
  const isTurnedAway = answer.result === 'refused' && (answer.code === 'busy' || answer.code === 'draining');
  if (isTurnedAway) connection.close();
  else pool.giveBack(server, connection);
}

function put(pool: TcpPool, server: string, request: PutRequest, signal: AbortSignal): ReturnType<Wire['put']> {
  const { path, operation, condition, contentType, modifiedMs, length } = request;
  const precondition = preconditionOf(condition);
  return using(pool, server, signal, async (connection) => {
    await connection.say({ kind: 'put', path, operation, precondition, contentType, modifiedMs, length });
    const { answer, sentBytes } = await sendBody(connection, request);
    settle(pool, server, connection, answer);
    return read({ kind: 'answer', value: answer }, (word) => {
      if (word.result !== 'done' || word.outcome.result !== 'stored') return undefined;
      // The server has compared its SHA-256 with ours.
      const version = versionText(word.outcome.version);
      return { path, version, length: sentBytes, sha256: request.sha256(), operation: word.operation };
    });
  });
}

function get(pool: TcpPool, server: string, request: ReadRequest, signal: AbortSignal): ReturnType<Wire['get']> {
  const { path, range, version } = request;
  return using(pool, server, signal, async (connection): Promise<Try<WireFile | Absent>> => {
    await connection.say({ kind: 'get', path, ...{ from: range.from, to: range.to }, version, consistency });
    const frame = await connection.next();
    if (frame.kind === 'answer') {
      settle(pool, server, connection, frame.answer);
      return read({ kind: 'answer', value: frame.answer }, (answer) =>
        answer.result === 'absent' ? ABSENT : undefined,
      );
    }
    if (frame.kind !== 'opened') throw new ConnectionFailed(`${frame.kind} where an answer belongs`, true);
    const { file, fromByte, toByte } = frame;
    const body = bodyOf(pool, server, connection, signal);
    return { kind: 'answer', value: { file: infoOf(path, file), fromByte, toByte, body } };
  });
}

/** Whoever stops reading early ends the connection. */
async function* bodyOf(
  pool: TcpPool,
  server: string,
  connection: TcpConnection,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const abort = (): void => connection.close();
  signal.addEventListener('abort', abort, { once: true });
  let isWhole = false;
  try {
    for (;;) {
      const frame = await connection.next();
      if (frame.kind === 'piece') yield frame.bytes;
      else if (frame.kind === 'answer') {
        isWhole = true;
        // Cut short, it ends before the last byte: whoever counts them sees it.
        return;
      } else throw new ConnectionFailed(`${frame.kind} in the middle of a file`, true);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (isWhole) pool.giveBack(server, connection);
    else connection.close();
  }
}
