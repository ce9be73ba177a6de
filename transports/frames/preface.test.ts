// Who is there, and which version is spoken: told by the first sixteen bytes.
import { describe, expect, it } from 'vitest';
import { commonVersion, encodePreface, PrefaceReader } from './preface.js';
import { Violation } from './violation.js';

const preface = { versions: { lowest: 2, highest: 3 }, role: 'ring' } as const;
const bytes = encodePreface(preface);

function read(...pieces: readonly Uint8Array[]): unknown {
  const reader = new PrefaceReader();
  let last: unknown;
  for (const piece of pieces) {
    last = reader.feed(piece);
    if (last !== undefined) break;
  }
  return last;
}

describe('a preface', () => {
  it('is read whole', () => {
    expect(read(bytes)).toEqual({ preface, used: 16 });
  });

  it('is read byte by byte', () => {
    expect(read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual({ preface, used: 1 });
  });

  it('leaves alone what is behind it', () => {
    expect(read(bytes.subarray(0, 10), Buffer.concat([bytes.subarray(10), Buffer.from('frames')]))).toEqual({
      preface,
      used: 6,
    });
  });

  it('tells clients from servers', () => {
    const client = { versions: { lowest: 1, highest: 1 }, role: 'client' } as const;
    expect(read(encodePreface(client))).toEqual({ preface: client, used: 16 });
  });

  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\n', 'foreign', 'looks like an HTTP request'],
    ['TLS', '\x16\x03\x01\x02\x00', 'foreign', 'looks like TLS'],
    ['anything', '\x00\x01', 'foreign', 'it begins with 0001'],
    ['translated line ends', '\x89PPNFS\n\n', 'foreign', 'it begins with 895050'],
    ['a role of another time', '\x89PPNFS\r\n\0\x01\0\x01\x63\0\0\0', 'role', 'role 99'],
    ['versions upside down', '\x89PPNFS\r\n\0\x02\0\x01\x01\0\0\0', 'malformed', 'versions 2 to 1'],
  ])('is not %s', (_, text, code, why) => {
    const violation = read(Buffer.from(text, 'latin1'));
    expect(violation).toBeInstanceOf(Violation);
    expect(violation).toMatchObject({ code, why: expect.stringContaining(why) });
  });

  it('is known for foreign by its first byte', () => {
    expect(read(Buffer.from('H'))).toBeInstanceOf(Violation);
  });
});

describe('the version spoken', () => {
  it.each([
    ['the same', [1, 1], [1, 1], 1],
    ['a newer peer', [1, 2], [2, 3], 2],
    ['an older peer', [2, 3], [1, 2], 2],
    ['the highest of several', [1, 4], [2, 9], 4],
  ])('%s', (_, [a = 0, b = 0], [c = 0, d = 0], version) => {
    expect(commonVersion({ lowest: a, highest: b }, { lowest: c, highest: d })).toBe(version);
  });

  it('none in common is said with both sides named', () => {
    expect(commonVersion({ lowest: 1, highest: 2 }, { lowest: 3, highest: 4 })).toEqual(
      new Violation('version', 'the peer speaks versions 3 to 4, this server 1 to 2'),
    );
  });
});
