// Files over HTTP, with real sockets and the real core behind them.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Door } from '../door.js';
import { json, type Response, World } from './http.test-kit.js';

let world: World;
beforeEach(async () => {
  world = await World.begin();
});
afterEach(() => world.end());

const BODY = Buffer.from(Array.from({ length: 2500 }, (_, i) => i % 251));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const put = (path: string, headers = {}, body: Buffer | string = BODY): Promise<Response> =>
  world.ask('PUT', path, { headers }, body);
const get = (path: string, headers = {}): Promise<Response> => world.ask('GET', path, { headers });

/** Somebody else's put, past HTTP. */
function replace(door: Door, path: string, text: string): Promise<void> {
  return new Promise((resolve) => {
    const wish = { kind: 'put', path, operation: undefined, precondition: undefined } as const;
    const ignore = (): void => {};
    const hearer = { accept: ignore, file: ignore, data: ignore, answer: () => resolve() };
    const conversation = door.ask({ ...wish, contentType: '', modifiedMs: 0 }, () => hearer);
    for (let at = 0; at < text.length; at += 1000) conversation.send(Buffer.from(text.slice(at, at + 1000)));
    conversation.finish('00');
  });
}

describe('a put', () => {
  it('stores a file with its type and its time', async () => {
    const stored = await put('/files/a', { 'Content-Type': 'image/png', 'X-Modified-Ms': '1700000000123' });
    expect(stored.status).toBe(200);
    expect(json(stored)).toEqual({
      ...{ path: '/a', version: '7.1', length: 2500, sha256: sha256(BODY) },
      operation: stored.headers['idempotency-key'],
    });
    expect(stored.headers.etag).toBe('"7.1"');

    const { status, headers, body } = await get('/files/a');
    expect(status).toBe(200);
    expect(body).toEqual(BODY);
    expect(headers).toMatchObject({
      ...{ etag: '"7.1"', 'content-type': 'image/png', 'content-length': '2500', 'accept-ranges': 'bytes' },
      ...{ 'x-modified-ms': '1700000000123', 'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT' },
      'repr-digest': `sha-256=:${createHash('sha256').update(BODY).digest('base64')}:`,
    });
  });

  it.each([0, 1, 999, 1000, 1001, 300_000])('of %i bytes comes back as it was, announced or not', async (length) => {
    const body = Buffer.alloc(length, 'abcdefg');
    expect(json(await put('/files/known', {}, body))).toMatchObject({ length, sha256: sha256(body) });
    expect(json(await put('/files/chunked', { 'Transfer-Encoding': 'chunked' }, body))).toMatchObject({
      ...{ length, sha256: sha256(body) },
    });
    expect((await get('/files/known')).body.equals(body)).toBe(true);
    expect((await get('/files/chunked')).body.equals(body)).toBe(true);
  });

  it('by POST creates', async () => {
    const post = (): Promise<Response> => world.ask('POST', '/files/a%20b', {}, BODY);
    const first = await post();
    expect([first.status, first.headers.location]).toEqual([201, '/files/a%20b']);
    const second = await post();
    expect(second.status).toBe(409);
    expect(second.headers['content-type']).toBe('application/problem+json');
    expect(json(second)).toMatchObject({ code: 'exists', status: 409, type: '/problems/exists' });
  });

  it('happens once, however often it is repeated', async () => {
    const key = '01890000-0000-7000-8000-000000000001';
    const first = await put('/files/a', { 'Idempotency-Key': key });
    await put('/files/a', {}, 'other');
    const again = await put('/files/a', { 'Idempotency-Key': `"${key}"` });
    expect(json(again)).toEqual(json(first));
    expect((await get('/files/a')).body.toString()).toBe('other');
    const reused = await put('/files/a', { 'Idempotency-Key': key }, 'something else');
    expect([reused.status, json(reused)['code']]).toEqual([422, 'operation-id-reused']);
    const bad = await put('/files/a', { 'Idempotency-Key': 'again' });
    expect([bad.status, json(bad)['code']]).toEqual([400, 'bad-operation-id']);
  });

  it('is checked against the digest that was announced', async () => {
    const digest = createHash('sha256').update(BODY).digest('base64');
    expect((await put('/files/a', { 'Content-Digest': `md5=:AA==:, sha-256=:${digest}:` })).status).toBe(200);
    expect((await put('/files/b', { 'X-Content-Sha256': sha256(BODY).toUpperCase() })).status).toBe(200);
    const wrong = await put('/files/c', { 'X-Content-Sha256': sha256(Buffer.from('x')) });
    expect([wrong.status, json(wrong)['code']]).toEqual([400, 'digest-mismatch']);
    expect((await get('/files/c')).status).toBe(404);
    expect((await put('/files/d', { 'X-Content-Sha256': 'abc' })).status).toBe(400);
    expect((await put('/files/d', { 'Content-Digest': 'sha-256=abc' })).status).toBe(400);
  });

  it('is never a part of one: `curl -C - -T` would spoil it', async () => {
    await put('/files/a');
    const part = await put('/files/a', { 'Content-Range': 'bytes 1-2/3' }, 'part');
    expect([part.status, json(part)['code']]).toEqual([400, 'bad-request']);
    expect((await get('/files/a')).body).toEqual(BODY);
  });
});

