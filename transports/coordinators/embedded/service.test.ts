// The embedded coordinator as others see it on the wire: its manners, its bounds, its restarts.
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Guest } from '../../../core/conformance/coordinator-guest.test-kit.js';
import { lives, registration } from '../../../core/conformance/coordinator-values.test-kit.js';
import { livesKey, memberKey } from '../../../core/coordinator-port.js';
import { LINES_TOLD_MAX } from '../../leaves/few-lines.js';
import type { HostPort } from '../../leaves/host-port.js';
import type { Coordinator } from '../coordinator.js';
import { connectEmbedded } from './client.js';
import { HELLO, LOOPBACK, RawClient, SESSION_MS, temporaryFolder, until, Way } from './embedded.test-kit.js';
import { KEY_BYTES_MAX, REQUEST_BYTES_MAX, WATCHES_MAX } from './limits.js';
import { type CoordinatorService, startCoordinatorService } from './service.js';
import { ServiceProcess } from './service-process.test-kit.js';

let folder: string;
let service: CoordinatorService;
let logged: { msg: string; why?: string }[];
let cleanUp: (() => unknown)[];
const log = (): Logger => pino({}, { write: (line) => logged.push(JSON.parse(line)) });
const start = (listen: HostPort, sessionMs = SESSION_MS) =>
  startCoordinatorService({ folder, listen, sessionMs, log: log() });

beforeEach(async () => {
  logged = [];
  const temporary = await temporaryFolder();
  folder = temporary.path;
  cleanUp = [() => temporary.remove()];
  service = await start(LOOPBACK);
  cleanUp.push(() => service.close());
});
afterEach(async () => {
  for (const each of cleanUp.reverse()) await each();
});

/** A process that uses the coordinator in the words of the port. */
async function guest(at: HostPort | readonly HostPort[] = service.at): Promise<Guest> {
  const user: Coordinator = connectEmbedded(at);
  cleanUp.push(() => user.close());
  const one = new Guest(
    {
      until,
      visit: (post) => ({
        port: user.begin(post),
        cut: () => undefined,
        heal: () => undefined,
        expire: () => undefined,
      }),
      pause: () => new Promise((resolve) => setTimeout(resolve, 5)),
      stopService: async () => undefined,
      startService: async () => undefined,
      close: async () => undefined,
    },
    'guest',
  );
  await one.connect();
  return one;
}

async function raw(): Promise<RawClient> {
  const client = await RawClient.connect(service.at);
  cleanUp.push(() => client.close());
  return client;
}

async function opened() {
  const all = await RawClient.open(service.at);
  cleanUp.push(() => all.client.close());
  return all;
}

describe('the address', () => {
  it('is left in coordinator.txt, in other folders too if that is wanted', async () => {
    const expected = `tcp://127.0.0.1:${service.at.port}\n`;
    expect(await readFile(join(folder, 'coordinator.txt'), 'utf8')).toBe(expected);
    expect(service.name).toBe(expected.trim());
    const other = await temporaryFolder();
    const options = { folder: join(other.path, 'data'), listen: LOOPBACK, addressFolder: other.path, log: log() };
    const second = await startCoordinatorService(options);
    expect(await readFile(join(other.path, 'coordinator.txt'), 'utf8')).toBe(`${second.name}\n`);
    await second.close();
    await other.remove();
  });

  it('may be one of several: those that nobody answers at are passed over', async () => {
    const dead = await Way.open(() => service.at);
    await dead.close();
    const a = await guest([dead.at, dead.at, service.at]);
    expect((await a.create(livesKey('x'), lives(1))).result).toBe('done');
  });

  it('that is taken, and a folder that is in use, are refused with a clear word', async () => {
    const other = await temporaryFolder();
    const options = { folder: other.path, listen: service.at, log: log() };
    await expect(startCoordinatorService(options)).rejects.toThrow(/is in use: is the coordinator running already/);
    await other.remove();
    await expect(start(LOOPBACK)).rejects.toThrow(/is running already, at tcp:/);
    await service.close();
    service = await start(LOOPBACK);
  });
});

