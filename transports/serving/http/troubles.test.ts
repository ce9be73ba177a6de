// Clients that break off, stall, hurry or lie; servers that lose their place or stop: nothing hangs, nothing is mixed.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { json, World } from './http.test-kit.js';
import { DEFAULT_HTTP_LIMITS } from './limits.js';

let world: World;
beforeEach(async () => {
  world = await World.begin({ chunkBytes: 65_536 }, { unwantedMs: 200, unwantedBytesMax: 100_000 });
});
afterEach(() => world.end());

const LARGE = Buffer.alloc(20_000_000, 'z');
const put = (path: string, body: Buffer | string, headers = {}) => world.ask('PUT', path, { headers }, body);
const factNames = (): readonly string[] => world.ring.facts.map(({ fact }) => fact);

/** Resolves when the core has told this fact. */
const told = (name: string): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (factNames().includes(name)) resolve();
      else setTimeout(look, 5);
    };
    look();
  });

describe('an upload', () => {
  it('that breaks off leaves nothing', async () => {
    const client = await world.raw();
    client.write(`PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(70_000)}`);
    await told('chunk-staged');
    client.socket.destroy();
    await told('upload-abandoned');
    expect((await world.ask('GET', '/files/a')).status).toBe(404);
  });

  it('waits for a word before the body, if it says so', async () => {
    const client = await world.raw();
    client.write('PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n');
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    client.write('abc');
    await client.until('HTTP/1.1 200 OK');
  });

  it('is refused before the body, if it waits for a word', async () => {
    const client = await world.raw();
    const head = 'HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n';
    client.write(`PUT /files/a//b ${head}`);
    const answer = await client.until('bad-path');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('Connection: close');
    await client.closed();
  });

  it('that is refused sees why, and may send on to its end', async () => {
    const patient = await World.begin({}, { unwantedMs: 60_000 });
    const client = await patient.raw();
    client.write('PUT /files/a//b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n\r\n');
    client.write(Buffer.alloc(40_000));
    expect(await client.until('bad-path')).toContain('HTTP/1.1 400 ');
    // Closing now would reset the connection under a client that has not read yet.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.isClosed).toBe(false);
    client.write(Buffer.alloc(50_000));
    await client.closed();
    await patient.end();
  });

  it('that nobody wants is not read for ever', async () => {
    const client = await world.raw();
    client.write('PUT /files/a//b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    const timer = setInterval(() => client.write(`9c40\r\n${'x'.repeat(40_000)}\r\n`), 1);
    await client.closed();
    clearInterval(timer);
    expect(client.received).toContain('bad-path');
    const idle = await world.raw();
    idle.write('PUT /files/a//b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n\r\n');
    await idle.closed();
    expect(idle.received).toContain('bad-path');
  });

  it('goes no faster than the ring takes it', async () => {
    world.ring.stopAccepting = true;
    const client = await world.raw();
    client.write(`PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${LARGE.length}\r\n\r\n`);
    client.write(LARGE);
    await told('upload-started');
    // Until nothing moves any more.
    for (let before = -1; before !== client.socket.bytesWritten - client.socket.writableLength; ) {
      before = client.socket.bytesWritten - client.socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(world.ring.keptBytes).toBe(0);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    world.ring.stopAccepting = false;
    await client.until('HTTP/1.1 200 OK');
  });

  it('of which the outcome is not known says so, with the id to repeat it', async () => {
    world.ring.hold();
    const id = '01890000-0000-7000-8000-000000000001';
    const answer = put('/files/a', 'x', { 'Idempotency-Key': id });
    await told('ordered');
    world.ring.end();
    const { status, headers, body } = await answer;
    expect(status).toBe(503);
    expect(headers['idempotency-key']).toBe(id);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'lost', outcome: 'unknown', operation: id });
  });
});