it.each(['md5=:AA==:', 'sha-512=:AA==:, crc32c=:AA==:', ''])(
  'the digest %j alone cannot be checked',
  async (digest) => {
    const refused = await put('/files/a', { 'Content-Digest': digest });
    expect([refused.status, json(refused)['detail']]).toEqual([
      400,
      expect.stringContaining('only sha-256 is checked'),
    ]);
    expect((await get('/files/a')).status).toBe(404);
  },
);

describe('what is no file', () => {
  it.each([
    ['Content-Range', 'bytes 1000-2499/2500', 'without Content-Range'],
    ['Content-Encoding', 'gzip', 'without Content-Encoding'],
    ['Content-Type', 'multipart/form-data; boundary=x', 'not a form'],
  ])('a body with %s: %s is not stored', async (name, value, why) => {
    const refused = await put('/files/a', { [name]: value });
    expect([refused.status, json(refused)['detail']]).toEqual([400, expect.stringContaining(why)]);
    expect((await get('/files/a')).status).toBe(404);
  });

  it('a page of another site changes nothing', async () => {
    const post = (origin: string) => world.ask('POST', '/files/a', { headers: { Origin: origin } }, 'x');
    expect((await post('http://evil.example')).status).toBe(403);
    expect((await world.ask('DELETE', '/files/a', { headers: { Origin: 'null' } })).status).toBe(403);
    expect((await world.ask('POST', '/leave', { headers: { Origin: 'http://evil.example' } })).status).toBe(403);
    expect((await post(world.url)).status).toBe(201);
    expect((await get('/files/a', { Origin: 'http://evil.example' })).status).toBe(200);
  });
});