describe('what is no message of the protocol', () => {
  const large = Buffer.alloc(4);
  large.writeUInt32BE(REQUEST_BYTES_MAX + 1);
  const noJson = Buffer.from([0, 0, 0, 2, 0x7b, 0x7b]);
  it.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /a message of \d+ bytes/],
    ['a message that is too large', large, /at most/],
    ['no JSON', noJson, /JSON/],
  ])('%s: ends the connection, with a logged reason', async (_, bytes, reason) => {
    const client = await raw();
    client.write(bytes);
    await until(() => client.hasEnded);
    expect(client.heard).toMatchObject([{ refused: expect.stringMatching(reason) }]);
    expect(logged.at(-1)).toMatchObject({ msg: 'a connection was closed', why: expect.stringMatching(reason) });
  });

  it.each([
    ['no hello', [{ method: 'open', call: 1 }], /says hello first/],
    ['another name', [{ ...HELLO, protocol: 'zookeeper' }], /looks for a "zookeeper"/],
    ['another version', [{ ...HELLO, version: 2 }], /speaks version 1, and the client version 2/],
    ['a method that is unknown', [HELLO, { method: 'obey', call: 1 }], /method/],
    ['a call without a session', [HELLO, { method: 'sync', call: 1 }], /opens a session/],
    ['a second session', [HELLO, { method: 'open', call: 1 }, { method: 'open', call: 2 }], /one session/],
    ['no value', [HELLO, { method: 'open', call: 1 }, setTo({ kind: 'lives', count: -1 })], /count/],
    ['an impossible view', [HELLO, { method: 'open', call: 1 }, setTo({ kind: 'view', view: {} })], /epoch/],
    [
      'an endless key',
      [HELLO, { method: 'open', call: 1 }, readOf('x'.repeat(KEY_BYTES_MAX + 1))],
      /at most 512 bytes/,
    ],
    ['too many watches', [HELLO, { method: 'open', call: 1 }, ...watchesOf(WATCHES_MAX + 1)], /watches 1024 keys/],
    [
      'a foreign registration',
      [HELLO, { method: 'open', call: 1 }, { method: 'register', call: 2, registration: {} }],
      /member/,
    ],
  ])('%s: ends the connection, with a logged reason', async (_, messages, reason) => {
    const client = await raw();
    client.say(...messages);
    await until(() => client.hasEnded);
    expect(client.words.at(-1)).toMatchObject({ refused: expect.stringMatching(reason) });
    expect(logged.at(-1)).toMatchObject({ why: expect.stringMatching(reason) });
  });

  it('does not touch anybody else', async () => {
    const a = await guest();
    const client = await raw();
    client.write(Buffer.from('junkjunkjunk'));
    await until(() => client.hasEnded);
    expect((await a.create(livesKey('x'), lives(1))).result).toBe('done');
    expect(a.states).toEqual(['connected']);
  });
});

function setTo(value: object): object {
  return { method: 'create', call: 2, key: 'lives/a', value, ephemeral: false };
}
function readOf(key: string): object {
  return { method: 'read', call: 2, key, watch: false };
}
function watchesOf(count: number): readonly object[] {
  return Array.from({ length: count }, (_, i) => ({ method: 'read', call: i + 2, key: `lives/${i}`, watch: true }));
}

describe('the methods of a server', () => {
  it('register, join-chain and report write what belongs to it, as long as it is there', async () => {
    const { client, session } = await opened();
    const statistics = { member: 'n1', incarnation: 3, sentBytes: 1, receivedBytes: 2, atMs: 3 };
    client.say(
      { method: 'register', call: 1, registration },
      { method: 'join-chain', call: 2, registration, expected: 0 },
      { method: 'report', call: 3, statistics },
      { method: 'heartbeat', call: 4 },
    );
    await until(() => client.words.length === 4);
    expect(client.words).toMatchObject([
      { call: 1, reply: { result: 'done', version: 0 } },
      { call: 2, reply: { result: 'done', version: 1 } },
      { call: 3, reply: { result: 'done', version: 0 } },
      { call: 4, reply: { result: 'done' } },
    ]);
    const a = await guest();
    expect(await a.look('members/n1')).toMatchObject({ owner: session, version: 1, value: { registration } });
    expect(await a.look('statistics/n1')).toMatchObject({ owner: session, value: { statistics } });
    client.say({ method: 'close' });
    await until(() => client.hasEnded);
    expect(await a.ask({ op: 'list', under: '' })).toEqual({ result: 'values', stored: [] });
  });
});