describe('a download', () => {
  it('is cut, not ended, when its version goes', async () => {
    await put('/files/a', LARGE);
    const client = await world.raw();
    client.write('GET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('zzz');
    client.socket.pause();
    world.ring.end();
    client.socket.resume();
    await client.closed();
    expect(client.received).toContain(`Content-Length: ${LARGE.length}`);
    expect(client.received.length).toBeLessThan(LARGE.length);
  });

  it('that nobody takes any more ends in the core, too', async () => {
    await put('/files/a', LARGE);
    const client = await world.raw();
    client.write('GET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('zzz');
    expect(world.ring.state.reads.readers.size).toBe(1);
    client.socket.destroy();
    while (world.ring.state.reads.readers.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('that was asked for ahead ends in the core, too, when its client is gone', async () => {
    await put('/files/a', LARGE);
    const warnings: string[] = [];
    const warned = ({ name }: Error): unknown => warnings.push(name);
    process.on('warning', warned);
    const client = await world.raw();
    const { pipelinedMax } = DEFAULT_HTTP_LIMITS;
    client.write('GET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20));
    await client.until('zzz');
    await expect.poll(() => world.ring.state.reads.readers.size).toBe(pipelinedMax);
    client.socket.destroy();
    await expect.poll(() => world.ring.state.reads.readers.size).toBe(0);
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });

  it('that stands still holds up nobody, and no more than its window', async () => {
    await put('/files/a', LARGE);
    let givenBytes = 0;
    const { door } = world.ring;
    world.door = {
      chunkBytes: door.chunkBytes,
      ask: (operation, hear) =>
        door.ask(operation, (conversation) => {
          const hearer = hear(conversation);
          const data = (bytes: Buffer): void => {
            givenBytes += bytes.length;
            hearer.data(bytes);
          };
          return { ...hearer, data };
        }),
    };
    const slow = await world.raw();
    slow.socket.pause();
    slow.write('GET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => givenBytes).toBeGreaterThan(0);
    world.door = door;
    for (let i = 0; i < 3; i++) expect((await world.ask('GET', '/files/a')).body.length).toBe(LARGE.length);
    // The window, and what the kernel holds.
    expect(givenBytes).toBeLessThan(LARGE.length);
    slow.socket.resume();
    slow.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await slow.closed();
    expect(slow.received.length).toBeGreaterThan(LARGE.length);
    expect(slow.received).toMatch(/alive\n$/);
  });
});

describe('a server', () => {
  it('without a place in the ring says so, and when to ask again', async () => {
    world.door = undefined;
    world.why = 'it looks for a seat';
    const refused = await put('/files/a', 'x');
    expect([refused.status, refused.headers['retry-after'], json(refused)['code']]).toEqual([503, '1', 'not-a-member']);
    const readiness = await world.ask('GET', '/readyz');
    expect([readiness.status, readiness.body.toString()]).toEqual([503, 'it looks for a seat\n']);
    expect((await world.ask('GET', '/healthz')).status).toBe(200);
  });

  it('shows its pages', async () => {
    expect((await world.ask('GET', '/')).body.toString()).toContain('/files/<path>');
    expect((await world.ask('GET', '/readyz')).body.toString()).toBe('ready\n');
    expect(json(await world.ask('GET', '/status'))).toEqual({ ring: ['n1'] });
    expect((await world.ask('GET', '/problems/busy')).body.toString()).toContain('try again');
    expect((await world.ask('GET', '/problems/toString')).status).toBe(404);
    await put('/files/a', 'abc');
    await world.ask('GET', '/files/none');
    const metrics = (await world.ask('GET', '/metrics')).body.toString();
    expect(metrics).toContain('ppnfs_operations_total{protocol="http",kind="put",result="ok"} 1');
    expect(metrics).toContain('ppnfs_operations_total{protocol="http",kind="get",result="absent"} 1');
    expect(metrics).toContain('ppnfs_client_bytes_total{direction="in"} 3');
    expect(metrics).toMatch(/^nodejs_heap_size_used_bytes \d/m);
  });

  it('stops in good order: what runs is finished, what comes is refused', async () => {
    await put('/files/a', LARGE);
    const running = await world.raw();
    running.socket.pause();
    running.write('GET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const kept = await world.raw();
    kept.write('PUT /files/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nx');
    const early = world.ring.facts.length;
    while (world.ring.facts.length === early) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = world.close(true);
    await expect(world.raw()).rejects.toThrow('ECONNREFUSED');
    kept.write('yGET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await kept.closed();
    expect(kept.received).toMatch(/200 OK[\s\S]*HTTP\/1\.1 503 [\s\S]*draining/);
    running.socket.resume();
    await running.closed();
    expect(running.received.length).toBeGreaterThan(LARGE.length);
    await closed;
  });

  it.each([
    ['GET / HTTP/1.1\r\n\r\n', 400, 'bad-request', 'Host'],
    ['GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n', 400, 'bad-request', 'one Host'],
    [
      'PUT /files/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      ...([400, 'bad-request', 'no Transfer-Encoding but chunked'] as const),
    ],
    ['GET / HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\n\r\n', 417, 'bad-expectation', '100-continue'],
    ['CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', 405, 'bad-method', 'no proxy'],
    [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431, 'too-long', 'longer than 16 KiB: shorten'],
    ['GET /files/a%01 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'bad-path', 'no control characters'],
    ['PUT /files/a%7F HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'bad-path', 'no control characters'],
  ])('says what is wrong with %j', async (text, status, code, why) => {
    const client = await world.raw();
    client.write(text);
    const answer = await client.until('}\n');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*Content-Type: application/problem\\+json`, 's'));
    const problem = JSON.parse(answer.slice(answer.indexOf('{'))) as object;
    expect(problem).toMatchObject({ status, code, detail: expect.stringContaining(why) });
  });

  it('answers what was asked before a CONNECT, and nothing that comes after', async () => {
    const client = await world.raw();
    const get = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    client.write(`${get}CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n${get}`);
    expect((await client.closed()).match(/^alive$/gm)).toHaveLength(1);
  });

  it('goes on with a download although a CONNECT came behind it', async () => {
    await put('/files/a', LARGE);
    const client = await world.raw();
    client.socket.pause();
    client.write('GET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.socket.resume();
    expect((await client.closed()).length).toBeGreaterThan(LARGE.length);
  });

  it.each([
    ['\x00\x01\x02\x03\r\n\r\n', '400'],
    [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    ['PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', '400'],
  ])('answers what is no request: %j', async (text, status) => {
    const client = await world.raw();
    client.write(text);
    await client.closed();
    expect(client.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

describe('with little patience', () => {
  let impatient: World;
  const begin = async (limits: object, http = {}): Promise<World> => {
    impatient = await World.begin({ limits }, http);
    return impatient;
  };
  afterEach(() => impatient.end());

  it('a write that is not answered in time is of unknown outcome, and repeating it is safe', async () => {
    const { ring } = await begin({ operationMs: 50, retryMs: 20, hopMs: 1 });
    ring.hold();
    const late = await impatient.ask('PUT', '/files/a', {}, 'x');
    const problem = json(late);
    expect([late.status, late.headers['retry-after'], problem['code'], problem['outcome']]).toEqual([
      ...[504, '1', 'timeout', 'unknown'],
    ]);
    const operation = String(problem['operation']);
    expect(late.headers['idempotency-key']).toBe(operation);
    ring.letGo();
    const headers = { 'Idempotency-Key': operation };
    await expect.poll(async () => (await impatient.ask('PUT', '/files/a', { headers }, 'x')).status).toBe(200);
    expect((await impatient.ask('HEAD', '/files/a')).headers.etag).toBe('"7.1"');
  });

  it('an upload that stands still is given up, and says so', async () => {
    await begin({ clientIdleMs: 50, retryMs: 20, hopMs: 1 });
    const client = await impatient.raw();
    client.write('PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx');
    expect(await client.until('upload-stalled')).toContain('HTTP/1.1 408 ');
  });

  it('an upload that brings bytes all the time, but too few, is told the rule', async () => {
    await begin({ clientIdleMs: 100, retryMs: 20, hopMs: 1 });
    const client = await impatient.raw();
    client.write('PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n');
    const timer = setInterval(() => client.write('x'), 5);
    const answer = await client.until('upload-stalled').finally(() => clearInterval(timer));
    expect(answer).toMatch(/less than one chunk \(256 KiB, .* came in 30 s: send the file again, and faster/);
  });

  it('one connection more than the limit is told so, and the next is cut', async () => {
    await begin({}, { connectionsMax: 1, turnedAwayMax: 1, unwantedMs: 200 });
    const first = await impatient.raw();
    const second = await impatient.raw();
    const third = await impatient.raw();
    await third.closed();
    second.write('GET /files/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await second.until('"code":"busy"')).toMatch(/^HTTP\/1\.1 503 .*Connection: close/s);
    await second.closed();
    const silent = await impatient.raw();
    await silent.closed();
    first.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await first.until('alive');
  });
});

it('a request that never ends its headers is ended', async () => {
  const impatient = await World.begin({}, { headersMs: 300 });
  const client = await impatient.raw();
  client.write('GET / HTTP/1.1\r\nX: ');
  expect(await client.closed()).toMatch(/^HTTP\/1\.1 408 .*did not come within 0\.3 s/s);
  await impatient.end();
});

it('a connection on which nothing moves is cut', async () => {
  const impatient = await World.begin({}, { idleMs: 100 });
  const client = await impatient.raw();
  client.write('PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nx');
  await client.closed();
  await impatient.end();
});

describe('bytes that are no request', () => {
  const GARBAGE = 'no request at all\r\n\r\n';

  it('are told so', async () => {
    const client = await world.raw();
    client.write(GARBAGE);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('in a body are told so, once', async () => {
    const client = await world.raw();
    client.write(
      'PUT /files/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nno length\r\n',
    );
    expect((await client.closed()).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    const refused = await world.raw();
    refused.write('PUT /files/a//b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n');
    expect((await refused.closed()).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect((await world.ask('GET', '/files/a')).status).toBe(404);
  });

  it('behind a put do not hide that it was done', async () => {
    const client = await world.raw();
    client.write(`PUT /files/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc${GARBAGE}`);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 /);
    expect((await world.ask('GET', '/files/a')).body.toString()).toBe('abc');
  });

  it('behind a get do not get into the file', async () => {
    await put('/files/large', LARGE);
    const client = await world.raw();
    client.socket.pause();
    client.write('GET /files/large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.write(GARBAGE);
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.resume();
    const [, body = ''] = (await client.closed()).split('\r\n\r\n');
    expect(body.length).toBe(LARGE.length);
    expect(/[^z]/.test(body)).toBe(false);
  });
});
