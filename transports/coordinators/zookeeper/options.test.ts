// What is said to reach ZooKeeper is checked as a whole, in words that say what is wrong.
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { checkOptions, type ZooKeeperOptions } from './options.js';
import { connectZooKeeper } from './zookeeper.js';

const sound: ZooKeeperOptions = {
  ...{ servers: 'a:2181,10.0.0.2:2182,[::1]:2183', root: '/ppnfs/ring', sessionMs: 4_000 },
  log: pino({ level: 'silent' }),
};

describe('options of ZooKeeper', () => {
  it('name servers and a folder', () => {
    expect(checkOptions(sound)).toEqual({
      ...{ servers: ['a:2181', '10.0.0.2:2182', '[::1]:2183'], root: '/ppnfs/ring', sessionMs: 4_000 },
      digest: undefined,
    });
  });

  it('may name a folder behind the servers, and a user', () => {
    const auth = { user: 'u', password: 'p:q' };
    expect(checkOptions({ ...sound, servers: 'a:1/prod/eu', auth })).toMatchObject({
      ...{ servers: ['a:1'], root: '/prod/eu/ppnfs/ring', digest: 'u:p:q' },
    });
  });

  it.each<[Partial<ZooKeeperOptions>, string]>([
    [{ servers: '' }, "'' is not host:port"],
    [{ servers: 'a' }, "'a' is not host:port"],
    [{ servers: 'a:1,,b:2' }, "'' is not host:port"],
    [{ servers: 'a:0' }, 'a port is 1 to 65535'],
    [{ servers: 'a:70000' }, 'a port is 1 to 65535'],
    [{ servers: 'a b:1' }, "'a b:1' is not host:port"],
    [{ servers: Array.from({ length: 33 }, (_, i) => `h${i}:1`).join() }, '33 servers are more than 32'],
    [{ servers: 'a:1/' }, 'a folder has an empty name'],
    [{ root: 'ring' }, "the folder 'ring' does not begin with /"],
    [{ root: '/' }, 'a folder has an empty name'],
    [{ root: '/a//b' }, 'a folder has an empty name'],
    [{ root: '/a/../b' }, "a folder is named '..'"],
    [{ root: '/a\u0000' }, 'is no name of a folder'],
    [{ root: '/zookeeper/ring' }, '/zookeeper is kept by ZooKeeper for itself'],
    [{ sessionMs: 0 }, 'a session of 0 ms'],
    [{ sessionMs: 1.5 }, 'a session of 1.5 ms'],
    [{ auth: { user: 'a:b', password: 'p' } }, 'a user is not empty and has no colon'],
    [{ auth: { user: 'a', password: '' } }, 'the password is empty'],
  ])('are refused when they are wrong: %o', async (wrong, why) => {
    await expect(connectZooKeeper({ ...sound, ...wrong })).rejects.toThrow(why);
  });

  it('are refused with all that is wrong with them', () => {
    expect(() => checkOptions({ ...sound, servers: 'a', root: 'b' })).toThrow(
      /'a' is not host:port .*; the folder 'b'/,
    );
  });
});
