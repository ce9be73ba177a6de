// Real servers over real sockets and disks, the embedded coordinator between them: what a user of a small ring sees.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startNode } from './node.js';
import { Nodes, SILENT, until } from './nodes.test-kit.js';

let nodes: Nodes | undefined;

afterEach(async () => {
  await nodes?.remove();
  nodes = undefined;
});

async function ringOf(ids: readonly string[], settings = {}): Promise<Nodes> {
  nodes = new Nodes(settings);
  await nodes.startCoordinator();
  await Promise.all(ids.map((id) => (nodes as Nodes).start(id)));
  await nodes.whole(ids.length);
  return nodes;
}

describe.each(['tcp', 'http'])('a ring of three servers over %s', (link) => {
  it('gives at every server what was stored at one, also while a server is gone, and when it is back', async () => {
    const ring = await ringOf(['n1', 'n2', 'n3'], { link });
    const body = randomBytes(3_000_000);
    expect(await ring.put('n1', '/a/file', body)).toBe(200);
    for (const id of ['n1', 'n2', 'n3']) expect((await ring.get(id, '/a/file')).equals(body)).toBe(true);

    ring.running.get('n2')?.stop();
    await until(async () => (await ring.status('n1')).ring.length === 2);
    expect((await ring.get('n3', '/a/file')).equals(body)).toBe(true);
    expect(await ring.put('n3', '/b', 'written while n2 was away')).toBe(200);

    await ring.start('n2');
    await ring.whole(3);
    expect((await ring.status('n1')).ring.find(({ id }) => id === 'n2')?.incarnation).toBe(2);
    expect((await ring.get('n2', '/b')).toString()).toBe('written while n2 was away');
  });
});

it('a ring that was stopped as a whole finds its files when it is started again', async () => {
  const ring = await ringOf(['n1', 'n2', 'n3']);
  const body = randomBytes(700_000);
  expect(await ring.put('n2', '/kept', body)).toBe(200);
  await ring.stop();
  await ring.startCoordinator();
  await Promise.all(['n1', 'n2', 'n3'].map((id) => ring.start(id)));
  await ring.whole(3);
  expect((await ring.get('n3', '/kept')).equals(body)).toBe(true);
});

it('a server that leaves hands over first: not one request of a busy client fails', async () => {
  const ring = await ringOf(['n1', 'n2', 'n3', 'n4']);
  let isLeaving = true;
  const failures: string[] = [];
  const client = async (id: string): Promise<void> => {
    for (let i = 0; isLeaving; i++) {
      const path = `/${id}/${i % 5}`;
      const status = await ring.put(id, path, `${id} ${i}`);
      if (status > 201) failures.push(`put ${path}: ${status}`);
      const read = (await ring.get(id, path)).toString();
      if (read !== `${id} ${i}`) failures.push(`get ${path}: ${read}`);
    }
  };
  const clients = ['n1', 'n3', 'n4'].map(client);
  const left = ring.running.get('n2');
  left?.leave();
  expect(await left?.ended).toEqual({ how: 'left', why: 'left' });
  isLeaving = false;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect((await ring.status('n1')).ring.map(({ id }) => id)).not.toContain('n2');
});

it('servers that all leave together do not wait for one another, and come back with what they had', async () => {
  const ring = await ringOf(['n1', 'n2', 'n3']);
  expect(await ring.put('n2', '/kept', 'by whoever was last')).toBe(200);
  const leaving = [...ring.running.values()];
  for (const node of leaving) node.leave();
  const ends = await Promise.all(leaving.map(({ ended }) => ended));
  expect(ends.map(({ how }) => how)).toEqual(['left', 'left', 'left']);
  expect(ends.map(({ why }) => why).sort()).toEqual(['left', 'left', 'nobody is left to hand over to']);
  await Promise.all(['n1', 'n2', 'n3'].map((id) => ring.start(id)));
  await ring.whole(3);
  expect((await ring.get('n1', '/kept')).toString()).toBe('by whoever was last');
});

