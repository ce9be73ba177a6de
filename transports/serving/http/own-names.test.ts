// Pages whose name was turned to this server (DNS rebinding), and the clients that must not be taken for them.
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { json, World } from './http.test-kit.js';
import { strangerIn } from './own-names.js';

let world: World;
afterEach(() => world?.end());

const EVIL = { Host: 'evil.example', Origin: 'http://evil.example' };

describe('a server that only this machine can reach', () => {
  it.each([
    ['POST', '/leave', EVIL],
    ['PUT', '/files/a', EVIL],
    ['GET', '/files/a', { Host: 'evil.example:8101' }],
    ['GET', '/files/', { Host: 'localhost.evil.example' }],
    ['GET', '/status', { Host: '127.0.0.1.evil.example' }],
    ['HEAD', '/', { Host: 'evil.example' }],
  ])('refuses to %s %s for %o', async (method, path, headers) => {
    world = await World.begin();
    const refused = await world.ask(method, path, { headers });
    expect(refused.status).toBe(403);
    if (method === 'HEAD') return;
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect(json(refused)).toMatchObject({
      code: 'foreign-host',
      detail: expect.stringContaining('ask it by IP address'),
    });
    expect(world.left).toBe(0);
  });

  it.each([
    '127.0.0.1:8101',
    '127.0.0.1',
    '127.1:80',
    '[::1]:8101',
    '[::1]',
    'localhost:8101',
    'LocalHost.',
    'n1.localhost:1',
  ])('serves Host: %s', async (host) => {
    world = await World.begin();
    expect((await world.ask('PUT', '/files/a', { headers: { Host: host } }, 'x')).status).toBe(200);
    const origin = { Host: host, Origin: `http://${host}` };
    expect((await world.ask('DELETE', '/files/a', { headers: origin })).status).toBe(204);
  });

  it('serves who names no host at all', async () => {
    world = await World.begin();
    for (const request of ['GET /healthz HTTP/1.0', 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close']) {
      const client = await world.raw();
      client.write(`${request}\r\n\r\n`);
      expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 .*alive\n$/s);
    }
  });

  it('listens at a name and is known by it', () => {
    const reach = { isLoopback: true, listensAt: 'Me.local' };
    expect(strangerIn('GET', { host: 'me.local:8101' }, reach)).toBeUndefined();
    expect(strangerIn('GET', { host: 'you.local:8101' }, reach)).toBe('foreign-host');
  });
});

describe('a server that others can reach', () => {
  const ask = async (method: string, headers: object): Promise<number> =>
    (await world.ask(method, '/files/a', { headers: { ...headers } }, 'x')).status;

  it('is called by any name, but not by a page of that name', async () => {
    world = await World.begin({}, {}, '0.0.0.0');
    expect(await ask('PUT', { Host: 'files.example:8101' })).toBe(200);
    expect(await ask('GET', { Host: 'files.example:8101' })).toBe(200);
    expect(await ask('PUT', EVIL)).toBe(403);
    expect((await world.ask('POST', '/leave', { headers: EVIL })).status).toBe(403);
    expect(world.left).toBe(0);
  });

  it('takes changes from pages that were opened by its address', async () => {
    world = await World.begin({}, {}, '0.0.0.0');
    expect(await ask('PUT', { Host: '10.0.0.7:8101', Origin: 'http://10.0.0.7:8101' })).toBe(200);
    expect(await ask('PUT', { Host: '10.0.0.7:8101', Origin: 'http://10.0.0.7:9999' })).toBe(403);
  });
});

it('one that listens at localhost is a server that only this machine can reach', async () => {
  world = await World.begin({}, {}, 'localhost');
  const { port } = world;
  const status = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ agent: false, host: 'localhost', port, path: '/healthz', headers: { Host: host } });
      request.once('error', reject);
      request.once('response', (response) => resolve(response.resume().statusCode));
      request.end();
    });
  expect(await status(`localhost:${port}`)).toBe(200);
  expect(await status('evil.example')).toBe(403);
});
