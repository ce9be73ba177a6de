// The TCP client protocol, over real sockets, through the real ring port, with the real core behind it.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_FRAME_LIMITS, type ClientRequest, clientHead } from '../../frames/client-frames.js';
import { DEFAULT_TCP_LIMITS } from './limits.js';
import { Session } from './session.js';
import { type Client, World } from './tcp.test-kit.js';

const CHUNK = 65_536;
let world: World;
let client: Client;
beforeEach(async () => {
  world = await World.begin({ chunkBytes: CHUNK }, { lingerMs: 200 });
  client = await world.connect();
});
afterEach(() => world.end());

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const put = (path: string, more: Partial<Extract<ClientRequest, { kind: 'put' }>> = {}): ClientRequest => ({
  ...{ kind: 'put', path, operation: undefined, precondition: undefined, contentType: 'text/plain' },
  ...{ modifiedMs: 5, length: undefined },
  ...more,
});
const get = (path: string, more: Partial<Extract<ClientRequest, { kind: 'get' }>> = {}): ClientRequest => ({
  ...{ kind: 'get', path, from: 0, to: undefined, version: undefined, consistency: 'linearizable' },
  ...more,
});
const stat = (path: string): ClientRequest => ({ kind: 'stat', path, consistency: 'linearizable' });
const remove = (path: string): ClientRequest => ({
  ...{ kind: 'delete', path, operation: undefined, precondition: undefined },
});
const piece = (bytes: Buffer) => ({ kind: 'piece', bytes }) as const;
const end = (sum?: string) => ({ kind: 'end', sha256: sum }) as const;

const SMALL = Buffer.from('abcdefghij'.repeat(100));
const LARGE = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251));

/** Sends no more than was accepted. */
async function store(by: Client, path: string, body: Buffer): Promise<void> {
  const before = by.acceptedBytes;
  by.say(put(path, { length: body.length }));
  for (let at = 0; at < body.length; at += CHUNK) {
    const next = body.subarray(at, at + CHUNK);
    await by.accepted(before + at + next.length);
    by.say(piece(next));
  }
  by.say(end(sha256(body)));
  expect(await by.answer()).toMatchObject({ result: 'done', outcome: { result: 'stored' } });
}

