/**
 * Bytes that are no request: answered where they can be, for whoever has to find out why. Must never put its answer into
 * that to another request, or in its place: what was asked before is answered first, and then the connection ends.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEMS, type ProblemCode, problemText } from '../problems.js';
import type { HttpLimits } from './limits.js';

type Wrong = Error & { readonly code?: string };

interface Words {
  readonly code: ProblemCode;
  readonly detail: string;
  /** One more, with its line end. */
  readonly header?: string;
}

interface Asked {
  /** The one whose bytes come now, or came last. */
  latest: { readonly request: IncomingMessage; readonly response: ServerResponse };
  readonly unanswered: Set<ServerResponse>;
  /** It ends with the last of these answers. */
  isEnding: boolean;
}

export class WrongBytes {
  private readonly asked = new WeakMap<Socket, Asked>();

  constructor(private readonly limits: HttpLimits) {}

  /** So much of the connection made sense. */
  understood(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const asked = this.asked.get(socket) ?? { latest: { request, response }, unanswered: new Set(), isEnding: false };
    asked.latest = { request, response };
    asked.unanswered.add(response);
    this.asked.set(socket, asked);
    response.once('close', () => asked.unanswered.delete(response));
  }

  refuse(error: Wrong, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else this.answerAfter(socket, wordsOn(error, this.limits));
  }

  /** CONNECT: what follows it would be no requests any more. */
  refuseTunnel(socket: Socket): void {
    socket.on('error', () => {});
    this.answerAfter(socket, {
      code: 'bad-method',
      detail: 'this server is no proxy: ask without CONNECT',
      header: 'Allow: GET, HEAD, PUT, POST, DELETE\r\n',
    });
  }

  private answerAfter(socket: Socket, words: Words): void {
    const asked = this.asked.get(socket);
    if (asked === undefined) answer(words, socket);
    else refuseAfter(asked, words, socket);
  }
}

function refuseAfter(asked: Asked, words: Words, socket: Socket): void {
  const { latest, unanswered } = asked;
  const { request, response } = latest;
  const isInBody = !request.complete;
  if (isInBody && unanswered.has(response) && !response.headersSent) {
    // Its handler waits for bytes that will not come.
    if (unanswered.size === 1) answer(words, socket);
    else socket.destroy();
  } else if (unanswered.size > 0) endAfter(asked, socket);
  else if (isInBody) socket.destroySoon();
  else answer(words, socket);
}

function endAfter(asked: Asked, socket: Socket): void {
  const { unanswered, isEnding } = asked;
  if (isEnding) return;
  asked.isEnding = true;
  for (const response of unanswered) {
    response.once('close', () => {
      if (unanswered.size === 0) socket.destroySoon();
    });
  }
}

function wordsOn({ code }: Wrong, { headerBytesMax, headersMs }: HttpLimits): Words {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': {
      const most = `${headerBytesMax / 1024} KiB`;
      return { code: 'too-long', detail: `the line and headers of the request are longer than ${most}: shorten them` };
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const detail = `the line and headers of the request did not come within ${headersMs / 1000} s: ask again`;
      return { code: 'too-slow', detail };
    }
    default:
      return { code: 'bad-request', detail: problemText('bad-request') };
  }
}

function answer({ code, detail, header = '' }: Words, socket: Socket): void {
  const { status, title } = PROBLEMS[code];
  const body = `${JSON.stringify({ type: `/problems/${code}`, title, status, detail, code })}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n${header}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
