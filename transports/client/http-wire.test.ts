// What is answered by something in front of a ring: a proxy's pages, and answers that break off.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { DEFAULT_PATIENCE } from './attempts.js';
import type { FileClient } from './client.js';
import { connect } from './connect.js';
import { bytesSource } from './source.js';

const BODY = Buffer.from('ping pong');
const patience = { ...DEFAULT_PATIENCE, timeLimitMs: 200, pauseMs: 1, pauseMsMax: 5 };
let server: Server;
let client: FileClient;

afterEach(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

async function answeredBy(listener: RequestListener): Promise<FileClient> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect([`http://127.0.0.1:${(server.address() as AddressInfo).port}`], { patience });
  return client;
}

/** Takes the whole request first, as a proxy that passes it on does. */
const page =
  (status: number): RequestListener =>
  (request, response) => {
    request.resume().once('end', () => response.writeHead(status, { 'content-type': 'text/html' }).end('<html>'));
  };

it.each([200, 502])("after a proxy's own %d nobody knows what became of a write", async (status) => {
  const files = await answeredBy(page(status));
  const unknown = { result: 'unknown', code: 'no-answer' };
  expect(await files.put('/a', bytesSource(BODY))).toMatchObject(unknown);
  expect(await files.delete('/a')).toMatchObject(unknown);
});

it('and a write is asked for again after it', async () => {
  let requests = 0;
  const files = await answeredBy((request, response) => {
    if (requests++ === 0) return page(502)(request, response);
    request.resume().once('end', () => response.writeHead(204).end());
  });
  expect(await files.delete('/a')).toMatchObject({ result: 'done', found: true });
  expect(requests).toBe(2);
});