describe('operations', () => {
  it('of all kinds, one after the other on one connection', async () => {
    client.say(put('/a/1'), piece(SMALL), end(sha256(SMALL)));
    expect(await client.answer()).toMatchObject({ result: 'done', outcome: { result: 'stored' } });
    client.say(stat('/a/1'));
    expect(await client.answer()).toMatchObject({
      ...{ result: 'found', file: { version: { epoch: 7, sequence: 1 } } },
      file: { manifest: { length: 1000, sha256: sha256(SMALL), contentType: 'text/plain', modifiedMs: 5 } },
    });
    client.say(get('/a/1'));
    const { opened, bytes, answer } = await client.all();
    expect(opened).toMatchObject({ fromByte: 0, toByte: 1000 });
    expect([bytes.equals(SMALL), answer]).toEqual([true, { result: 'delivered' }]);
    client.say({ kind: 'list', prefix: '/a/', after: '', limit: 10 });
    expect(await client.answer()).toMatchObject({ result: 'listed', items: [{ path: '/a/1' }], more: false });
    client.say(remove('/a/1'));
    expect(await client.answer()).toMatchObject({ result: 'done', outcome: { result: 'deleted', found: true } });
    client.say(get('/a/1'));
    expect(await client.answer()).toEqual({ result: 'absent' });
  });

  it('a large file goes both ways, and in parts', async () => {
    await store(client, '/large', LARGE);
    expect(client.pieceBytes).toBe(CHUNK);
    client.say(get('/large'));
    expect((await client.all()).bytes.equals(LARGE)).toBe(true);
    client.say(get('/large', { from: 100_000, to: 300_001 }));
    const part = await client.all();
    expect(part.opened).toMatchObject({ fromByte: 100_000, toByte: 300_001 });
    expect(part.bytes.equals(LARGE.subarray(100_000, 300_001))).toBe(true);
    client.say(get('/large', { from: LARGE.length }));
    expect(await client.answer()).toMatchObject({ result: 'refused', code: 'bad-range' });
    client.say(get('/large', { version: '7.9' }));
    expect(await client.answer()).toMatchObject({ result: 'refused', code: 'version-gone' });
  });

  it('of two clients go on side by side', async () => {
    await store(client, '/large', LARGE);
    const other = await world.connect();
    other.socket.pause();
    other.say(get('/large'));
    for (let i = 0; i < 3; i++) {
      client.say(get('/large'));
      expect((await client.all()).bytes.equals(LARGE)).toBe(true);
    }
    other.socket.resume();
    expect((await other.all()).bytes.equals(LARGE)).toBe(true);
  });

  it('are refused with a code and a sentence', async () => {
    client.say(put('/a//b'), end());
    expect(await client.answer()).toEqual({
      ...{ result: 'refused', code: 'bad-path', detail: expect.stringContaining('the path is not valid') },
    });
    client.say(put('/a', { operation: 'x' }), end());
    expect(await client.answer()).toMatchObject({ result: 'refused', code: 'bad-operation-id' });
    client.say(put('/a', { contentType: 'a\r\nb' }), end());
    expect(await client.answer()).toMatchObject({ result: 'refused', code: 'bad-request' });
    client.say({ kind: 'list', prefix: '/', after: `/${'x'.repeat(2000)}`, limit: 1 });
    expect(await client.answer()).toMatchObject({ result: 'refused', code: 'bad-path' });
    world.door = undefined;
    client.say(stat('/a'));
    expect(await client.answer()).toMatchObject({ result: 'refused', code: 'not-a-member' });
  });

  it('whose answers nobody takes are not read for ever, and go on when they are taken', async () => {
    const untaken: (() => void)[] = [];
    const socket = new Duplex({ read: () => {}, write: (_bytes, _encoding, taken) => untaken.push(taken) });
    const limits = { ...DEFAULT_TCP_LIMITS, untakenBytesMax: 1000 };
    const session = new Session(socket, {
      door: () => undefined,
      metrics: world.metrics,
      limits,
      onViolation: () => {},
    });
    const ask = (): void => session.feed(clientHead(stat('/a')));
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    ask();
    await turn();
    expect(socket.isPaused()).toBe(false);
    for (let i = 0; i < 20; i++) ask();
    await turn();
    expect(socket.isPaused()).toBe(true);
    for (let i = 0; i < 10; i++) {
      untaken.shift()?.();
      await turn();
    }
    expect(socket.isPaused()).toBe(false);
    socket.destroy();
  });

  it('are counted', async () => {
    client.say(put('/a'), piece(SMALL), end());
    await client.answer();
    client.say(stat('/none'));
    await client.answer();
    const text = await world.metrics.text();
    expect(text).toContain('ppnfs_operations_total{protocol="tcp",kind="put",result="ok"} 1');
    expect(text).toContain('ppnfs_operations_total{protocol="tcp",kind="stat",result="absent"} 1');
    expect(text).toContain('ppnfs_client_bytes_total{direction="in"} 1000');
    expect(text).toContain('ppnfs_client_connections{protocol="tcp"} 1');
  });
});

describe('a put', () => {
  it('that is given up, or does not keep its word, leaves nothing, and the connection goes on', async () => {
    client.say(put('/a'), piece(SMALL), { kind: 'give-up' });
    expect(await client.answer()).toMatchObject({ code: 'upload-aborted' });
    client.say(put('/a', { length: 1001 }), piece(SMALL), end());
    expect(await client.answer()).toMatchObject({ code: 'wrong-length' });
    client.say(put('/a', { length: 999 }), piece(SMALL), end());
    expect(await client.answer()).toMatchObject({ code: 'wrong-length' });
    client.say(put('/a'), piece(SMALL), end(sha256(LARGE)));
    expect(await client.answer()).toMatchObject({ code: 'digest-mismatch' });
    client.say(stat('/a'));
    expect(await client.answer()).toEqual({ result: 'absent' });
    client.say(put('/a'), piece(SMALL), end(sha256(SMALL).toUpperCase()));
    expect(await client.answer()).toMatchObject({ result: 'done' });
  });

  it('is repeated with its id, and happens once', async () => {
    const operation = '01890000-0000-7000-8000-000000000001';
    client.say(put('/a', { operation, precondition: 'none' }), piece(SMALL), end());
    const first = await client.answer();
    client.say(put('/a', { operation, precondition: 'none' }), piece(SMALL), end());
    expect(await client.answer()).toEqual(first);
    client.say(put('/a', { precondition: 'none' }), piece(SMALL), end());
    expect(await client.answer()).toMatchObject({ result: 'done', outcome: { result: 'precondition-failed' } });
  });

  it('whose client goes away leaves nothing', async () => {
    client.say(put('/a'), piece(SMALL));
    await expect.poll(() => world.ring.facts.some(({ fact }) => fact === 'upload-started')).toBe(true);
    client.socket.destroy();
    await expect.poll(() => world.ring.facts.some(({ fact }) => fact === 'upload-abandoned')).toBe(true);
  });

  it('is of unknown outcome when the life of the server ends', async () => {
    world.ring.hold();
    const operation = '01890000-0000-7000-8000-000000000002';
    client.say(put('/a', { operation }), piece(SMALL), end());
    await expect.poll(() => world.ring.facts.some(({ fact }) => fact === 'ordered')).toBe(true);
    world.ring.end();
    expect(await client.answer()).toMatchObject({ result: 'unknown', code: 'lost', operation });
  });
});

