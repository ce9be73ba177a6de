// The register is empty: who founds a cluster, who must not, and what each of them says.
import { describe, expect, it } from 'vitest';
import type { CoordinatorReply, CoordinatorRequest } from '../coordinator-port.js';
import type { Happening } from '../input.js';
import type { Output } from '../output.js';
import { type Identity, initialState, type NodeState } from '../state.js';
import { step } from '../step.js';
import { NOTHING_RECOVERED, type Recovered, type StoreIdentity } from '../store-port.js';
import type { Settings } from '../view/view.js';

const SETTINGS: Settings = {
  ...{ durability: 'fsync', chainLength: 3, minReplicas: 2 },
  ...{ shards: 4, chunkBytes: 100, transitSlots: 8 },
};

/** One server, and a coordinator that answers at once: it has nothing but what the server itself has written. */
class Lone {
  state: NodeState;
  readonly outputs: Output[] = [];
  /** What is in the register is gone, or was never there. */
  isRegisterEmpty = true;
  #now = 1_000;
  #toAnswer: Output[] = [];

  constructor(identity: Partial<Identity>) {
    this.state = initialState({ id: 'n1', address: 'n1:1', clusterId: '', seed: 7, founding: SETTINGS, ...identity });
  }

  start(recovered: Recovered = NOTHING_RECOVERED): this {
    this.feed({ kind: 'start', recovered, carry: undefined });
    this.feed({ kind: 'session', session: 1, state: 'connected', owner: 'session 1' });
    return this;
  }

  feed(happening: Happening): void {
    const { state, outputs } = step(this.state, { ...happening, now: this.#now++ });
    this.state = state;
    this.outputs.push(...outputs);
    this.#toAnswer.push(...outputs);
    for (let next = this.#toAnswer.shift(); next !== undefined; next = this.#toAnswer.shift()) {
      if (next.kind !== 'call-coordinator') continue;
      const { session, call, request } = next;
      this.feed({ kind: 'coordinator-reply', session, call, reply: this.#reply(request) });
    }
  }

  #reply(request: CoordinatorRequest): CoordinatorReply {
    if (request.op === 'create' && request.key === 'view') this.isRegisterEmpty = false;
    if (request.op !== 'read') return { result: 'done', version: 0 };
    const { key } = request;
    const [view] = this.views;
    if (key !== 'view' || this.isRegisterEmpty || view === undefined) return { result: 'absent' };
    return { result: 'value', stored: { key, value: view, version: 0, owner: '' } };
  }

  /** Everything written to the disk so far is durable. */
  persist(): void {
    for (const output of [...this.outputs]) {
      if (output.kind === 'write-identity') this.feed({ kind: 'identity-persisted' });
    }
  }

  /** What it has asked the register to hold. */
  get views() {
    return this.outputs.flatMap((output) => {
      if (output.kind !== 'call-coordinator' || output.request.op !== 'create') return [];
      return output.request.value.kind === 'view' ? [output.request.value] : [];
    });
  }

  get identities(): readonly StoreIdentity[] {
    return this.outputs.flatMap((output) => (output.kind === 'write-identity' ? [output.identity] : []));
  }

  get keptOut(): readonly string[] {
    return this.outputs.flatMap((output) =>
      output.kind === 'tell' && output.fact.fact === 'kept-out' ? [output.fact.why] : [],
    );
  }
}

const diskOf = (identity: Partial<StoreIdentity>): Recovered => ({
  ...NOTHING_RECOVERED,
  identity: { clusterId: 'mine', store: 'a store', incarnation: 3, since: 2, epoch: 9, ...identity },
});

describe('an empty register', () => {
  it('is founded only when the disk knows of it', () => {
    const server = new Lone({}).start();
    expect(server.identities).toMatchObject([{ incarnation: 1, since: 1, epoch: 0 }]);
    expect(server.views).toEqual([]);
    server.persist();
    expect(server.views).toHaveLength(1);
    expect(server.state).toMatchObject({ status: 'member', view: { epoch: 1, ring: [{ id: 'n1', incarnation: 1 }] } });
    expect(server.identities.at(-1)).toMatchObject({ clusterId: server.state.clusterId, epoch: 1 });
    expect(server.keptOut).toEqual([]);
  });

  it('makes a cluster whose name nobody else makes', () => {
    const names = [1, 2].map((seed) => {
      const server = new Lone({ seed }).start();
      server.persist();
      return server.state.clusterId;
    });
    expect(names[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it('makes the cluster that its founder was told to make', () => {
    const server = new Lone({ clusterId: 'given' }).start();
    server.persist();
    expect(server.state.view.clusterId).toBe('given');
  });

  it('is not founded by a server without settings, which waits', () => {
    const server = new Lone({ founding: undefined }).start();
    server.persist();
    expect([server.views, server.identities]).toEqual([[], []]);
    expect(server.keptOut).toEqual(['the register is empty']);
    expect(server.state.status).toBe('joining');
  });

  it('is not founded over a disk that belongs to a cluster', () => {
    const server = new Lone({}).start(diskOf({}));
    server.persist();
    expect([server.views, server.identities]).toEqual([[], []]);
    expect(server.keptOut).toEqual([
      "the register is empty, but the disk belongs to cluster mine: restore the coordinator's state",
    ]);
  });

  it('is not founded over a disk that holds anything', () => {
    const shard = { shard: 0, base: undefined, baseSound: true, entries: [], suspect: false };
    const server = new Lone({}).start({ ...NOTHING_RECOVERED, shards: [shard] });
    expect([server.views, server.identities]).toEqual([[], []]);
    expect(server.keptOut[0]).toContain('the disk belongs to cluster (unknown)');
  });

  it('is not founded again by a member whose coordinator has lost it', () => {
    const server = new Lone({}).start();
    server.persist();
    server.isRegisterEmpty = true;
    server.feed({ kind: 'watch-fired', session: 1, key: 'view' });
    expect(server.views).toHaveLength(1);
    expect(server.keptOut[0]).toContain(`the disk belongs to cluster ${server.state.clusterId}`);
    expect(server.state.status).toBe('member');
  });
});

describe('a founder that comes back before it knows of its founding', () => {
  it('makes another cluster, and its disk still speaks for the life before', () => {
    const server = new Lone({}).start(diskOf({ clusterId: 'never seen', incarnation: 1, since: 1, epoch: 0 }));
    expect(server.identities).toMatchObject([{ incarnation: 2, since: 1, epoch: 0 }]);
    expect(server.identities[0]?.clusterId).not.toBe('never seen');
  });
});