describe('a session', () => {
  it('whose client does not answer heartbeats is lost, however often it asks', async () => {
    const { client, session } = await opened();
    client.say({ method: 'register', call: 1, registration });
    const a = await guest();
    let call = 1;
    const asking = setInterval(() => client.say({ method: 'heartbeat', call: ++call }), 20);
    cleanUp.push(() => clearInterval(asking));
    await until(() => client.hasEnded);
    await a.goes(memberKey('n1'));
    expect(logged.at(-1)).toMatchObject({ msg: 'a session has expired', session });
    expect(a.states).toEqual(['connected']);
  });

  it('goes on at another connection, with its secret only', async () => {
    const { client, session, secret } = await opened();
    client.say({ method: 'register', call: 1, registration });
    const thief = await raw();
    thief.say(HELLO, { method: 'attach', call: 1, session, secret: secret.replace(/./g, '0'), watches: [] });
    await until(() => thief.words.length === 2);
    expect(thief.words[1]).toMatchObject({ reply: { result: 'expired' } });
    const second = await raw();
    second.say(HELLO, { method: 'attach', call: 1, session, secret, watches: [] });
    await until(() => second.words.length === 2 && client.hasEnded);
    expect(second.words[1]).toMatchObject({ reply: { result: 'attached' } });
    const a = await guest();
    expect((await a.look(memberKey('n1')))?.owner).toBe(session);
  });

  it('survives a restart of the service with what it owns; its name is never given again', async () => {
    const a = await guest();
    const b = await guest();
    await a.create(memberKey('n1'), { kind: 'registration', registration }, true);
    const names = [a.owner, b.owner];
    b.close();
    const { at } = service;
    await service.close();
    service = await start(at);
    await until(() => a.states.length === 3);
    expect(a.states).toEqual(['connected', 'disconnected', 'connected']);
    expect(await a.look(memberKey('n1'))).toMatchObject({ owner: names[0], version: 0 });
    await b.connect();
    expect(names).not.toContain(b.owner);
  });

  it('of a client that is gone since before a restart expires after it', async () => {
    const a = await guest();
    await a.create(memberKey('n1'), { kind: 'registration', registration }, true);
    a.end();
    const { at } = service;
    await service.close();
    service = await start(at);
    const b = await guest();
    expect(await b.look(memberKey('n1'))).toBeDefined();
    await b.goes(memberKey('n1'));
  });

  it('keeps its watches over a break, and hears of what changed meanwhile', async () => {
    const way = await Way.open(() => service.at);
    cleanUp.push(() => way.close());
    const a = await guest(way.at);
    const b = await guest();
    await a.read('lives/later', true);
    await a.read('lives/meanwhile', true);
    await b.create('lives/going', lives(1));
    await a.read('lives/going', true);
    way.cut('reset');
    await a.becomes('disconnected');
    await b.create('lives/meanwhile', lives(1));
    way.heal();
    await a.becomes('connected');
    await a.fires('lives/meanwhile');
    expect(a.firings('lives/later')).toBe(0);
    await b.create('lives/later', lives(1));
    await a.fires('lives/later');
    way.cut('reset');
    await a.becomes('disconnected');
    await b.ask({ op: 'delete', key: 'lives/going', expected: 0 });
    way.heal();
    await a.becomes('connected');
    await a.fires('lives/going');
    expect(a.violations).toEqual([]);
  });
});

describe('a client that does not read its answers', () => {
  it('is not read either, and holds nobody up', async () => {
    const a = await guest();
    const wide = { kind: 'registration', registration: { ...registration, address: 'x'.repeat(200_000) } } as const;
    await a.create('members/x', wide);
    const { client } = await opened();
    client.pause();
    client.say(...Array.from({ length: 500 }, (_, i) => ({ method: 'list', call: i + 1, under: '' })));
    const before = process.memoryUsage().arrayBuffers;
    for (let version = 0; version < 20; version++)
      expect((await a.set('members/x', wide, version)).result).toBe('done');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });
});

