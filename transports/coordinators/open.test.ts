// URLs of coordinators: what they mean, and what is said about those that mean nothing.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAddressFile } from './address.js';
import { startCoordinatorService } from './embedded/service.js';
import { NO_LOG } from './log.js';
import { authOf, openCoordinator, parseCoordinatorUrl } from './open.js';
import { openOperator } from './operator.js';

describe('a URL', () => {
  it.each([
    ['tcp://127.0.0.1:7100', { kind: 'embedded', addresses: [{ host: '127.0.0.1', port: 7100 }] }],
    ['tcp://[::1]:7100/', { kind: 'embedded', addresses: [{ host: '::1', port: 7100 }] }],
    [
      'tcp://a:1,b:2',
      {
        kind: 'embedded',
        addresses: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
    ['zk://zk1:2181', { kind: 'zookeeper', addresses: [{ host: 'zk1', port: 2181 }], path: '/ppnfs' }],
    [
      'zk://zk1:2181,zk2:2182/rings/one',
      {
        kind: 'zookeeper',
        addresses: [
          { host: 'zk1', port: 2181 },
          { host: 'zk2', port: 2182 },
        ],
        path: '/rings/one',
      },
    ],
  ])('%s is understood', (url, parsed) => {
    expect(parseCoordinatorUrl(url)).toEqual(parsed);
  });

  it.each([
    ['', /neither with tcp/],
    ['127.0.0.1:7100', /neither with tcp.*Examples: tcp:\/\/127/],
    ['http://a:1', /neither with tcp/],
    ['tcp://a', /"a" is not HOST:PORT/],
    ['tcp://', /"" is not HOST:PORT/],
    ['tcp://a:0', /not HOST:PORT/],
    ['tcp://a:65536', /not HOST:PORT/],
    ['tcp://a:1/path', /nothing follows the port/],
    ['tcp://::1:7100', /not HOST:PORT/],
    ['zk://a:1,/x', /"" is not HOST:PORT/],
    ['zk://a:1/x//y', /no path of a znode/],
  ])('%s is refused', (url, reason) => {
    expect(() => parseCoordinatorUrl(url)).toThrow(reason);
  });
});

describe('credentials for ZooKeeper', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['ring:secret', { user: 'ring', password: 'secret' }],
    ['ring:a:b', { user: 'ring', password: 'a:b' }],
  ])('%s', (text, auth) => {
    expect(authOf(text)).toEqual(auth);
  });

  it.each(['secret', ':secret', 'ring:'])('%s is refused without repeating it', (text) => {
    expect(() => authOf(text)).toThrow(/^PPNFS_ZOOKEEPER_AUTH must be USER:PASSWORD$/);
  });
});

describe('the address file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ppnfs-open-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('leads to the coordinator, by any of its names', async () => {
    await writeAddressFile(folder, 'tcp://127.0.0.1:7100');
    const path = join(folder, 'coordinator.txt');
    for (const url of [`file:${path}`, `file://${path}`, `file:${folder}`, path]) {
      const coordinator = await openCoordinator(url);
      expect(coordinator.name).toBe('tcp://127.0.0.1:7100');
      await coordinator.close();
    }
  });

  it('leads to where it is now, when it was started again elsewhere', async () => {
    const start = () => startCoordinatorService({ folder, listen: { host: '127.0.0.1', port: 0 }, log: NO_LOG });
    const first = await start();
    const coordinator = await openCoordinator(`file:${folder}`);
    const operator = openOperator(coordinator);
    const occupied = createServer();
    try {
      await operator.call({ op: 'sync' });
      await first.close();
      await new Promise<void>((resolve) => occupied.listen(first.at.port, '127.0.0.1', resolve));
      const second = await start();
      expect(second.name).not.toBe(first.name);
      expect(await operator.call({ op: 'sync' })).toMatchObject({ result: 'done' });
      await second.close();
    } finally {
      operator.close();
      await coordinator.close();
      occupied.close();
    }
  });

  it('that is absent, or holds something else, is an error that says so', async () => {
    await expect(openCoordinator(`file:${folder}/coordinator.txt`)).rejects.toThrow(/has the coordinator been started/);
    await writeFile(join(folder, 'coordinator.txt'), 'hello\n');
    await expect(openCoordinator(`file:${folder}`)).rejects.toThrow(/holds no coordinator's address/);
    await writeFile(join(folder, 'coordinator.txt'), 'tcp://nowhere\n');
    await expect(openCoordinator(`file:${folder}`)).rejects.toThrow(/is not HOST:PORT/);
  });
});