describe('ranges', () => {
  beforeEach(() => put('/files/a'));

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=990-2009', 990, 2010],
    ['bytes=2499-', 2499, 2500],
    ['bytes=2000-99999', 2000, 2500],
    ['bytes=-500', 2000, 2500],
    ['bytes=-99999', 0, 2500],
    ['bytes=0-', 0, 2500],
  ])('%s', async (range, from, to) => {
    const { status, headers, body } = await get('/files/a', { Range: range });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${from}-${to - 1}/2500`);
    expect(headers['content-length']).toBe(String(to - from));
    expect(body).toEqual(BODY.subarray(from, to));
  });

  it.each(['bytes=2500-', 'bytes=9999999999999999999-', 'bytes=-0'])('%s lies outside', async (range) => {
    const { status, headers } = await get('/files/a', { Range: range });
    expect([status, headers['content-range']]).toEqual([416, 'bytes */2500']);
  });

  it('outside, of a version that is no more, or not the one that is asked for', async () => {
    const range = { Range: 'bytes=2500-' };
    expect((await get('/files/a', { ...range, 'If-Range': '"7.1"' })).status).toBe(416);
    const whole = await get('/files/a', { ...range, 'If-Range': '"6.9"' });
    expect([whole.status, whole.body.length]).toEqual([200, 2500]);
    expect((await get('/files/a', { ...range, 'If-Match': '"6.9"' })).status).toBe(412);
  });

  it.each(['bytes=0-1,5-6', 'bytes=5-3', 'lines=1-2', 'bytes=x', 'bytes=-'])('%s: the whole file', async (range) => {
    const { status, body } = await get('/files/a', { Range: range });
    expect([status, body.length]).toEqual([200, 2500]);
  });

  it('of a version that the client has a part of', async () => {
    const range = { Range: 'bytes=2000-' };
    expect((await get('/files/a', { ...range, 'If-Range': '"7.1"' })).status).toBe(206);
    for (const other of ['"6.9"', 'W/"7.1"', 'Tue, 14 Nov 2023 22:13:20 GMT']) {
      const { status, body } = await get('/files/a', { ...range, 'If-Range': other });
      expect([status, body.length]).toEqual([200, 2500]);
    }
  });

  it.each([100, 9000])('the last bytes are those of the version that is sent, now %i long', async (length) => {
    const { door } = world.ring;
    let looks = 0;
    world.door = {
      chunkBytes: door.chunkBytes,
      ask: (operation, hear) =>
        door.ask(operation, (conversation) => {
          const hearer = hear(conversation);
          const answer: typeof hearer.answer = (word) => {
            if (operation.kind !== 'stat' || looks++ > 0) hearer.answer(word);
            else void replace(door, '/a', 'y'.repeat(length)).then(() => hearer.answer(word));
          };
          return { ...hearer, answer };
        }),
    };
    const { status, headers, body } = await get('/files/a', { Range: 'bytes=-500' });
    const from = Math.max(0, length - 500);
    expect([status, headers['content-range']]).toEqual([206, `bytes ${from}-${length - 1}/${length}`]);
    expect(body.toString()).toBe('y'.repeat(length - from));
    expect(looks).toBeGreaterThan(0);
  });

  it('of an empty file there is none, but the whole', async () => {
    await put('/files/empty', {}, '');
    for (const range of ['bytes=0-', 'bytes=0-9', 'bytes=-5']) {
      const { status, body } = await get('/files/empty', { Range: range });
      expect([range, status, body.length]).toEqual([range, 200, 0]);
    }
    expect((await get('/files/empty', { Range: 'bytes=1-' })).headers['content-range']).toBe('bytes */0');
  });
});

describe('the rest', () => {
  it('HEAD says everything but the bytes', async () => {
    await put('/files/a', { 'Content-Type': 'text/css' });
    const { status, headers, body } = await world.ask('HEAD', '/files/a');
    expect([status, body.length]).toEqual([200, 0]);
    expect(headers).toMatchObject({ etag: '"7.1"', 'content-length': '2500', 'content-type': 'text/css' });
    expect((await world.ask('HEAD', '/files/none')).status).toBe(404);
  });

  it('DELETE deletes', async () => {
    await put('/files/a');
    expect((await world.ask('DELETE', '/files/a')).status).toBe(204);
    expect((await get('/files/a')).status).toBe(404);
    const again = await world.ask('DELETE', '/files/a');
    expect([again.status, json(again)['code']]).toEqual([404, 'absent']);
  });

  it('lists come in pages', async () => {
    for (const path of ['/a/1', '/a/2', '/a/3', '/b']) await put(`/files${path}`, {}, path);
    const first = json(await get('/files/?prefix=/a/&limit=2'));
    expect((first['items'] as { path: string }[]).map(({ path }) => path)).toEqual(['/a/1', '/a/2']);
    expect(first['next']).toBe('/a/2');
    expect(first['items']).toMatchObject([{ length: 4, sha256: sha256(Buffer.from('/a/1')) }, {}]);
    const second = json(await get('/files/a/?after=%2Fa%2F2&limit=2'));
    expect((second['items'] as { path: string }[]).map(({ path }) => path)).toEqual(['/a/3']);
    expect(second).not.toHaveProperty('next');
    expect((json(await get('/files'))['items'] as unknown[]).length).toBe(4);
    for (const bad of ['?limit=0', '?limit=x', '?prefix=a', `?after=/${'x'.repeat(1024)}`])
      expect((await get(`/files/${bad}`)).status).toBe(400);
  });

  it('HEAD of a list is that list without its bytes', async () => {
    await put('/files/a/1');
    const [listed, headed] = [await get('/files/a/'), await world.ask('HEAD', '/files/a/')];
    expect([headed.status, headed.body.length]).toEqual([200, 0]);
    expect(headed.headers['content-length']).toBe(listed.headers['content-length']);
    expect((await world.ask('DELETE', '/files/a/')).headers.allow).toBe('GET, HEAD');
  });

  it.each([
    ['/files/../etc/passwd', 'bad-path'],
    ['/files/a/%2e%2e/b', 'bad-path'],
    ['/files/a//b', 'bad-path'],
    ['/files/%00', 'bad-path'],
    ['/files/%zz', 'bad-path'],
    ['/files/%ff', 'bad-path'],
    [`/files/${'x'.repeat(1024)}`, 'bad-path'],
  ])('%s is refused', async (path, code) => {
    for (const method of ['PUT', 'GET']) {
      const refused = await world.ask(method, path, {}, method === 'PUT' ? 'x' : undefined);
      expect([refused.status, json(refused)['code']]).toEqual([400, code]);
    }
  });

  it('an answer in letters of any script is as long as it says', async () => {
    await put('/files/%E2%82%AC%E2%82%AC%E2%82%AC', {}, 'x');
    expect(json(await get('/files/'))['items']).toMatchObject([{ path: '/€€€' }]);
  });

  it('a path is decoded once and normalised once', async () => {
    await put('/files/caf%65%CC%81%20%2525', {}, 'x');
    const listed = json(await get('/files/'))['items'] as { path: string }[];
    expect(listed.map(({ path }) => path)).toEqual(['/café %25']);
    expect((await get('/files/caf%C3%A9%20%2525')).body.toString()).toBe('x');
  });

  it('a type that would break a header is refused, and no answer is broken by one that is stored', async () => {
    expect((await put('/files/a', { 'Content-Type': 'é' })).status).toBe(400);
    expect((await put('/files/a', { 'Content-Type': 'x'.repeat(257) })).status).toBe(400);
    expect((await put('/files/a', { 'X-Modified-Ms': 'yesterday' })).status).toBe(400);
    await new Promise<void>((resolve) => {
      const operation = { kind: 'put', path: '/a', operation: undefined, precondition: undefined } as const;
      const file = { contentType: 'a\r\nb: c', modifiedMs: Number.MAX_SAFE_INTEGER };
      const { door } = world.ring;
      door
        .ask({ ...operation, ...file }, () => ({
          ...{ accept: () => {}, file: () => {}, data: () => {} },
          answer: () => resolve(),
        }))
        .finish('00');
    });
    expect((await get('/files/a')).headers['content-type']).toBe('application/octet-stream');
  });

  it('no file is said to be of the future, and none loses its time', async () => {
    const modifiedMs = Date.now() + 86_400_000;
    await put('/files/a', { 'X-Modified-Ms': String(modifiedMs) });
    const { headers } = await get('/files/a');
    expect(headers['x-modified-ms']).toBe(String(modifiedMs));
    expect(Date.parse(headers['last-modified'] ?? '')).toBeLessThanOrEqual(Date.parse(headers.date ?? ''));
  });

  it('how fresh it must be is linearizable or eventual', async () => {
    await put('/files/a');
    const { door } = world.ring;
    const asked: unknown[] = [];
    world.door = {
      chunkBytes: door.chunkBytes,
      ask(operation, hear) {
        asked.push('consistency' in operation && operation.consistency);
        return door.ask(operation, hear);
      },
    };
    for (const consistency of ['linearizable', 'eventual']) {
      const answer = await get(`/files/a?consistency=${consistency}`);
      expect([answer.status, answer.body.equals(BODY)]).toEqual([200, true]);
      expect((await world.ask('HEAD', `/files/a?consistency=${consistency}`)).status).toBe(200);
    }
    expect(asked).toEqual(['linearizable', 'linearizable', 'eventual', 'eventual']);
    expect((await get('/files/a?consistency=whatever')).status).toBe(400);
  });

  it.each(['http://localhost', 'http://localhost?x', 'HTTP://localhost/', 'http://localhost/healthz'])(
    '%s is absolute, and served',
    async (target) => {
      expect((await world.ask('GET', target)).status).toBe(200);
    },
  );

  it('methods that mean nothing are refused', async () => {
    const refused = await world.ask('PATCH', '/files/a');
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD, PUT, POST, DELETE']);
    expect((await world.ask('DELETE', '/metrics')).status).toBe(405);
    expect((await get('/nowhere')).status).toBe(404);
  });
});
