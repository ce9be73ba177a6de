// The door in front of the real core, in a ring of one: what goes in, which words come back, and when.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import type { ClientOperation } from '../../core/input.js';
import type { ClientInput } from '../../core/ports.js';
import { createConversations } from './conversations.js';
import type { Conversation, LastWord, OpenedFile } from './door.js';
import { RingOfOne } from './ring-of-one.test-kit.js';

const rings: RingOfOne[] = [];
afterEach(() => {
  for (const ring of rings.splice(0)) ring.end();
});

async function found(): Promise<RingOfOne> {
  const ring = await RingOfOne.begin();
  rings.push(ring);
  return ring;
}

/** A client that remembers all it heard. */
interface Heard {
  conversation: Conversation;
  credits: number;
  opened: OpenedFile | undefined;
  readonly pieces: Buffer[];
  readonly answers: LastWord[];
  /** Resolves with its first answer. */
  readonly answered: Promise<LastWord>;
}

function ask({ door }: Pick<RingOfOne, 'door'>, operation: ClientOperation): Heard {
  let resolve: (answer: LastWord) => void = () => {};
  const answered = new Promise<LastWord>((done) => {
    resolve = done;
  });
  const heard: Omit<Heard, 'conversation'> = { credits: 0, opened: undefined, pieces: [], answers: [], answered };
  const conversation = door.ask(operation, () => ({
    accept: (chunks) => {
      heard.credits += chunks;
    },
    file: (opened) => {
      heard.opened = opened;
    },
    data: (bytes) => heard.pieces.push(bytes),
    answer: (answer) => {
      heard.answers.push(answer);
      resolve(answer);
    },
  }));
  return Object.assign(heard, { conversation });
}

const put = (path: string): ClientOperation => ({
  ...{ kind: 'put', path, operation: undefined, precondition: undefined, contentType: 'text/plain', modifiedMs: 5 },
});
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const BODY = Buffer.from('abcdefghij'.repeat(250));

function store(ring: RingOfOne, path: string, body = BODY): Heard {
  const client = ask(ring, put(path));
  for (let at = 0; at < body.length; at += 1000) client.conversation.send(body.subarray(at, at + 1000));
  client.conversation.finish(sha256(body));
  return client;
}

it('a file goes in as chunks and comes back as the same buffers', async () => {
  const ring = await found();
  expect(ring.door.chunkBytes).toBe(1000);
  const writer = store(ring, '/a');
  expect(writer.credits).toBe(16);
  expect(await writer.answered).toMatchObject({ result: 'done', outcome: { result: 'stored' } });

  const reader = ask(ring, { kind: 'get', path: '/a', from: 0, to: undefined });
  expect(reader.opened?.manifest).toMatchObject({ length: 2500, sha256: sha256(BODY), contentType: 'text/plain' });
  expect(reader.pieces).toEqual([]);
  reader.conversation.ready(2);
  await expect.poll(() => reader.pieces.map(({ length }) => length)).toEqual([1000, 1000]);
  reader.conversation.ready(2);
  expect(await reader.answered).toEqual({ result: 'delivered' });
  expect(Buffer.concat(reader.pieces)).toEqual(BODY);
  expect(reader.answers.length).toBe(1);
});

it('a range is cut out of its chunks', async () => {
  const ring = await found();
  await store(ring, '/a').answered;
  const reader = ask(ring, { kind: 'get', path: '/a', from: 990, to: 2010 });
  reader.conversation.ready(8);
  await reader.answered;
  expect(reader.opened).toMatchObject({ fromByte: 990, toByte: 2010 });
  expect(Buffer.concat(reader.pieces)).toEqual(BODY.subarray(990, 2010));
});

it('a chunk names its place, its length and its checksum', () => {
  const posted: ClientInput[] = [];
  const { door } = createConversations(
    (input) => posted.push(input),
    () => 4,
  );
  const { conversation } = ask({ door }, put('/a'));
  conversation.send(Buffer.from('abcd'));
  conversation.send(Buffer.from('ef'));
  conversation.finish('00');
  expect(posted.slice(1)).toEqual([
    {
      ...{ kind: 'client-chunk', request: 'c1' },
      chunk: { upload: '', index: 0, length: 4, checksum: crc32('abcd'), payload: Buffer.from('abcd') },
    },
    {
      ...{ kind: 'client-chunk', request: 'c1' },
      chunk: { upload: '', index: 1, length: 2, checksum: crc32('ef'), payload: Buffer.from('ef') },
    },
    { kind: 'client-end', request: 'c1', length: 6, sha256: '00' },
  ]);
});

it('whoever goes away hears nothing more, and its upload leaves nothing', async () => {
  const ring = await found();
  const client = ask(ring, put('/a'));
  client.conversation.send(BODY.subarray(0, 1000));
  expect(ring.keptBytes).toBe(1000);
  client.conversation.leave();
  client.conversation.send(BODY.subarray(1000, 2000));
  client.conversation.finish(sha256(BODY));
  expect(client.answers).toEqual([]);
  expect(ring.facts.map(({ fact }) => fact)).toContain('upload-abandoned');
  expect(ask(ring, { kind: 'stat', path: '/a' }).answers).toEqual([{ result: 'absent' }]);
});

it('when a life ends everybody is told so once, and whoever asks later, too', async () => {
  const ring = await found();
  ring.hold();
  const early = store(ring, '/a');
  expect(early.answers).toEqual([]);
  ring.end();
  ring.letGo();
  expect(early.answers).toEqual([{ result: 'lost' }]);
  expect(store(ring, '/b').answers).toEqual([{ result: 'lost' }]);
});

it('a refusal is an answer like any other', async () => {
  const ring = await found();
  expect(ask(ring, put('/../etc')).answers).toEqual([{ result: 'refused', code: 'bad-path' }]);
  expect(ask(ring, { kind: 'stat', path: '/none' }).answers).toEqual([{ result: 'absent' }]);
});