describe('a client that says much that is wrong', () => {
  it('is told why in a few words, and so is the log', async () => {
    const { client } = await opened();
    client.say({ method: 'register', call: 2, registration: { probes: Array.from({ length: 3_000 }, () => 1) } });
    await until(() => logged.some(({ msg }) => msg === 'a connection was closed'));
    const { why = '' } = logged.find(({ msg }) => msg === 'a connection was closed') ?? {};
    expect([why.length > 100, why.length <= 300]).toEqual([true, true]);
  });
});

it('a service that is closed twice closes no file of others', async () => {
  await service.close();
  const other = await open(join(folder, 'other'), 'w');
  await service.close();
  await other.write('still open');
  await other.close();
});

describe('whoever says nonsense again and again', () => {
  it('does not fill the log', async () => {
    for (let i = 0; i < 3 * LINES_TOLD_MAX; i++) {
      const client = await RawClient.connect(service.at);
      client.say({ method: 'nonsense' });
      await until(() => client.hasEnded);
    }
    expect(logged.filter(({ msg }) => msg === 'a connection was closed')).toHaveLength(LINES_TOLD_MAX);
  });
});

describe('a process that is killed', () => {
  it('again and again while it writes: all that it confirmed is there, and nothing is made up', async () => {
    const { at } = service;
    await service.close();
    let process_ = await ServiceProcess.start(folder, at, SESSION_MS);
    cleanUp.push(() => process_.kill());
    const a = await guest(at);
    let confirmed = -1;
    let asked = -1;
    for (let round = 0; round < 3; round++) {
      let isOver = false;
      const writing = (async () => {
        while (!isOver) {
          const value = lives(++asked);
          const there = asked === 0 ? undefined : await a.look(livesKey('k'));
          const reply =
            there === undefined
              ? await a.create(livesKey('k'), value)
              : await a.set(livesKey('k'), value, there.version);
          if (reply.result === 'done') confirmed = asked;
          else if (reply.result === 'unknown') isOver = true;
        }
      })();
      const target = asked + 5 + 7 * round;
      await until(() => confirmed >= target);
      await process_.kill();
      await writing;
      process_ = await ServiceProcess.start(folder, at, SESSION_MS);
      await a.comeBack();
      const stored = await a.look(livesKey('k'));
      const count = stored?.value.kind === 'lives' ? stored.value.count : -1;
      expect(count).toBeGreaterThanOrEqual(confirmed);
      expect(count).toBeLessThanOrEqual(asked);
    }
    await process_.kill();
    service = await start(at);
    expect(a.violations).toEqual([]);
  });

  // Elsewhere the system does not say how many it allows.
  it.runIf(process.platform === 'linux')('has files left for its state, however many connect', async () => {
    const { at } = service;
    await service.close();
    const process_ = await ServiceProcess.start(folder, at, SESSION_MS, 128);
    cleanUp.push(() => process_.kill());
    const a = await guest(at);
    const crowd = await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(at)));
    for (let i = 0; i < 3; i++) expect((await a.create(livesKey(`k${i}`), lives(1))).result).toBe('done');
    for (const one of crowd) one.close();
    await process_.kill();
    service = await start(at);
  });

  it('that only stood still for long takes nobody for gone', async () => {
    const { at } = service;
    await service.close();
    const process_ = await ServiceProcess.start(folder, at, SESSION_MS);
    cleanUp.push(() => process_.kill());
    const a = await guest(at);
    await a.create(memberKey('n1'), { kind: 'registration', registration }, true);
    process_.freeze();
    await a.becomes('disconnected');
    await new Promise((resolve) => setTimeout(resolve, SESSION_MS));
    process_.thaw();
    await a.becomes('connected');
    expect(await a.look(memberKey('n1'))).toMatchObject({ owner: a.owner, version: 0 });
    await process_.kill();
    service = await start(at);
  });
});
