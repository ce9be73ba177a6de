// A client against servers that say what each test wants: windows, repeating, giving up, and what it then believes.
import { describe, expect, it } from 'vitest';
import type { Manifest, Outcome } from '../../core/file.js';
import type { Answer } from '../../core/output.js';
import type { ClientAction } from '../scenario/scenario.js';
import type { ClientMessage, ClientOutput } from '../world-api.js';
import { Client, type ClientSetting } from './client.js';
import { ContentBook, contentChunk } from './content.js';
import { FakeWorld } from './fake-world.test-kit.js';
import type { OperationRecord } from './operation.js';

const version = { epoch: 1, sequence: 1 };
const stored: Outcome = { result: 'stored', version, upload: 'u' };
const put: Extract<ClientAction, { kind: 'put' }> = {
  kind: 'put',
  path: '/a',
  content: { kind: 'imaginary', size: { minBytes: 250, maxBytes: 250 } },
  precondition: undefined,
  abandonAfterBytes: undefined,
  clientBytesPerSecond: undefined,
};
const get: Extract<ClientAction, { kind: 'get' }> = {
  kind: 'get',
  path: '/a',
  fromByte: 0,
  toByte: undefined,
  clientBytesPerSecond: undefined,
};

function bench(retries = 3) {
  const world = new FakeWorld(['n1', 'n2', 'n3', 'n4']);
  const contents = new ContentBook();
  const wrong: string[] = [];
  const ended: OperationRecord[] = [];
  let order = 0;
  const setting: ClientSetting = {
    world,
    contents,
    watcher: {
      operationCalled: () => undefined,
      operationEnded: (record) => ended.push(record),
      bytesWrong: (_, problem) => wrong.push(problem),
    },
    chunkBytes: 100,
    timeoutUs: 1_000_000,
    retries,
    listPageMax: 10,
    nextOrder: () => {
      order += 1;
      return order;
    },
  };
  const client = new Client(setting, 'c1');
  const run = (action: ClientAction, first = 'n1'): OperationRecord =>
    client.run({ order: { purpose: 'step', name: undefined, action }, first, among: undefined }, () => undefined);
  const toldKinds = () => world.told.map(({ server, message }) => `${server} ${message.kind}`);
  const requests = () =>
    world.told.flatMap(({ server, message }) => (message.kind === 'client-request' ? [{ server, ...message }] : []));
  return { world, contents, wrong, ended, run, toldKinds, requests };
}

const answer = (message: ClientMessage, what: Answer): ClientOutput => ({
  kind: 'answer',
  request: message.request,
  answer: what,
});

describe('a put', () => {
  it('sends as many chunks as are accepted, then the end, and is stored', () => {
    const { world, run, toldKinds } = bench();
    world.reply = (_, message, say) => {
      if (message.kind === 'client-request') say({ kind: 'client-accept', request: message.request, chunks: 2 });
      if (message.kind === 'client-chunk' && message.chunk.index === 1) {
        expect(toldKinds().filter((kind) => kind === 'n1 client-chunk')).toHaveLength(2);
        say({ kind: 'client-accept', request: message.request, chunks: 2 });
      }
      if (message.kind === 'client-end') {
        expect(message.length).toBe(250);
        say(answer(message, { result: 'done', operation: 'o', outcome: stored }));
      }
    };
    const record = run(put);
    world.runUntil(10);
    expect(record.answer).toEqual({ result: 'done', outcome: stored });
    expect(toldKinds()).toEqual(
      ['client-request', ...Array(3).fill('client-chunk'), 'client-end'].map((k) => `n1 ${k}`),
    );
    const lengths = world.told.flatMap(({ message }) => (message.kind === 'client-chunk' ? message.chunk.length : []));
    expect(lengths).toEqual([100, 100, 50]);
    expect([record.call, record.end]).toEqual([1, 2]);
  });

  it('without a byte sends its end at once', () => {
    const { world, run, toldKinds } = bench();
    run({ ...put, content: { kind: 'imaginary', size: { minBytes: 0, maxBytes: 0 } } });
    world.runUntil(10);
    expect(toldKinds()).toEqual(['n1 client-request', 'n1 client-end']);
  });

  it('keeps to its own pace, and does not lose patience with a server that waits for it', () => {
    const { world, run, toldKinds } = bench();
    world.reply = (_, message, say) => {
      if (message.kind === 'client-request') say({ kind: 'client-accept', request: message.request, chunks: 9 });
    };
    run({ ...put, clientBytesPerSecond: 40 });
    world.runUntil(2_499_999);
    expect(toldKinds()).toEqual(['n1 client-request']);
    world.runUntil(6_250_000);
    expect(toldKinds().slice(-1)).toEqual(['n1 client-end']);
  });

  it('goes away midway when it is to, without an end', () => {
    const { world, run, toldKinds } = bench();
    world.reply = (_, message, say) => {
      if (message.kind === 'client-request') say({ kind: 'client-accept', request: message.request, chunks: 9 });
    };
    const record = run({ ...put, abandonAfterBytes: 150 });
    world.runUntil(10);
    expect(record.answer).toEqual({ result: 'abandoned' });
    expect(toldKinds().slice(1)).toEqual(['n1 client-chunk', 'n1 client-chunk', 'n1 client-gone']);
  });
});

