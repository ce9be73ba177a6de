// Sessions live as long as they are renewed, by a clock that a test can turn.
import { beforeEach, describe, expect, it } from 'vitest';
import { Leases } from './leases.js';

let now: number;
let leases: Leases;
/** Time passes, and is looked at as often as it should be. */
const pass = (ms: number): readonly string[] => {
  const over: string[] = [];
  for (let i = 0; i < ms / 100; i++) {
    now += 100;
    over.push(...leases.overdue());
  }
  return over;
};

beforeEach(() => {
  now = 5_000;
  leases = new Leases(1_000, 100, () => now);
  leases.renew('a');
  leases.renew('b');
});

describe('a lease', () => {
  it('runs out when it is not renewed', () => {
    expect(pass(900)).toEqual([]);
    leases.renew('a');
    expect(pass(100)).toEqual(['b']);
    leases.end('b');
    expect(pass(800)).toEqual([]);
    expect(pass(100)).toEqual(['a']);
  });

  it('does not run while nobody could be heard', () => {
    expect(pass(500)).toEqual([]);
    now += 60_000;
    expect(leases.overdue()).toEqual([]);
    expect(pass(300)).toEqual([]);
    expect(pass(100)).toEqual(['a', 'b']);
  });

  it('that is over is known no more', () => {
    leases.end('a');
    expect([leases.has('a'), leases.has('b')]).toEqual([false, true]);
  });
});
