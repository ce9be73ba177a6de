/** The accepting end of a link over HTTP: an endless request comes in, the stream goes out in its response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Introduced, introduce } from '../doorstep.js';
import { Link, type Owner } from '../link.js';
import type { Lives } from '../lives.js';
import type { Site } from '../site.js';
import { type Strangers, whereOf } from '../strangers.js';
import { bodyOf, RING_PATH, RING_TYPE } from './words.js';

export interface HttpReception {
  readonly site: Site;
  readonly strangers: Strangers;
  readonly lives: Lives;
}

export function answerRequest(request: IncomingMessage, response: ServerResponse, reception: HttpReception): void {
  const { site, strangers, lives } = reception;
  const where = whereOf(request.socket);
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  if (request.method !== 'POST' || request.url !== RING_PATH) {
    site.onViolation(where, `${request.method} ${request.url} is not a ring link`);
    response.writeHead(404, { connection: 'close', 'content-type': 'text/plain' });
    response.end('This port is for the links between servers. Files are served at another one.\n');
    return;
  }
  const visitor = {
    input: request,
    where,
    answer: (bytes: Buffer) => {
      response.writeHead(200, { 'content-type': RING_TYPE });
      response.write(bytes);
    },
    sendAway: () => {
      request.socket.resume().destroySoon();
    },
  };
  introduce(site, visitor, {
    wants: (role) => role === 'ring' && lives.present !== undefined,
    takeIn: (introduced) => {
      strangers.remove(request.socket);
      acceptLink(site, lives.present as Owner, { request, response }, introduced);
    },
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function acceptLink(site: Site, owner: Owner, { request, response }: Exchange, { version, rest }: Introduced): void {
  const { socket } = request;
  const carrier = { out: bodyOf(response), destroy: () => socket.destroy(), where: whereOf(socket) };
  const link = new Link(site, owner, carrier, undefined);
  const ended = (): void => link.ended();
  request.on('data', (bytes) => link.feed(bytes));
  request.on('end', ended).on('error', ended);
  socket.on('close', ended);
  link.open(version);
  link.feed(rest);
}
