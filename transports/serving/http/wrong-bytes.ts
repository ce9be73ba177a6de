/**
 * Bytes that are no request: answered where they can be, for whoever has to find out why. Must never put its answer into
 * that to another request, or in its place: what was asked before is answered first, and then the connection ends.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEMS, problemText } from '../problems.js';

type Wrong = Error & { readonly code?: string };

interface Asked {
  /** The one whose bytes come now, or came last. */
  latest: { readonly request: IncomingMessage; readonly response: ServerResponse };
  readonly unanswered: Set<ServerResponse>;
  /** It ends with the last of these answers. */
  isEnding: boolean;
}

export class WrongBytes {
  private readonly asked = new WeakMap<Socket, Asked>();

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
    const asked = this.asked.get(socket);
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else if (asked === undefined) answer(error, socket);
    else refuseAfter(asked, error, socket);
  }
}

function refuseAfter(asked: Asked, error: Wrong, socket: Socket): void {
  const { latest, unanswered } = asked;
  const { request, response } = latest;
  const isInBody = !request.complete;
  if (isInBody && unanswered.has(response) && !response.headersSent) {
    // Its handler waits for bytes that will not come.
    if (unanswered.size === 1) answer(error, socket);
    else socket.destroy();
  } else if (unanswered.size > 0) endAfter(asked, socket);
  else if (isInBody) socket.destroySoon();
  else answer(error, socket);
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

function answer({ code }: Wrong, socket: Socket): void {
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const { title } = PROBLEMS['bad-request'];
  const problem = {
    type: '/problems/bad-request',
    title,
    status,
    detail: problemText('bad-request'),
    code: 'bad-request',
  };
  const body = `${JSON.stringify(problem)}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
