// The client against the real servers of both protocols, in front of a real ring of one.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isOperationId } from '../../core/files/operation-ids.js';
import { World as HttpWorld } from '../serving/http/http.test-kit.js';
import { World as TcpWorld } from '../serving/tcp/tcp.test-kit.js';
import { DEFAULT_PATIENCE, type Patience } from './attempts.js';
import { Bridge, type Trouble } from './bridge.test-kit.js';
import { type FileClient, type Opened, ReadBroken } from './client.js';
import { connect } from './connect.js';
import { makeOperationId } from './operation-id.js';
import { saveFile } from './save.js';
import { createServers } from './servers.js';
import { bytesSource, fileSource, streamSource } from './source.js';

const CHUNK_BYTES = 10_000;
/** The property draws no more runs after this: it must end well before its test, or it would go on in the next one's ring. */
const PROPERTY_MS = 15_000;
const TEST_MS = 60_000;
const patience: Patience = { ...DEFAULT_PATIENCE, timeLimitMs: 2_000, pauseMs: 1, pauseMsMax: 5 };
const NEVER = new AbortController().signal;

type World = HttpWorld | TcpWorld;
const urlOf = (world: World): string =>
  world instanceof HttpWorld ? world.url : `tcp://127.0.0.1:${world.port.at.port}`;

vi.setConfig({ testTimeout: TEST_MS });

let beginWorld: () => Promise<World> = () => HttpWorld.begin({ chunkBytes: CHUNK_BYTES });
let world: World;
let folder: string;
const bridges: Bridge[] = [];
const clients: FileClient[] = [];

beforeEach(async () => {
  world = await beginWorld();
  folder = mkdtempSync(join(tmpdir(), 'ppnfs-client-'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const bridge of bridges.splice(0)) await bridge.end();
  await world.end();
  rmSync(folder, { recursive: true });
  expect(world.ring.broken).toBeUndefined();
});

function client(...servers: readonly string[]): FileClient {
  const made = connect(servers.length > 0 ? servers : [urlOf(world)], { patience });
  clients.push(made);
  return made;
}

async function bridge(...troubles: readonly Trouble[]): Promise<Bridge> {
  const made = await Bridge.begin(urlOf(world), ...troubles);
  bridges.push(made);
  return made;
}

async function deadServer(): Promise<string> {
  const gone = await Bridge.begin(urlOf(world));
  const { url } = gone;
  await gone.end();
  return url;
}

async function bytesOf(opened: Opened): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of opened.body) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function fetched(from: FileClient, path: string): Promise<Buffer | string> {
  const opened = await from.get(path);
  return opened.result === 'found' ? bytesOf(opened) : opened.result;
}

/** Log entries of one operation: never more than one, however often it is sent. */
const ordered = (operation: string): number =>
  world.ring.facts.filter((fact) => fact.fact === 'ordered' && fact.entry.proposal.operation === operation).length;

