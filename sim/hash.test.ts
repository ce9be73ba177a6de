// Two runs have the same hash if and only if (but for one case in 2^64) the same happened in the same order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Input } from '../core/input.js';
import { NOTHING_RECOVERED } from '../core/store-port.js';
import { hashText, TraceHash } from './hash.js';

function digest(numbers: readonly number[]): string {
  const hash = new TraceHash();
  for (const number of numbers) hash.add(number);
  return hash.digest();
}

const numbers = fc.array(fc.maxSafeNat(), { maxLength: 20 });

function digestOf(input: Input, timeUs = 1, server = 2, outputs = 3): string {
  const hash = new TraceHash();
  hash.addInput(timeUs, server, input, outputs);
  return hash.digest();
}

describe('the trace hash', () => {
  it('is 16 hex digits, the same for the same and another for another trace', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(digest(a)).toMatch(/^[0-9a-f]{16}$/);
        expect(digest(a)).toBe(digest([...a]));
        expect(digest(a) === digest(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('sees order, and numbers beyond 32 bits', () => {
    expect(digest([1, 2])).not.toBe(digest([2, 1]));
    expect(digest([2 ** 40])).not.toBe(digest([0]));
    expect(digest([0])).not.toBe(digest([]));
  });

  it('sees what an input is, when, where and what came of it', () => {
    const ping: Input = { kind: 'frame', link: 1, frame: { kind: 'ping', epoch: 1 }, now: 0 };
    const variants = [
      digestOf(ping),
      digestOf(ping, 2),
      digestOf(ping, 1, 3),
      digestOf(ping, 1, 2, 4),
      digestOf({ ...ping, link: 2 }),
      digestOf({ ...ping, frame: { kind: 'pong', epoch: 1 } }),
      digestOf({ ...ping, frame: { kind: 'ping', epoch: 2 } }),
      digestOf({ ...ping, frame: { kind: 'credit', epoch: 1, count: 1 } }),
      digestOf({ ...ping, frame: { kind: 'credit', epoch: 1, count: 2 } }),
      digestOf({ kind: 'wake', now: 0 }),
      digestOf({ kind: 'start', recovered: NOTHING_RECOVERED, carry: undefined, now: 0 }),
      digestOf({ kind: 'link-up', link: 1, peer: undefined, now: 0 }),
      digestOf({ kind: 'link-down', link: 1, now: 0 }),
      digestOf({ kind: 'dial-failed', peer: 'n1', now: 0 }),
      digestOf({ kind: 'dial-failed', peer: 'n2', now: 0 }),
      digestOf({ kind: 'persisted', shard: 1, upTo: { epoch: 1, sequence: 1 }, now: 0 }),
      digestOf({ kind: 'persisted', shard: 1, upTo: { epoch: 1, sequence: 2 }, now: 0 }),
      digestOf({ kind: 'chunk-read', upload: 'u', index: 0, chunk: undefined, now: 0 }),
      digestOf({ kind: 'client-gone', request: 'r', now: 0 }),
      digestOf({ kind: 'client-ready', request: 'r', chunks: 1, now: 0 }),
      digestOf({ kind: 'client-end', request: 'r', length: 1, sha256: '', now: 0 }),
    ];
    expect(new Set(variants).size).toBe(variants.length);
  });

  it('hashes texts, independently for each salt', () => {
    expect(hashText('a')).toBe(hashText('a'));
    expect(new Set([hashText('a'), hashText('b'), hashText('a', 1), hashText('')]).size).toBe(4);
  });
});
