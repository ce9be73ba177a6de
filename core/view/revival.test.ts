// Who brings lost shards back. The shard was lost with a, b and c; x was never in its chain.
import { describe, expect, it } from 'vitest';
import { planOf, saying } from './facts.test-kit.js';
import type { Registration } from './registration.js';
import { revivedBy } from './revival.js';
import { ringOf, textsOf } from './views.test-kit.js';

/** `4.17` is what it holds of shard 0, `4.17?` what it holds if nothing is missing. */
function back(id: string, text: string, shard = 0): Registration {
  const [epoch = 0, sequence = 0] = text.replace('?', '').split('.').map(Number);
  return saying(id, { kept: [{ shard, last: { epoch, sequence }, suspect: text.endsWith('?') }] });
}

const lost = ringOf('a b c x', 'lost a b c');
/** The chain afterwards, without the learner that it gets at once. */
const revived = (reviveWaited: boolean, ...registrations: readonly Registration[]): string | undefined =>
  textsOf(planOf(lost, registrations, { reviveWaited }))?.[0]?.replace(/ \+.*/, '');

describe('when all lost members have reported', () => {
  it('those who have most come back together, in the order of the chain', () => {
    expect(revived(false, back('c', '4.17'), back('b', '4.16'), back('a', '4.17'))).toBe('a c');
  });

  it('a later epoch is more than a longer log', () => {
    expect(revived(false, back('a', '4.17'), back('b', '5.16'), back('c', '4.16'))).toBe('b');
  });

  it('a suspect log may head the chain if nobody has more', () => {
    expect(revived(false, back('a', '4.17?'), back('b', '4.16'), back('c', '4.17'))).toBe('a c');
    expect(revived(false, back('a', '4.18?'), back('b', '4.16'), back('c', '4.17'))).toBe('a');
  });

  it('who has nothing does not head the chain if anybody has anything', () => {
    expect(revived(false, back('a', '0.0'), back('b', '2.1?'), back('c', '0.0'))).toBe('b');
  });

  it('a shard of which nobody holds anything was empty', () => {
    expect(revived(false, back('a', '0.0'), back('b', '0.0?'), back('c', '0.0'))).toBe('a b c');
  });
});

describe('when some are missing', () => {
  it('they are waited for', () => {
    expect(revived(false, back('a', '4.17'), back('b', '4.17'))).toBeUndefined();
  });

  it('then those who have most come back together', () => {
    expect(revived(true, back('a', '4.17'), back('c', '4.17'))).toBe('a c');
    expect(revived(true, back('a', '4.16'), back('c', '4.17'))).toBe('c');
  });

  it('a suspect log is not used, and blocks nobody', () => {
    expect(revived(true, back('a', '4.18?'), back('b', '4.17'))).toBe('b');
    expect(revived(true, back('a', '4.18?'))).toBeUndefined();
  });

  it('who has nothing heads nothing if anybody has anything that is not suspect', () => {
    expect(revived(true, back('a', '0.0'), back('b', '1.1'))).toBe('b');
  });

  it('the shard was empty if anybody says so whose disk is whole', () => {
    expect(revived(true, back('a', '0.0'), back('b', '0.0'))).toBe('a b');
    expect(revived(true, back('a', '0.0'), back('b', '0.0?'))).toBe('a');
    expect(revived(true, back('a', '0.0'), back('b', '1.1?'))).toBe('a');
    expect(revived(false, back('a', '0.0'), back('b', '0.0'))).toBeUndefined();
    expect(revived(true, back('a', '0.0?'), back('b', '0.0?'))).toBeUndefined();
  });
});

describe('nobody is revived by', () => {
  const others = [back('b', '4.1'), back('c', '4.1')];
  it.each([
    ['silence', saying('a')],
    ['a log of another shard', back('a', '4.17', 1)],
    ['a log of somebody who was not in the chain', back('x', '4.17')],
    ['what was said in another epoch', { ...back('a', '4.17'), epoch: 6 }],
    ['what was said in another life', { ...back('a', '4.17'), incarnation: 0 }],
  ])('%s', (_, told) => {
    expect(revived(true, told)).toBeUndefined();
    expect(revived(false, told, ...others)).toBeUndefined();
  });
});

it('the chain is refilled at once: those who had less come back as learners', () => {
  const next = planOf(lost, [back('a', '4.17'), back('b', '4.16'), back('c', '4.16')]);
  expect(textsOf(next)).toEqual(['a + b']);
});

describe("the operator's order", () => {
  it('makes a member the whole chain', () => {
    const next = revivedBy(lost, 0, 'x');
    expect(textsOf(next)).toEqual(['x']);
    expect(next?.epoch).toBe(8);
  });

  it('is refused for a stranger, for a shard that is not lost, and for none', () => {
    expect(revivedBy(lost, 0, 'y')).toBeUndefined();
    expect(revivedBy(ringOf('a b', 'a'), 0, 'b')).toBeUndefined();
    expect(revivedBy(lost, 1, 'a')).toBeUndefined();
  });
});
