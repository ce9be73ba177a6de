// What a life makes of a log that it finds.
import { expect, it } from 'vitest';
import { entry, IDENTITY } from '../conformance/store-life.test-kit.js';
import { initialState } from '../state.js';
import { step } from '../step.js';

it('an entry that is there twice counts once', () => {
  const fresh = initialState({ id: 'n1', incarnation: 4, address: 'n1:1', clusterId: 'c', seed: 1 });
  const entries = [1, 2, 1, 2, 3].map((sequence) => ({ entry: entry(sequence), sound: true, hollow: false }));
  const shards = [{ shard: 0, base: undefined, baseSound: true, entries, suspect: false }];
  const recovered = { identity: IDENTITY, suspectUpTo: 0, shards, uploads: [] };
  const { state } = step(fresh, { now: 0, kind: 'start', recovered, carry: undefined });
  expect(state.shards.get(0)).toMatchObject({ last: { epoch: 1, sequence: 3 }, sinceBase: 3, isSuspect: false });
});
