/** Who is in an explored world, what they may do and what may befall them. */
import type { MemberId } from '../../core/ids.js';
import type { Limits } from '../../core/limits.js';
import { makeView, type Settings, type View } from '../../core/view/view.js';
import type { Script } from './clients.js';

export interface Cast {
  /** In ring order. */
  readonly servers: readonly MemberId[];
  /** Of the one shard, head first. */
  readonly chain: readonly MemberId[];
  readonly chainLength?: number;
  readonly clients: readonly Script[];
  /** Servers that may crash, each at any moment. */
  readonly mayCrash?: readonly MemberId[];
  /** Servers that may be taken out of the ring, dead or alive. */
  readonly mayBeRemoved?: readonly MemberId[];
  /** So often whoever looks after chains may do what is due. */
  readonly plans?: number;
}

const NEVER_MS = 1_000_000_000;
/** Nothing happens because of time. */
export const CALM: Partial<Limits> = {
  ...{ heartbeatMs: NEVER_MS, silenceMs: 3 * NEVER_MS, deadRingMs: 4 * NEVER_MS, idleChunkMs: 0 },
  ...{ sessionMs: 2 * NEVER_MS, pollMs: NEVER_MS, planMs: NEVER_MS },
};
const SETTINGS: Omit<Settings, 'chainLength'> = {
  durability: 'fsync',
  ...{ minReplicas: 1, shards: 1, chunkBytes: 100, transitSlots: 8 },
};

/** The first view. */
export function viewOf({ servers, chain, chainLength }: Cast): View {
  const ring = servers.map((id) => ({ id, incarnation: 1, address: `${id}:1` }));
  const chains = [{ members: [...chain], learners: [], lost: [] }];
  const all = { ...SETTINGS, chainLength: chainLength ?? chain.length };
  return makeView({ epoch: 1, clusterId: 'explored', settings: all, ring, chains });
}