describe('a violation ends its own connection, after a word why', () => {
  it.each<[string, (violator: Client) => void]>([
    ['an operation before the one before it has ended', (c) => c.say(put('/a'), stat('/a'))],
    ['piece without a put', (c) => c.say(piece(SMALL))],
    ['end without a put', (c) => c.say(end())],
    [
      'more bytes of a put than were accepted',
      (c) => {
        world.ring.stopAccepting = true;
        c.say(put('/a'), piece(Buffer.alloc(CLIENT_FRAME_LIMITS.unacceptedBytes)), piece(Buffer.alloc(1)));
      },
    ],
    ['a chunk of 1048577 bytes', (c) => c.say(put('/a'), piece(Buffer.alloc(1_048_577)))],
    ['get: from', (c) => c.say(get('/a', { from: -1 }))],
    ['put: precondition', (c) => c.say(put('/a', { precondition: 'whatever' }))],
    ['a frame with a wrong checksum', (c) => c.socket.write(Buffer.alloc(24, 1).fill(0, 8, 16))],
  ])('%s', async (why, violate) => {
    const bystander = await world.connect();
    violate(client);
    expect(await client.answer()).toMatchObject({ code: 'bad-request', detail: expect.stringContaining(why) });
    await client.closed();
    expect(world.said.join('')).toContain(why);
    bystander.say(stat('/a'));
    expect(await bystander.answer()).toEqual({ result: 'absent' });
  });

  it('what is not the protocol at all is sent away', async () => {
    const socket = connect(world.port.at.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
    await new Promise((resolve) => socket.resume().once('close', resolve));
    expect(world.said.join('')).toContain('HTTP');
  });
});

describe('more connections than a server may have', () => {
  it('are told so when they ask, and the rest is not listened to', async () => {
    const full = await World.begin({}, { connectionsMax: 1, turnedAwayMax: 1 });
    const first = await full.connect();
    first.say(stat('/a'));
    await first.answer();
    const second = await full.connect();
    second.say(put('/a'), piece(SMALL), end());
    const third = await full.connect();
    await third.closed();
    expect(await second.answer()).toMatchObject({ result: 'refused', code: 'busy' });
    await second.closed();
    first.say(stat('/a'));
    expect(await first.answer()).toEqual({ result: 'absent' });
    await full.end();
  });

  it('take no place from those that come when there is one again', async () => {
    const full = await World.begin({}, { connectionsMax: 1, turnedAwayMax: 1, lingerMs: 60_000 });
    const first = await full.connect();
    first.say(stat('/a'));
    await first.answer();
    const surplus = await full.connect();
    surplus.say(put('/a'));
    expect(await surplus.answer()).toMatchObject({ code: 'busy' });
    first.socket.destroy();
    await expect.poll(async () => (await full.metrics.text()).includes('connections{protocol="tcp"} 1')).toBe(true);
    const next = await full.connect();
    next.say(stat('/a'));
    expect(await next.answer()).toEqual({ result: 'absent' });
    await full.end();
  });

  it('and ask nothing are cut soon', async () => {
    const full = await World.begin({}, { connectionsMax: 0, lingerMs: 50 });
    const silent = await full.connect();
    await silent.closed();
    await full.end();
  });
});

describe('the end', () => {
  it('in good order: what runs is finished, no more is begun', async () => {
    const idle = await world.connect();
    idle.say(stat('/a'));
    await idle.answer();
    client.say(put('/a'), piece(SMALL));
    await expect.poll(() => world.ring.facts.some(({ fact }) => fact === 'upload-started')).toBe(true);
    const closed = world.clients.close({ graceful: true });
    await idle.closed();
    client.say(end());
    expect(await client.answer()).toMatchObject({ result: 'done' });
    await client.closed();
    await closed;
  });

  it('of a connection on which nothing moves', async () => {
    const impatient = await World.begin({}, { idleMs: 100 });
    const silent = await impatient.connect();
    silent.say(put('/a'));
    await silent.closed();
    await impatient.end();
  });
});
