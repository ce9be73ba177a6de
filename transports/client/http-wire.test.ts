// What is answered by something in front of a ring: a proxy's pages, and answers that break off.
import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { DEFAULT_PATIENCE } from './attempts.js';
import type { FileClient, Opened } from './client.js';
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

it('a file that has become too short for the rest of it, after a download broke off, was replaced', async () => {
  let requests = 0;
  const files = await answeredBy((_, response) => {
    if (requests++ > 0) {
      const problem = JSON.stringify({ code: 'bad-range', detail: 'the file is shorter' });
      response.writeHead(416, { 'content-type': 'application/problem+json' }).end(problem);
      return;
    }
    const digest = createHash('sha256').update(BODY).digest('base64');
    const headers = { etag: '"7.1"', 'repr-digest': `sha-256=:${digest}:`, 'content-length': BODY.length };
    response.writeHead(200, headers).write(BODY.subarray(0, 4), () => response.destroy());
  });
  const opened = (await files.get('/a')) as Opened;
  const reading = (async () => {
    for await (const piece of opened.body) expect(piece).toEqual(BODY.subarray(0, 4));
  })();
  await expect(reading).rejects.toMatchObject({ refused: { code: 'version-gone' } });
  expect(requests).toBe(2);
});
