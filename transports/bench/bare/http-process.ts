/**
 * A bare HTTP server of Node: gets from memory, puts into a file of this machine, one copy, no promises.
 * The yardstick for what clients see of one server of the ring.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { payloadOf } from '../payload.js';
import { answerParent } from '../processes.js';

/** `GET /BYTES/…` answers with so many bytes; `PUT` writes into a file of `folder`. */
export type HttpAsked = { readonly kind: 'listen'; readonly folder: string; readonly isSynced: boolean };

const STORED = '{"stored":true}\n';

function put(request: IncomingMessage, response: ServerResponse, file: string, isSynced: boolean): void {
  const descriptor = openSync(file, 'w');
  request.on('data', (piece: Buffer) => writeSync(descriptor, piece));
  request.once('close', () => closeSync(descriptor));
  request.once('end', () => {
    if (isSynced) fdatasyncSync(descriptor);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': STORED.length }).end(STORED);
  });
}

function listen({ folder, isSynced }: HttpAsked): Promise<string> {
  const server = createServer((request, response) => {
    const [, first = '', name = ''] = (request.url ?? '').split('/');
    if (request.method === 'PUT') {
      put(request, response, join(folder, `${first}-${name}`), isSynced);
      return;
    }
    const payload = payloadOf(Number(first));
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': payload.length };
    response.writeHead(200, headers).end(payload);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

answerParent(listen);