describe('repeating', () => {
  const remove: ClientAction = { kind: 'delete', path: '/a', precondition: undefined };

  it('tries another server with the same operation id after a passing refusal', () => {
    const { world, run, requests } = bench();
    world.reply = (server, message, say) => {
      const isFirst = server === 'n1';
      if (isFirst) say(answer(message, { result: 'refused', code: 'busy' }));
      else say(answer(message, { result: 'done', operation: 'o', outcome: { result: 'deleted', found: true } }));
    };
    const record = run(remove);
    world.runUntil(1_000_000);
    expect(record.answer?.result).toBe('done');
    expect(record.attempts).toBe(2);
    const [first, second] = requests();
    expect(second?.server).not.toBe('n1');
    expect(second?.operation).toEqual(first?.operation);
  });

  it('believes a refusal that will not pass', () => {
    const { world, run } = bench();
    world.reply = (_, message, say) => say(answer(message, { result: 'refused', code: 'bad-path' }));
    const record = run(remove);
    world.runUntil(10);
    expect(record.answer).toEqual({ result: 'refused', code: 'bad-path' });
  });

  it('stays in the dark when it is refused after an attempt that may have happened', () => {
    const { world, run } = bench(1);
    world.reply = (server, message, say) => {
      if (server === 'n1') say(answer(message, { result: 'unknown', code: 'timeout', operation: 'o' }));
      else say(answer(message, { result: 'refused', code: 'too-few-replicas' }));
    };
    const record = run(remove);
    world.runUntil(1_000_000);
    expect(record.answer).toEqual({ result: 'unknown', code: 'too-few-replicas' });
  });

  it('knows that a put without its end did not happen, and one with it may have', () => {
    const refused = bench(0);
    const first = refused.run(put);
    refused.world.runUntil(5);
    refused.world.crash('n1');
    refused.world.runUntil(10);
    expect(first.answer).toEqual({ result: 'refused', code: 'unavailable' });

    const dark = bench(0);
    dark.world.reply = (_, message, say) => {
      if (message.kind === 'client-request') say({ kind: 'client-accept', request: message.request, chunks: 9 });
    };
    const second = dark.run(put);
    dark.world.runUntil(5);
    dark.world.crash('n1');
    dark.world.runUntil(10);
    expect(second.answer).toEqual({ result: 'unknown', code: 'unavailable' });
  });

  it('gives an attempt up after the timeout, says so, and asks elsewhere', () => {
    const { world, run, toldKinds, requests } = bench(1);
    const record = run(remove);
    world.runUntil(1_000_000);
    expect(toldKinds()).toEqual(['n1 client-request', 'n1 client-gone']);
    world.runUntil(5_000_000);
    expect(requests()).toHaveLength(2);
    expect(record.answer).toEqual({ result: 'unknown', code: 'timeout' });
    expect(record.end).toBe(2);
  });

  it('does not wait for a server that is down', () => {
    const { world, run } = bench();
    world.crash('n1');
    world.reply = (_, message, say) => say(answer(message, { result: 'absent' }));
    const record = run({ kind: 'stat', path: '/a' });
    world.runUntil(200_000);
    expect(record.answer).toEqual({ result: 'absent' });
    expect(record.server).not.toBe('n1');
  });
});

describe('a get', () => {
  function reading(chunks: (manifest: Manifest, contents: ContentBook) => readonly [number, number, number][]) {
    const parts = bench(0);
    const content = parts.contents.imaginary('x', 250);
    const manifest: Manifest = {
      upload: 'u',
      length: 250,
      chunkBytes: 100,
      sha256: content.sha256,
      contentType: '',
      modifiedMs: 0,
    };
    parts.world.reply = (_, message, say) => {
      if (message.kind !== 'client-ready' || parts.world.told.length > 2) return;
      const { request } = message;
      say({ kind: 'client-file', request, version, manifest, fromByte: 0, toByte: 250 });
      for (const [index, from, to] of chunks(manifest, parts.contents)) {
        const chunk = { upload: 'u', ...contentChunk(content, index, 100) };
        say({ kind: 'client-data', request, chunk, from, to });
      }
      say(answer(message, { result: 'delivered' }));
    };
    const record = parts.run(get);
    parts.world.runUntil(10);
    return { ...parts, record };
  }

  it('takes the bytes in order and says when it is ready for more', () => {
    const { record, wrong, world } = reading(() => [
      [0, 0, 100],
      [1, 0, 100],
      [2, 0, 50],
    ]);
    expect(wrong).toEqual([]);
    expect(record.answer).toMatchObject({ result: 'delivered', bytes: 250, version });
    expect(world.told[1]?.message).toMatchObject({ kind: 'client-ready', chunks: 4 });
  });

  it.each([
    [
      'a gap',
      [
        [0, 0, 100],
        [2, 0, 50],
      ],
      'bytes from 200 came where bytes from 100 belong',
    ],
    [
      'a repetition',
      [
        [0, 0, 100],
        [0, 0, 100],
      ],
      'bytes from 0 came where bytes from 100 belong',
    ],
    ['an early end', [[0, 0, 100]], 'delivered, but the bytes end at 100 instead of 250'],
    [
      'too much',
      [
        [0, 0, 100],
        [1, 0, 100],
        [2, 0, 60],
      ],
      'do not lie in what was asked for',
    ],
  ] as const)('sees %s', (_, chunks, problem) => {
    const { wrong } = reading(() => chunks.map(([index, from, to]) => [index, from, to]));
    expect(wrong.join('\n')).toContain(problem);
  });
});
