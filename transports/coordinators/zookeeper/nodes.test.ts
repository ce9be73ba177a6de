// Keys are paths that ZooKeeper takes; values are bytes that people can read.
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { valuesOfAllKinds, view } from '../../../core/conformance/coordinator-values.test-kit.js';
import { livesKey, memberKey, statisticsKey, VIEW_KEY } from '../../../core/coordinator-port.js';
import { bytesOf, keyOf, pathOf, valueIn } from './nodes.js';

describe('a key', () => {
  it.each([
    [VIEW_KEY, '/r/view'],
    [livesKey('n1'), '/r/lives/n1'],
    [memberKey('rack-2.host_7'), '/r/members/rack-2.host_7'],
    [statisticsKey('größe'), '/r/statistics/gr%C3%B6%C3%9Fe'],
    [memberKey('.'), '/r/members/%2E'],
    [memberKey('..'), '/r/members/%2E%2E'],
    [memberKey('a%b\u0000'), '/r/members/a%25b%00'],
  ])('%s stands at %s', (key, path) => {
    expect(pathOf('/r', key)).toBe(path);
    expect(keyOf('/r', path)).toBe(key);
  });

  it('of somebody else’s znode is its name', () => {
    expect(keyOf('/r', '/r/members/100%')).toBe('members/100%');
  });
});

describe('a value', () => {
  it.each(valuesOfAllKinds.map((value) => [value.kind, value]))('of kind %s comes back as it was', (_, value) => {
    expect(valueIn(bytesOf(value))).toStrictEqual(value);
  });

  it('shows bytes sent to whoever looks', () => {
    const statistics = { member: 'n1', incarnation: 3, sentBytes: 1_000_000, receivedBytes: 7, atMs: 1 };
    expect(String(bytesOf({ kind: 'statistics', statistics }))).toContain('"sentBytes":1000000');
  });

  it('shows a view with a line for each member and each chain', () => {
    const lines = String(bytesOf({ kind: 'view', view })).split('\n');
    expect(lines).toContain('  {"id":"a","incarnation":1,"address":"a:1"},');
    expect(lines).toContain('  {"members":["a","b"],"learners":["c"],"lost":[]}');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['words', Buffer.from('hello')],
    ['half of a compressed one', deflateSync(Buffer.from('{"kind":"lives","count":1}')).subarray(0, 9)],
    ['one that swells', deflateSync(Buffer.alloc(65 * 1024 * 1024, ' '))],
  ])('is not seen in %s', (_, bytes) => {
    expect(() => valueIn(bytes)).toThrow();
  });
});
