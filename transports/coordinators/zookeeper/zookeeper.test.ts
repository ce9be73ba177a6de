// What is ZooKeeper's own: replies that are lost, a service that freezes, a busy process, several addresses, access.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Guest } from '../../../core/conformance/coordinator-guest.test-kit.js';
import { lives, view } from '../../../core/conformance/coordinator-values.test-kit.js';
import { livesKey, MEMBERS, memberKey, VIEW_KEY } from '../../../core/coordinator-port.js';
import { VALUE_BYTES_MAX } from '../values.js';
import { CuttableProxy } from './proxy.test-kit.js';
import { Operation } from './wire.test-kit.js';
import { beginZooKeeper, type ZooKeeperService } from './zookeeper-service.test-kit.js';
import { type Special, type ZooKeeperVisit, ZooKeeperWorld } from './zookeeper-world.test-kit.js';

const KEY = livesKey('k');
/** Of tests that outlast it. */
const SESSION_MS = 1_500;

/** A visitor, with what its way can do. */
class Visitor extends Guest {
  get proxy(): ZooKeeperVisit['proxy'] {
    return (this.visit as ZooKeeperVisit).proxy;
  }
}

const service = await beginZooKeeper();

describe.skipIf(service === undefined)('ZooKeeper', () => {
  const zookeeper = service as ZooKeeperService;
  afterAll(() => zookeeper.end());

  let world: ZooKeeperWorld;
  let visitors: readonly Visitor[] = [];
  const open = async (...special: readonly Special[]): Promise<readonly [Visitor, Visitor]> => {
    world = await ZooKeeperWorld.open(zookeeper, ...special);
    const pair = [new Visitor(world, 'a'), new Visitor(world, 'b')] as const;
    visitors = pair;
    return pair;
  };
  const enter = async (...special: readonly Special[]): Promise<readonly [Visitor, Visitor]> => {
    const pair = await open(...special);
    for (const visitor of pair) await visitor.connect();
    return pair;
  };
  afterEach(async () => {
    await world.close();
    expect(visitors.flatMap(({ violations }) => violations)).toEqual([]);
  });

  describe('a reply that is lost', () => {
    it('of a create: its outcome is unknown, the session stays, and what was made is its own', async () => {
      const [a] = await enter();
      a.proxy.loseReplyTo = Operation.create;
      expect(await a.create(KEY, lives(1), true)).toEqual({ result: 'unknown' });
      await a.becomes('disconnected');
      expect(await a.comeBack()).toBe('kept');
      expect(a.proxy.lost).toBe(1);
      expect(a.states).toEqual(['connected', 'disconnected', 'connected']);
      expect(await a.look(KEY)).toMatchObject({ owner: a.owner, value: lives(1) });
    });

    it('of a set: it was written once, and what was asked behind it is unknown, too', async () => {
      const [a, b] = await enter();
      await a.create(KEY, lives(1));
      a.proxy.loseReplyTo = Operation.set;
      const set = a.send({ op: 'set', key: KEY, value: lives(2), expected: 0 });
      const read = a.send({ op: 'read', key: KEY, watch: false });
      expect((await a.replyTo(set)).result).toBe('unknown');
      expect((await a.replyTo(read)).result).toBe('unknown');
      await b.fence();
      expect(await b.look(KEY)).toMatchObject({ version: 1, value: lives(2) });
    });

    it('of a read that arms a watch: nothing is armed in doubt, and the next read arms it', async () => {
      const [a, b] = await enter();
      await a.create(KEY, lives(1));
      a.proxy.loseReplyTo = Operation.exists;
      expect((await a.read(KEY, true)).result).toBe('unknown');
      await a.becomes('disconnected');
      expect(await a.comeBack()).toBe('kept');
      await a.read(KEY, true);
      await b.set(KEY, lives(2), 0);
      await a.fires(KEY);
    });
  });

  describe('a watch', () => {
    it('survives a lost connection, and tells of what happened meanwhile', async () => {
      const [a, b] = await enter();
      await a.create(KEY, lives(1));
      await a.read(KEY, true);
      a.visit.cut();
      await a.becomes('disconnected');
      await b.set(KEY, lives(2), 0);
      a.visit.heal();
      expect(await a.comeBack()).toBe('kept');
      await a.fires(KEY);
      await a.fence();
      expect(a.firings(KEY)).toBe(1);
    });
  });

  describe('a service that freezes', () => {
    it('longer than a session: calls are unknown; it comes back, whatever became of the session', async () => {
      const [a, b] = await enter({ sessionMs: SESSION_MS }, { sessionMs: SESSION_MS });
      await a.create(memberKey('x'), lives(1), true);
      await zookeeper.pause();
      try {
        const call = a.send({ op: 'sync' });
        await a.becomes('disconnected');
        expect((await a.replyTo(call)).result).toBe('unknown');
        await new Promise((resolve) => setTimeout(resolve, 1.5 * SESSION_MS));
      } finally {
        await zookeeper.resume();
      }
      const how = await a.comeBack();
      await b.comeBack();
      if (how === 'kept') expect((await a.look(memberKey('x')))?.owner).toBe(a.owner);
      else await b.goes(memberKey('x'));
    });

    it('does not hold up whoever closes', async () => {
      await enter();
      await zookeeper.pause();
      const beganMs = performance.now();
      try {
        await world.close();
      } finally {
        await zookeeper.resume();
      }
      // As long as it takes the client to find out.
      expect(performance.now() - beganMs).toBeLessThan(4_000);
    });
  });

  describe('a process whose event loop is busy', () => {
    it('for three times the session keeps its session', async () => {
      // The ways of this world would be as busy.
      const direct = { servers: zookeeper.address, sessionMs: SESSION_MS };
      const [a, b] = await enter(direct, direct);
      await a.create(KEY, lives(1), true);
      const endMs = performance.now() + 3 * SESSION_MS;
      while (performance.now() < endMs);
      // On a crowded machine even its thread may come late, and lose a connection, but not the session.
      for (const visitor of [a, b]) {
        await visitor.fence();
        expect(await visitor.comeBack()).toBe('kept');
      }
      await b.fence();
      expect((await b.look(KEY))?.owner).toBe(a.owner);
    });
  });

  describe('several addresses', () => {
    it('of which one is dead: every session finds the other', async () => {
      const [a] = await enter({ servers: `127.0.0.1:1,${zookeeper.address},127.0.0.1:2` });
      for (let i = 0; i < 8; i++) {
        a.close();
        await a.connect();
      }
      expect(await a.create(KEY, lives(1))).toEqual({ result: 'done', version: 0 });
    });

    it('of which one goes: the session moves to the other', async () => {
      const ways = [await CuttableProxy.open(zookeeper.target), await CuttableProxy.open(zookeeper.target)];
      const [a] = await enter({ servers: ways.map(({ address }) => address).join() });
      for (let i = 0; i < 2; i++) {
        const way = ways.find(({ connections }) => connections > 0);
        way?.cut();
        await a.becomes('disconnected');
        expect(await a.comeBack()).toBe('kept');
        way?.heal();
      }
      await world.close();
      for (const way of ways) await way.close();
    });
  });

  describe('the cluster’s folder', () => {
    it('lies below the one that follows the addresses', async () => {
      const [a, b] = await enter({ servers: `${zookeeper.address}/deep/down` });
      await a.create(KEY, lives(1));
      await b.fence();
      expect(await b.look(KEY)).toBeUndefined();
      expect(await a.look(KEY)).toMatchObject({ value: lives(1) });
    });
  });

  describe('a user and a password', () => {
    const auth = { user: 'ring', password: 'secret' };

    it('let in whoever knows them, and others only to read', async () => {
      const [a, b] = await enter({ auth });
      await a.create(KEY, lives(1));
      await a.create(memberKey('x'), lives(1), true);
      await b.fence();
      expect(await b.look(KEY)).toMatchObject({ value: lives(1) });
      for (const request of [
        { op: 'set', key: KEY, value: lives(2), expected: 0 },
        { op: 'set', key: memberKey('x'), value: lives(2), expected: 0 },
        { op: 'delete', key: KEY, expected: 0 },
        { op: 'create', key: livesKey('other'), value: lives(1), ephemeral: false },
      ] as const) {
        expect(await b.ask(request)).toEqual({ result: 'unknown' });
        expect(world.logged.at(-1)).toMatchObject({
          ...{ msg: 'ZooKeeper refuses a call', why: 'not authenticated' },
          hint: 'all servers of a cluster need the same user and password',
        });
      }
      expect((await a.set(KEY, lives(2), 0)).result).toBe('done');
      expect((await a.ask({ op: 'delete', key: memberKey('x'), expected: 0 })).result).toBe('done');
    });

    it('protect what stood open: at the next read of whoever knows them', async () => {
      const [a, b] = await open({}, { auth });
      await a.connect();
      await a.create(KEY, lives(1));
      await b.connect();
      await b.look(KEY);
      await b.fence();
      expect((await a.set(KEY, lives(2), 0)).result).toBe('unknown');
      expect((await b.set(KEY, lives(2), 0)).result).toBe('done');
    });
  });

  describe('what a znode holds', () => {
    it('may be a large view, compressed, but none that no znode holds', async () => {
      const direct = { servers: zookeeper.address };
      const [a, b] = await enter(direct, direct);
      const id = 'm'.repeat(120);
      const { settings } = view;
      const ring = Array.from({ length: 20 }, (_, i) => ({ id: `${id}${i}`, incarnation: 1, address: 'h:1' }));
      const chains = Array.from({ length: 6_000 }, (_, i) => {
        return { members: [`${id}${i % 20}`], learners: [], lost: [] };
      });
      const positions = new Map(ring.map((member, i) => [member.id, i]));
      const large = { ...view, ring, chains, positions, settings: { ...settings, shards: chains.length } };
      expect(JSON.stringify(large).length).toBeGreaterThan(600_000);
      await a.writeView(large);
      await b.fence();
      expect((await b.look(VIEW_KEY))?.value).toEqual({ kind: 'view', view: large });
      const incompressible = randomBytes(VALUE_BYTES_MAX).toString('base64');
      const value = { kind: 'view', view: { ...view, clusterId: incompressible } } as const;
      expect((await a.set(VIEW_KEY, value, 0)).result).toBe('unknown');
      expect(world.logged.at(-1)).toMatchObject({ msg: 'a value cannot be written' });
    });

    it('and is not ours is left out of a list, and logged', async () => {
      const [a] = await enter();
      await a.create(memberKey('x'), lives(1), true);
      await a.create(memberKey('y'), lives(2), true);
      await zookeeper.overwrite(`${world.root}/members/x`, 'hello');
      await a.fence();
      const reply = await a.ask({ op: 'list', under: MEMBERS });
      expect(reply).toMatchObject({ result: 'values', stored: [{ key: memberKey('y') }] });
      expect((await a.read(memberKey('x'))).result).toBe('unknown');
      expect(world.logged.at(-1)).toMatchObject({
        ...{ msg: 'a znode holds what is not ours', path: `${world.root}/members/x` },
      });
    });
  });

  describe('a process that ends with a session open', () => {
    const script = (how: string): string => `
      import { connectZooKeeper } from '${new URL('./zookeeper.js', import.meta.url)}';
      const place = { servers: '${zookeeper.address}', root: '${world.root}', sessionMs: 10_000 };
      const { begin } = await connectZooKeeper({ ...place, log: console });
      const port = begin((input) => {
        if (input.kind === 'coordinator-reply') ${how};
        else {
          const value = { kind: 'lives', count: 1 };
          const request = { op: 'create', key: '${KEY}', value, ephemeral: true };
          port.carryOut({ kind: 'call-coordinator', session: 1, call: 1, request });
        }
      });
      port.carryOut({ kind: 'open-session', session: 1 });`;

    it.each([
      ['by process.exit', 'process.exit(3)', 3],
      ['by an error that nobody catches', 'throw new Error("a bug")', 1],
    ])('%s closes it, and is not aborted by the client', async (_, how, code) => {
      const [a] = await enter();
      const child = spawn(process.execPath, ['--input-type=module', '-e', script(how)], { stdio: 'ignore' });
      expect(await once(child, 'exit')).toEqual([code, null]);
      await a.fence();
      expect(await a.look(KEY)).toBeUndefined();
    });
  });
});
