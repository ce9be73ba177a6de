// Requests that a client sends ahead: as many as it likes, but they take the places of no other client.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { World } from './http.test-kit.js';

const OPERATIONS_MAX = 10;
const AHEAD = 40;
const head = (path: string): string => `GET /files/${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

let world: World;
beforeEach(async () => {
  world = await World.begin({ limits: { operationsMax: OPERATIONS_MAX } }, { pipelinedMax: 4 });
});
afterEach(() => world.end());

const statuses = (text: string): readonly string[] => text.match(/HTTP\/1\.1 \d+/g) ?? [];

it('all are answered, in their order, and none is refused for being many', async () => {
  await world.ask('PUT', '/files/a', {}, 'abc');
  world.ring.hold();
  const client = await world.raw();
  client.write(head('a').repeat(AHEAD) + head('none'));
  await expect.poll(() => world.ring.state.reads.readers.size).toBeGreaterThan(0);
  world.ring.letGo();
  expect(statuses(await client.until('HTTP/1.1 404'))).toEqual([...Array(AHEAD).fill('HTTP/1.1 200'), 'HTTP/1.1 404']);
});

it('while some wait, others are served', async () => {
  await world.ask('PUT', '/files/a', {}, 'abc');
  world.ring.hold();
  const client = await world.raw();
  client.write(head('a').repeat(AHEAD));
  await expect.poll(() => world.ring.state.reads.readers.size).toBe(4);
  expect((await world.ask('HEAD', '/files/a')).status).toBe(200);
  expect(world.ring.state.reads.readers.size).toBe(4);
  world.ring.letGo();
  await client.until('abc');
});

it('while some wait, nothing more is read of that client', async () => {
  await world.ask('PUT', '/files/a', {}, 'abc');
  world.ring.hold();
  const client = await world.raw();
  let isTaken = false;
  // More than kernels keep for it.
  client.socket.write(head('a').repeat(1_000_000), () => {
    isTaken = true;
  });
  await expect.poll(() => world.ring.state.reads.readers.size).toBe(4);
  for (let i = 0; i < 300; i++) await world.ask('HEAD', '/files/a');
  expect(isTaken).toBe(false);
});

it('those of a client that is gone are never begun', async () => {
  await world.ask('PUT', '/files/a', {}, 'abc');
  const begun: string[] = [];
  const { door } = world.ring;
  world.door = {
    chunkBytes: door.chunkBytes,
    ask: (operation, hear) => {
      begun.push(operation.kind);
      return door.ask(operation, hear);
    },
  };
  world.ring.hold();
  const client = await world.raw();
  client.write(head('a').repeat(8));
  await expect.poll(() => begun.length).toBe(4);
  client.socket.destroy();
  await expect.poll(() => world.ring.state.reads.readers.size).toBe(0);
  expect(begun).toHaveLength(4);
});

it('a read behind a write sees it, and a write behind a read does not change what that sees', async () => {
  await world.ask('PUT', '/files/p', {}, 'old');
  const put = (body: string): string =>
    `PUT /files/p HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const remove = 'DELETE /files/p HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const begun: string[] = [];
  const { door } = world.ring;
  world.door = {
    chunkBytes: door.chunkBytes,
    ask: (operation, hear) => {
      begun.push(operation.kind);
      return door.ask(operation, hear);
    },
  };
  world.ring.hold();
  const client = await world.raw();
  client.write(`${head('p')}${put('new')}${head('p')}${head('p')}${remove}${head('p')}`);
  await expect.poll(() => begun).toEqual(['get']);
  world.ring.letGo();
  expect(statuses(await client.until('HTTP/1.1 404'))).toEqual(
    ['200', '200', '200', '200', '204', '404'].map((s) => `HTTP/1.1 ${s}`),
  );
  expect(client.received.match(/^(old|new)/gm)).toEqual(['old', 'new', 'new']);
});

it('bodies of puts that wait are not lost', async () => {
  const client = await world.raw();
  const body = 'x'.repeat(100_000);
  const one = `PUT /files/p HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  client.write(one.repeat(12) + head('none'));
  expect(statuses(await client.until('HTTP/1.1 404'))).toEqual([...Array(12).fill('HTTP/1.1 200'), 'HTTP/1.1 404']);
});
