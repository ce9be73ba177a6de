// What status says of shards that are unavailable or short of copies.
import { expect, it } from 'vitest';
import { explainShards } from './explain.js';
import { saying } from './facts.test-kit.js';
import type { Registration } from './registration.js';
import { makeView, type View } from './view.js';
import { ringWith } from './views.test-kit.js';

const ring = (...chains: readonly string[]): View =>
  ringWith({ chainLength: 3, minReplicas: 2 }, 'n2 n3 n4 n5', ...chains);
const why = (view: View, ...registrations: readonly Registration[]): readonly string[] =>
  explainShards(view, registrations).map(({ shard, isAvailable, why: text }) =>
    [shard, isAvailable ? 'short:' : 'unavailable:', text].join(' '),
  );
const back = (id: string, sequence: number, suspect = false): Registration =>
  saying(id, { kept: [{ shard: 0, last: { epoch: sequence > 0 ? 4 : 0, sequence }, suspect }] });

it('says nothing of shards with all their copies', () => {
  expect(why(ring('n2 n3 n4'))).toEqual([]);
});

it('says with whom a shard was lost, who is back with what, and whom to start', () => {
  const lost = { id: 'n1', incarnation: 3 };
  const chains = [{ members: [], learners: [], lost: [lost, { id: 'n2', incarnation: 1 }] }];
  const view = makeView({ ...ring('n2'), chains });
  expect(why(view, back('n2', 17))).toEqual([
    '0 unavailable: lost with n1, n2 (lives 3, 1); n2 is back with entries up to 4.17, waiting for n1: start n1, or order revive',
  ]);
});

it('says what is known without registrations', () => {
  expect(why(ring('lost n1'))).toEqual(['0 unavailable: lost with n1 (life 1); waiting for n1: start n1']);
});

it('does not ask for servers to be started that are on their way', () => {
  expect(why(ring('lost n1 n2'), saying('n1'), back('n2', 17, true))).toEqual([
    '0 unavailable: lost with n1, n2 (lives 1, 1); n2 is back with entries up to 4.17, but something may be missing at their end, waiting for n1 to join and say what is on disk, or order revive',
  ]);
});

it('names an empty disk', () => {
  expect(why(ring('lost n1 n2'), back('n2', 0))).toEqual([
    '0 unavailable: lost with n1, n2 (lives 1, 1); n2 is back with nothing, waiting for n1: start n1, or order revive',
  ]);
});

it('says that a shard is about to come back', () => {
  expect(why(ring('lost n2'), back('n2', 17))).toEqual([
    '0 unavailable: lost with n2 (life 1); n2 is back with entries up to 4.17, the shard comes back with the next view',
  ]);
});

it('says how a short chain is refilled', () => {
  expect(why(ring('n2 n3', 'n2 + n5', 'n2 n3 n4'))).toEqual([
    '0 short: 2 of 3 copies (n2, n3); another server will be chosen',
    '1 short: 1 of 3 copies (n2), writes are refused below 2; n5 is catching up',
  ]);
});

it('says that servers are missing', () => {
  expect(why(ringWith({ chainLength: 3 }, 'n1', 'n1'))).toEqual([
    '0 short: 1 of 3 copies (n1); the ring has 1 server: start another',
  ]);
});
