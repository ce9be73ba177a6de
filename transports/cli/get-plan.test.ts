// What is to be fetched, from a server that may list anything.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FileClient } from '../client/client.js';
import { connect } from '../client/connect.js';
import { filesToFetch, foldersToFetch } from './get-plan.js';

const NEVER = new AbortController().signal;
let server: Server;
let client: FileClient;
let listed: readonly string[];

beforeEach(async () => {
  server = createServer((_, response) => {
    const items = listed.map((path) => ({ path, version: '7.1', length: 1 }));
    response.end(JSON.stringify({ items }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect([`http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
});
afterEach(() => {
  client.close();
  server.close();
});

it('nothing that is listed leads out of its folder', async () => {
  listed = ['/www/good', '/www/../../tmp/evil/f', '/www//x', '/other/x', '/wwwx', '/www/./x', '/www/a\u0000b', '/www/'];
  const plan = await foldersToFetch(client, ['/www'], '/nowhere/site', NEVER);
  expect(plan).toMatchObject({ files: [{ path: '/www/good', target: '/nowhere/site/good' }] });
  expect('skipped' in plan && plan.skipped.map(({ file }) => file)).toEqual(listed.slice(1));
});

it('of two with one target the second is skipped', async () => {
  listed = ['/a/x'];
  const twice = await foldersToFetch(client, ['/a', '/a'], '/nowhere/site', NEVER);
  const repeat = { file: '/a/x', why: 'its target is that of /a/x' };
  expect(twice).toMatchObject({ files: [{ path: '/a/x' }], skipped: [repeat] });
  const flat = await filesToFetch(['/a/x', '/b/x'], '/tmp/');
  expect(flat).toMatchObject({ files: [{ path: '/a/x' }], skipped: [{ ...repeat, file: '/b/x' }] });
});