it.each(['stop', 'leave'] as const)(
  'told to %s while its store opens, it ends, and its disk is free at once',
  async (order) => {
    const ring = await ringOf(['n1']);
    await ring.stopServers();
    const store = watch(join(ring.folder, 'n1', 'store'));
    // The lock comes first.
    const opens = once(store, 'change');
    const node = await ring.start('n1');
    await opens;
    node[order]();
    expect(await node.ended).toEqual({ how: 'stopped', why: 'stopped' });
    store.close();
    await ring.start('n1');
    await ring.whole(1);
  },
);

it('settings that the ring was founded without are refused, with what to do', async () => {
  const ring = await ringOf(['n1']);
  const node = await ring.start('n2', { chain: '2', chunk: '64KiB' });
  const { how, why } = await node.ended;
  expect(how).toBe('broken');
  expect(why).toContain('chain is 3 in this ring since its founding, and cannot be 2');
  expect(why).toContain('chunk is 256KiB in this ring since its founding, and cannot be 64KiB');
});

it('waits for a coordinator that is not there yet, and says so', async () => {
  nodes = new Nodes();
  const service = await nodes.startCoordinator();
  await service.close();
  await nodes.start('n1', { coordinator: service.name });
  const ready = await fetch(nodes.url('n1', '/readyz'));
  expect([ready.status, await ready.text()]).toEqual([
    503,
    'starting: it waits for the coordinator, or reads its disk\n',
  ]);
  expect((await fetch(nodes.url('n1', '/healthz'))).status).toBe(200);
  await nodes.startCoordinator(service.at.port);
  await until(async () => (await fetch((nodes as Nodes).url('n1', '/readyz'))).status === 200);
});

it('a coordinator that goes away stops nobody: files are stored and read on, and the ring heals when it is back', async () => {
  const ring = await ringOf(['n1', 'n2', 'n3']);
  const port = await ring.stopCoordinator();
  expect(await ring.put('n1', '/meanwhile', 'without a coordinator')).toBe(200);
  expect((await ring.get('n3', '/meanwhile')).toString()).toBe('without a coordinator');
  ring.running.get('n2')?.stop();
  await ring.startCoordinator(port);
  await until(async () => (await ring.status('n1')).ring.length === 2);
  expect((await ring.get('n3', '/meanwhile')).toString()).toBe('without a coordinator');
});

it('a server that is to leave while the coordinator is away goes soon, and says what it could not do', async () => {
  const ring = await ringOf(['n1', 'n2', 'n3']);
  await ring.stopCoordinator();
  const leaving = ring.running.get('n2');
  leaving?.leave();
  expect(await leaving?.ended).toEqual({
    how: 'stopped',
    why: 'nothing was handed over, for the coordinator could not be reached: the others take over when it is back',
  });
});

it('an address in use is an error before anything is started', async () => {
  nodes = new Nodes();
  await nodes.startCoordinator();
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
  });
  const config = nodes.config('n1', { listen: `127.0.0.1:${port}` });
  await expect(startNode(config, SILENT)).rejects.toThrow('EADDRINUSE');
  await new Promise((resolve) => other.close(resolve));
});

it('a server that listens at every address tells clients one that they can call', async () => {
  nodes = new Nodes();
  await nodes.startCoordinator();
  const everywhere = { listen: '0.0.0.0:0', advertise: 'localhost:7101', http: '0.0.0.0:0', 'allow-public': 'true' };
  const { http } = await nodes.start('n1', everywhere);
  expect(http).toMatch(/^localhost:[1-9]\d*$/);
  expect(await nodes.status('n1')).toMatchObject({ http: `http://${http}` });
});

it('a server on a disk of another cluster is kept out', async () => {
  const ring = await ringOf(['n1']);
  await ring.stop();
  const other = new Nodes();
  try {
    await other.startCoordinator();
    await other.start('m1');
    await other.whole(1);
    const node = await other.start('n1', { data: `${ring.folder}/n1` });
    expect((await node.ended).how).toBe('kept-out');
  } finally {
    await other.remove();
  }
});