describe.each([
  ['HTTP', () => HttpWorld.begin({ chunkBytes: CHUNK_BYTES })],
  ['TCP', () => TcpWorld.begin({ chunkBytes: CHUNK_BYTES })],
])('over %s', (_, begin) => {
  beforeAll(() => {
    beginWorld = begin;
  });

  describe('a file', () => {
    it('is stored, looked at, read, listed and deleted', async () => {
      const files = client();
      const bytes = randomBytes(4 * CHUNK_BYTES + 7);
      const put = await files.put('/a b/ü.bin', bytesSource(bytes), { contentType: 'image/png', modifiedMs: 1234 });
      expect(put).toMatchObject({ result: 'done', path: '/a b/ü.bin', length: bytes.length });
      const about = { contentType: 'image/png', modifiedMs: 1234, length: bytes.length };
      const stat = await files.stat('/a b/ü.bin');
      expect(stat).toMatchObject({ result: 'found', file: about });
      expect(await fetched(files, '/a b/ü.bin')).toEqual(bytes);
      expect(await files.list({ prefix: '/a' })).toMatchObject({
        result: 'listed',
        items: [{ path: '/a b/ü.bin', ...about }],
        next: undefined,
      });
      expect(await files.delete('/a b/ü.bin')).toMatchObject({ result: 'done', found: true });
      expect(await files.delete('/a b/ü.bin')).toMatchObject({ result: 'done', found: false });
      expect(await files.stat('/a b/ü.bin')).toEqual({ result: 'absent' });
      expect(await files.get('/a b/ü.bin')).toEqual({ result: 'absent' });
    });

    it.each([0, 1, CHUNK_BYTES, 100_000])('of %d bytes comes from a file and from a stream', async (length) => {
      const files = client();
      const bytes = randomBytes(length);
      writeFileSync(join(folder, 'source'), bytes);
      expect(await files.put('/file', fileSource(join(folder, 'source'), length))).toMatchObject({ result: 'done' });
      const stream = await streamSource(Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]), 100_000);
      expect(await files.put('/stream', stream)).toMatchObject({ result: 'done', length });
      expect(await fetched(files, '/file')).toEqual(bytes);
      expect(await fetched(files, '/stream')).toEqual(bytes);
    });

    it('is read in part', async () => {
      const files = client();
      const bytes = randomBytes(5_000);
      await files.put('/a', bytesSource(bytes));
      const opened = (await files.get('/a', { range: { from: 1_500, to: 3_100 } })) as Opened;
      expect(opened).toMatchObject({ fromByte: 1_500, toByte: 3_100, file: { length: 5_000 } });
      expect(await bytesOf(opened)).toEqual(bytes.subarray(1_500, 3_100));
      expect(await files.get('/a', { range: { from: 6_000, to: undefined } })).toMatchObject({ code: 'bad-range' });
    });

    it('is listed in pages', async () => {
      const files = client();
      for (const name of ['a', 'b', 'c']) await files.put(`/p/${name}`, bytesSource(Buffer.from(name)));
      const page = await files.list({ prefix: '/p/', limit: 2 });
      expect(page).toMatchObject({ items: [{ path: '/p/a' }, { path: '/p/b' }], next: '/p/b' });
      expect(await files.list({ prefix: '/p/', after: '/p/b' })).toMatchObject({ items: [{ path: '/p/c' }] });
    });

    it('is replaced or deleted only if it is as it should be', async () => {
      const files = client();
      const first = await files.put('/a', bytesSource(Buffer.from('1')), { condition: { kind: 'absent' } });
      const version = first.result === 'done' ? first.version : '';
      const refused = { result: 'refused', code: 'precondition-failed' };
      expect(await files.put('/a', bytesSource(Buffer.from('2')), { condition: { kind: 'absent' } })).toMatchObject(
        refused,
      );
      const other = { kind: 'version', version: '1.999' } as const;
      expect(await files.delete('/a', { condition: other })).toMatchObject(refused);
      expect(await files.put('/b', bytesSource(Buffer.from('2')), { condition: { kind: 'present' } })).toMatchObject(
        refused,
      );
      expect(await files.delete('/a', { condition: { kind: 'version', version } })).toMatchObject({ result: 'done' });
    });
  });

  describe('when servers fail', () => {
    it('another one is asked', async () => {
      const files = client(await deadServer(), urlOf(world));
      expect(await files.put('/a', bytesSource(Buffer.from('x')))).toMatchObject({ result: 'done' });
      expect(await fetched(files, '/a')).toEqual(Buffer.from('x'));
    });

    it('and nobody is left, that is said soon', async () => {
      const files = client(await deadServer(), await deadServer());
      const refused = { result: 'refused', code: 'no-server' };
      expect(await files.put('/a', bytesSource(Buffer.from('x')))).toMatchObject(refused);
      expect(await files.get('/a')).toMatchObject(refused);
      expect(await files.delete('/a')).toMatchObject(refused);
    });

    it('a server between two lives is passed over', async () => {
      const other = await beginWorld();
      other.door = undefined;
      const files = client(urlOf(other), urlOf(world));
      expect(await files.put('/a', bytesSource(Buffer.from('x')))).toMatchObject({ result: 'done' });
      await other.end();
    });

    it('a put whose answer was lost is repeated, and happens once', async () => {
      const breaking = await bridge({ cutDownAt: 1 });
      const files = client(breaking.url, urlOf(world));
      const operation = makeOperationId();
      const put = await files.put('/a', bytesSource(randomBytes(3_000)), { operation });
      expect(put).toMatchObject({ result: 'done', operation });
      expect(breaking.connections).toBe(1);
      expect(ordered(operation)).toBe(1);
    });

    it('a put whose answer stays lost is unknown; repeated with its id it gets the first outcome', async () => {
      const breaking = await bridge(...Array.from({ length: 200 }, () => ({ cutDownAt: 1 })));
      const bytes = randomBytes(3_000);
      const lost = await client(breaking.url).put('/a', bytesSource(bytes), { modifiedMs: 1 });
      expect(lost).toMatchObject({ result: 'unknown', code: 'no-answer' });
      const operation = lost.result === 'unknown' ? lost.operation : '';
      const again = await client().put('/a', bytesSource(bytes), { operation, modifiedMs: 1 });
      expect(again).toMatchObject({ result: 'done', operation });
      expect(ordered(operation)).toBe(1);
    });

    it('a body that did not go out whole has done nothing, and it is known', async () => {
      const breaking = await bridge({ cutUpAt: 150_000 });
      // Larger than what is kept of it, so that it cannot be sent again, and than what a network swallows.
      const stream = await streamSource(Readable.from(Array.from({ length: 500 }, () => randomBytes(100_000))), 50_000);
      const put = await client(breaking.url, urlOf(world)).put('/a', stream);
      expect(put).toMatchObject({ result: 'refused', code: 'no-answer' });
      expect(await client().stat('/a')).toEqual({ result: 'absent' });
    });

    it('a download goes on at another server, at the byte where it broke', async () => {
      const bytes = randomBytes(200_000);
      await client().put('/a', bytesSource(bytes));
      const [breaking, whole] = [await bridge({ cutDownAt: 50_000 }), await bridge()];
      expect(await fetched(client(breaking.url, whole.url), '/a')).toEqual(bytes);
      expect(breaking.bytesDown + whole.bytesDown).toBeLessThan(bytes.length + CHUNK_BYTES + 4_000);
    });

    it('and the file was replaced meanwhile, nobody gets a mixture', async () => {
      const [old, fresh] = [randomBytes(200_000), randomBytes(100_000)];
      const replace = () => client().put('/a', bytesSource(fresh));
      await client().put('/a', bytesSource(old));
      const opened = (await client((await bridge({ cutDownAt: 50_000, onCut: replace })).url).get('/a')) as Opened;
      await expect(bytesOf(opened)).rejects.toThrow(ReadBroken);
      await client().put('/a', bytesSource(old));
      const target = join(folder, 'a');
      const breaking = await bridge({ cutDownAt: 50_000, onCut: replace });
      expect(await saveFile(client(breaking.url), '/a', target, { signal: NEVER })).toMatchObject({ result: 'done' });
      expect(readFileSync(target)).toEqual(fresh);
    });
  });

  it(
    'whatever breaks, a put that is done is there, one that is refused is not, and an unknown one can be asked for',
    async () => {
      let count = 0;
      const cut = fc.record({ up: fc.option(fc.nat(9_000)), down: fc.option(fc.nat(400)) }).map(
        ({ up, down }): Trouble => ({
          ...(up !== null && { cutUpAt: up + 1 }),
          ...(down !== null && { cutDownAt: down + 1 }),
        }),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(cut, { maxLength: 4 }),
          fc.nat(8_000),
          fc.boolean(),
          async (cuts, length, isStream) => {
            const path = `/${count++}`;
            const bytes = randomBytes(length);
            const source = isStream ? await streamSource(Readable.from([bytes]), 2_000) : bytesSource(bytes);
            const breaking = await bridge(...cuts);
            const put = await client(breaking.url).put(path, source, { modifiedMs: 1 });
            const there = await fetched(client(), path);
            if (put.result === 'done') expect(there).toEqual(bytes);
            if (put.result === 'refused') expect(there).toBe('absent');
            if (put.result === 'unknown') {
              const { operation } = put;
              const again = await client().put(path, bytesSource(bytes), { operation, modifiedMs: 1 });
              expect(again).toMatchObject({ result: 'done' });
            }
          },
        ),
        { numRuns: 40, interruptAfterTimeLimit: PROPERTY_MS, markInterruptAsFailure: false },
      );
    },
    TEST_MS,
  );

  describe('what arrives', () => {
    it('is checked, and a file is not saved before it is right', async () => {
      const bytes = randomBytes(50_000);
      await client().put('/a', bytesSource(bytes));
      const lying = await bridge({ corruptDownAt: 20_000 }, { corruptDownAt: 20_000 });
      const opened = (await client(lying.url).get('/a')) as Opened;
      await expect(bytesOf(opened)).rejects.toThrow('SHA-256');
      const target = join(folder, 'a');
      expect(await saveFile(client(lying.url), '/a', target, { signal: NEVER })).toMatchObject({ result: 'done' });
      expect(readFileSync(target)).toEqual(bytes);
    });

    it('is a file with its time, or nothing: what was there stays, and no part is left', async () => {
      const target = join(folder, 'a');
      writeFileSync(target, 'old');
      const bytes = randomBytes(50_000);
      await client().put('/a', bytesSource(bytes), { modifiedMs: 1_600_000_000_123 });
      const breaking = await bridge(...Array.from({ length: 100 }, () => ({ cutDownAt: 300 })));
      expect(await saveFile(client(breaking.url), '/a', target, { signal: NEVER })).toMatchObject({
        result: 'refused',
      });
      expect(readFileSync(target, 'utf8')).toBe('old');
      expect(readdirSync(folder)).toEqual(['a']);
      expect(await saveFile(client(), '/a', target, { signal: NEVER })).toMatchObject({ result: 'done' });
      expect(statSync(target).mtimeMs).toBeCloseTo(1_600_000_000_123, 0);
      expect(readdirSync(folder)).toEqual(['a']);
    });

    it('is given up when that is wished, and nothing is left', async () => {
      await client().put('/a', bytesSource(randomBytes(500_000)));
      const stop = new AbortController();
      const onProgress = (): void => stop.abort();
      const saved = await saveFile(client(), '/a', join(folder, 'a'), { signal: stop.signal, onProgress });
      expect(saved).toMatchObject({ result: 'refused', code: 'interrupted' });
      expect(readdirSync(folder)).toEqual([]);
    });

    it('cannot be saved where there is no folder, and it is said', async () => {
      await client().put('/a', bytesSource(randomBytes(5)));
      writeFileSync(join(folder, 'file'), 'no folder');
      for (const place of ['no', 'file']) {
        const asked = await bridge();
        const saved = await saveFile(client(asked.url), '/a', join(folder, place, 'a'), { signal: NEVER });
        expect(saved).toMatchObject({ result: 'refused', code: 'target-unwritable' });
        // Nobody was made to send what cannot be taken.
        expect(asked.connections).toBe(0);
      }
      expect(await saveFile(client(), '/none', join(folder, 'none'), { signal: NEVER })).toEqual({ result: 'absent' });
      expect(readdirSync(folder)).toEqual(['file']);
    });
  });

  describe('what is sent', () => {
    it.each([
      ['grew', 2_000],
      ['shrank', 500],
    ])('is no file that %s meanwhile', async (_, nowBytes) => {
      writeFileSync(join(folder, 'source'), randomBytes(nowBytes));
      const put = await client().put('/a', fileSource(join(folder, 'source'), 1_000));
      expect(put).toMatchObject({ result: 'refused', code: 'source-changed' });
      expect(await client().stat('/a')).toEqual({ result: 'absent' });
    });

    it('must be readable', async () => {
      const put = await client().put('/a', fileSource(join(folder, 'nothing'), 1_000));
      expect(put).toMatchObject({ result: 'refused', code: 'source-unreadable' });
    });

    it('is given up when that is wished, and leaves nothing', async () => {
      const stop = new AbortController();
      const slow = Readable.from(
        (async function* () {
          yield randomBytes(3_000);
          stop.abort();
          yield randomBytes(3_000);
        })(),
      );
      const put = await client().put('/a', await streamSource(slow, 1_000), { signal: stop.signal });
      expect(put).toMatchObject({ result: 'refused', code: 'interrupted' });
      expect(await client().stat('/a')).toEqual({ result: 'absent' });
    });
  });
});

it('whoever is no server of a ring is found out', async () => {
  const stranger = createServer((_, response) => response.end('<html>'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const files = client(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}`);
  const refused = { result: 'refused', code: 'not-a-ring' };
  expect(await files.get('/a')).toMatchObject(refused);
  expect(await files.list({ prefix: '/' })).toMatchObject(refused);
  stranger.closeAllConnections();
  stranger.close();
});

it('a server named twice is one', () => {
  expect(createServers(['a', 'b', 'a'], 1).count).toBe(2);
});

it('operation ids are UUIDv7 of this moment', () => {
  const now = Date.now();
  for (let i = 0; i < 100; i++) expect(isOperationId(makeOperationId(now), now, 0)).toBe(true);
  expect(isOperationId(makeOperationId(now + 1), now, 0)).toBe(false);
});
