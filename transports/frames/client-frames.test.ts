// Every frame of the client protocol arrives as it was sent, and only from the side that may say it.
import { describe, expect, it } from 'vitest';
import {
  type ClientFrame,
  clientHead,
  clientKinds,
  readClientFrame,
  readServerFrame,
  type ServerFrame,
} from './client-frames.js';
import { makeHead, OPTIONAL, rawFrame } from './header.js';
import { kinds } from './kinds.js';
import { Violation } from './violation.js';

const write = { path: '/größer', operation: 'id', precondition: '7.12' } as const;
const version = { epoch: 7, sequence: 12 };
const manifest = { upload: 'n1.1.1', length: 5, chunkBytes: 4, sha256: 'ab', contentType: 'a/b', modifiedMs: 1 };
const file = { version, manifest };

const fromClient: readonly ClientFrame[] = [
  { kind: 'put', ...write, contentType: 'text/plain', modifiedMs: 1_700_000_000_000, length: 5 },
  { kind: 'put', path: '/a', operation: undefined, precondition: 'none', contentType: '', modifiedMs: -1, length: 0 },
  { kind: 'delete', ...write },
  { kind: 'get', path: '/a', from: 1, to: 2, version: '7.12', consistency: 'eventual' },
  { kind: 'get', path: '/a', from: 0, to: undefined, version: undefined, consistency: 'linearizable' },
  { kind: 'stat', path: 'not a path', consistency: 'linearizable' },
  { kind: 'list', prefix: '/a', after: '', limit: 3 },
  { kind: 'piece', bytes: Buffer.from('abc') },
  { kind: 'end', sha256: 'ab' },
  { kind: 'end', sha256: undefined },
  { kind: 'give-up' },
];
const fromServer: readonly ServerFrame[] = [
  { kind: 'piece', bytes: Buffer.from('abc') },
  { kind: 'accept', bytes: 4_194_304, pieceBytes: 262_144 },
  { kind: 'opened', file, fromByte: 1, toByte: 2 },
  { kind: 'answer', answer: { result: 'done', operation: 'id', outcome: { result: 'deleted', found: false } } },
  { kind: 'answer', answer: { result: 'found', file } },
  { kind: 'answer', answer: { result: 'absent' } },
  { kind: 'answer', answer: { result: 'delivered' } },
  { kind: 'answer', answer: { result: 'listed', items: [{ path: '/a', file }], more: true } },
  { kind: 'answer', answer: { result: 'refused', code: 'busy', detail: 'try again' } },
  { kind: 'answer', answer: { result: 'unknown', code: 'lost', detail: 'look', operation: undefined } },
];

const raw = (frame: ClientFrame | ServerFrame) =>
  rawFrame(clientHead(frame), frame.kind === 'piece' ? frame.bytes : undefined);
const told = (type: number, control: string, flags = 0) =>
  readClientFrame(rawFrame(makeHead({ type, flags, epoch: 0, control, payloadBytes: 0 }), undefined));

describe('frames', () => {
  it.each(fromClient.map((frame) => [frame.kind, frame] as const))('of a client: %s', (_, frame) => {
    expect(readClientFrame(raw(frame))).toStrictEqual(frame);
  });

  it.each(fromServer.map((frame) => [frame.kind, frame] as const))('of a server: %s', (_, frame) => {
    expect(readServerFrame(raw(frame))).toStrictEqual(frame);
  });

  it('have numbers of their own, above those of the ring', () => {
    const types = Object.values(clientKinds).map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    expect(Math.min(...types)).toBeGreaterThan(Math.max(...Object.values(kinds).map(({ type }) => type), 127));
    expect(Math.max(...types)).toBeLessThan(256);
  });

  it('of the other side, of the ring, or of nobody are violations; those that may be skipped are', () => {
    expect(readClientFrame(raw(fromServer[1] as ServerFrame))).toBeInstanceOf(Violation);
    expect(readServerFrame(raw(fromClient[0] as ClientFrame))).toBeInstanceOf(Violation);
    expect(told(kinds.ping.type, '[]')).toBeInstanceOf(Violation);
    expect(told(250, '[]')).toBeInstanceOf(Violation);
    expect(told(250, '[]', OPTIONAL)).toBeUndefined();
  });

  it.each([
    [clientKinds.stat.type, '["/a"]'],
    [clientKinds.stat.type, '[7, "eventual"]'],
    [clientKinds.stat.type, '{"path":"/a"}'],
    [clientKinds.stat.type, 'no json'],
    [clientKinds.delete.type, '["/a", null, "7"]'],
    [clientKinds.get.type, '["/a", 1.5, null, null, "eventual"]'],
    [clientKinds.piece.type, '[]'],
  ])('%i with %s are malformed', (type, control) => {
    expect(told(type, control)).toMatchObject({ code: 'malformed' });
  });

  it('bytes belong to pieces only', () => {
    expect(readClientFrame(rawFrame(clientHead({ kind: 'give-up' }), Buffer.from('x')))).toBeInstanceOf(Violation);
  });
});
