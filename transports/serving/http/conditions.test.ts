// Conditional requests: what is written, answered or refused for the version that a client names.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Response, World } from './http.test-kit.js';

let world: World;
beforeEach(async () => {
  world = await World.begin();
});
afterEach(() => world.end());

const BODY = Buffer.from('one');
const put = (path: string, headers = {}, body: Buffer | string = BODY): Promise<Response> =>
  world.ask('PUT', path, { headers }, body);
const get = (path: string, headers = {}): Promise<Response> => world.ask('GET', path, { headers });

describe('conditions', () => {
  it('of writes are on the version', async () => {
    await put('/files/a');
    expect((await put('/files/a', { 'If-Match': '"7.1"' }, 'two')).headers.etag).toBe('"7.2"');
    expect((await put('/files/a', { 'If-Match': '"7.1"' }, 'late')).status).toBe(412);
    expect((await put('/files/a', { 'If-None-Match': '*' }, 'new')).status).toBe(412);
    expect((await put('/files/b', { 'If-Match': '*' }, 'new')).status).toBe(412);
    expect((await put('/files/b', { 'If-None-Match': '*' }, 'new')).status).toBe(201);
    expect((await world.ask('DELETE', '/files/a', { headers: { 'If-Match': '"7.1"' } })).status).toBe(412);
    expect((await get('/files/a')).body.toString()).toBe('two');
  });

  it.each([
    ['If-Match', '"none"', 412],
    ['If-Match', '"any"', 412],
    ['If-Match', 'W/"7.1"', 412],
    ['If-Match', `"7.${'0'.repeat(5000)}1"`, 412],
    ['If-Match', '7.1', 400],
    ['If-Match', '"7.1", "7.2"', 400],
    ['If-None-Match', '"7.1"', 400],
    ['If-Unmodified-Since', 'Tue, 14 Nov 2023 22:13:20 GMT', 400],
  ])('a write with %s: %s is answered %i', async (name, value, status) => {
    await put('/files/a');
    expect((await put('/files/a', { [name]: value }, 'two')).status).toBe(status);
    expect((await get('/files/a')).body).toEqual(BODY);
  });

  it('of writes: a time beside a version does not count', async () => {
    await put('/files/a');
    const time = { 'If-Unmodified-Since': 'Tue, 14 Nov 2000 22:13:20 GMT' };
    expect((await put('/files/a', { ...time, 'If-Match': '"7.9"' }, 'late')).status).toBe(412);
    expect((await put('/files/a', { ...time, 'If-Match': '"7.1"' }, 'two')).status).toBe(200);
    expect((await world.ask('DELETE', '/files/a', { headers: { ...time, 'If-Match': '*' } })).status).toBe(204);
  });

  it.each([
    ['"7.1",', 304],
    [', ,\t"x" , W/"7.1"', 304],
    ['"a,b", "7.1"', 304],
    ['"a,"7.1",b"', 400],
    ['"caf\u00e9"', 200],
    ['"7.1" "7.2"', 400],
    ['*, "7.1"', 400],
    [',', 400],
    ['', 400],
  ])('of reads: If-None-Match: %s is answered %i', async (tags, status) => {
    await put('/files/a');
    expect((await get('/files/a', { 'If-None-Match': tags })).status).toBe(status);
  });

  it('of reads', async () => {
    await put('/files/a');
    const unchanged = await get('/files/a', { 'If-None-Match': '"7.9", W/"7.1"' });
    expect([unchanged.status, unchanged.body.length, unchanged.headers.etag]).toEqual([304, 0, '"7.1"']);
    expect((await get('/files/a', { 'If-None-Match': '"7.2"' })).body).toEqual(BODY);
    expect((await get('/files/a', { 'If-Match': '"7.2"' })).status).toBe(412);
    expect((await get('/files/a', { 'If-Match': '"7.2", "7.1"' })).status).toBe(200);
    const head = (headers: Record<string, string>) => world.ask('HEAD', '/files/a', { headers });
    expect((await head({ 'If-None-Match': '*' })).status).toBe(304);
    expect((await head({ 'If-Match': '"8.1"' })).status).toBe(412);
    expect((await get('/files/a', { 'If-Match': 'x' })).status).toBe(400);
  });
});
