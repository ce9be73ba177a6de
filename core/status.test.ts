// What a server says of itself: places, links, files, and why a chain is not whole.
import { describe, expect, it } from 'vitest';
import { FRESH_SHARD } from './chain/shards.js';
import type { FileRecord } from './file.js';
import { SortedMap } from './sorted-map.js';
import { initialState, NO_LINKS, type NodeState, type ShardState } from './state.js';
import { ownStatus } from './status.js';
import { saying } from './view/facts.test-kit.js';
import { ringWith } from './view/views.test-kit.js';

const FILE: FileRecord = {
  version: { epoch: 7, sequence: 1 },
  manifest: { upload: 'a.1.1', length: 1, chunkBytes: 1024, sha256: '', contentType: '', modifiedMs: 0 },
};

function holding(paths: number): ShardState {
  let { files } = FRESH_SHARD;
  for (let i = 0; i < paths; i++) files = files.set(`f${i}`, FILE);
  return { ...FRESH_SHARD, files };
}

const born = initialState({ id: 'b', incarnation: 1, address: 'b:1', clusterId: 'test', seed: 1 });
const view = ringWith({ chainLength: 2, minReplicas: 2 }, 'a b c', 'a b', 'b c', 'b + c', 'c + b', 'lost d', 'c a');
const shards = SortedMap.empty<number, ShardState>()
  .set(0, holding(3))
  .set(1, holding(5))
  .set(2, holding(7))
  .set(3, holding(2));
const member: NodeState = { ...born, status: 'member', view, shards, links: { ...NO_LINKS, inbound: 4 } };

describe('the status of a member', () => {
  it('names the chains it is in, and counts their files', () => {
    const { places, files, tailFiles } = ownStatus(member);
    expect(places.map(({ shard, role, files: count }) => `${shard} ${role} ${count}`)).toEqual([
      ...['0 tail 3', '1 head 5', '2 only 7', '3 learner 2'],
    ]);
    expect([files, tailFiles]).toEqual([17, 10]);
  });

  it('says which of its links are up', () => {
    const { inbound, outbound } = ownStatus(member);
    expect([inbound, outbound]).toEqual([
      { peer: 'a', isUp: true },
      { peer: 'c', isUp: false },
    ]);
  });

  it('says of every chain that is not whole why, and knows more with the registrations at hand', () => {
    const { chains } = ownStatus(member);
    expect(chains).toMatchObject({ full: 3, short: 2, unavailable: 1 });
    expect(chains.troubles[2]?.why).toBe('lost with d (life 1); waiting for d: start d');
    expect(ownStatus(member, [saying('d')]).chains.troubles[2]?.why).toContain('waiting for d to join');
  });

  it('is plain data, as small as what it tells', () => {
    const status = ownStatus(member);
    expect(JSON.parse(JSON.stringify(status))).toEqual({
      ...status,
      places: expect.any(Array),
      settings: view.settings,
    });
    expect(status.ring[1]).toEqual({ id: 'b', incarnation: 1, address: 'b:1', heads: 2, chains: 3, learning: 1 });
  });
});

describe('the status of a server that is no member', () => {
  it('says that it knows nothing yet', () => {
    expect(ownStatus(born)).toMatchObject({ state: 'joining', epoch: 0, settings: undefined, ring: [], places: [] });
  });

  it('says why it is kept out', () => {
    const coordination = { ...born.coordination, keptOut: 'the register is empty' };
    expect(ownStatus({ ...born, coordination }).keptOut).toBe('the register is empty');
  });
});
