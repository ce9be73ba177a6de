import { describe, expect, it } from 'vitest';
import { initialState, type NodeState } from '../../core/state.js';
import { makeView } from '../../core/view/view.js';
import { nodeStatus, type Surroundings } from './status.js';

const around: Surroundings = {
  http: 'http://127.0.0.1:8101',
  version: '0.1.0',
  uptimeMs: 1000,
  coordinator: 'tcp://127.0.0.1:7100',
  traffic: { sentBytes: 7, receivedBytes: 5 },
  store: { liveBytes: 1, diskBytes: 2 },
};

const member = (id: string) => ({ id, incarnation: 1, address: `127.0.0.1:${id.slice(1)}` });
const chain = (members: string[], lost: string[] = [], learners: string[] = []) => ({
  members,
  learners,
  lost: lost.map((id) => ({ id, incarnation: 1 })),
});
const view = makeView({
  epoch: 4,
  clusterId: 'c',
  settings: { durability: 'os', chainLength: 2, minReplicas: 2, shards: 3, chunkBytes: 1024, transitSlots: 4 },
  ring: [member('n1'), member('n2')],
  chains: [chain(['n1', 'n2']), chain(['n2'], [], ['n1']), chain([], ['n3'])],
});
const state: NodeState = {
  ...initialState({ id: 'n1', incarnation: 1, address: '127.0.0.1:1', clusterId: 'c', seed: 1 }),
  view,
  status: 'member',
};

describe('the status of a server', () => {
  it('counts chains, and says what is wrong with those that are not whole', () => {
    const { chains, ring, inbound, outbound } = nodeStatus('n1', state, around);
    expect(chains).toMatchObject({ full: 1, short: 1, unavailable: 1 });
    expect(chains.troubles.map(({ shard }) => shard)).toEqual([1, 2]);
    expect(ring[0]).toEqual({ id: 'n1', incarnation: 1, address: '127.0.0.1:1', heads: 1, chains: 1, learning: 1 });
    expect([inbound, outbound]).toEqual([
      { peer: 'n2', isUp: false },
      { peer: 'n2', isUp: false },
    ]);
  });

  it('is plain data, also before the first life', () => {
    for (const status of [nodeStatus('n1', undefined, around), nodeStatus('n1', state, around)]) {
      expect(JSON.parse(JSON.stringify(status))).toEqual(JSON.parse(JSON.stringify({ ...status })));
    }
    expect(nodeStatus('n1', undefined, around)).toMatchObject({ state: 'starting', epoch: 0, ring: [] });
  });
});
