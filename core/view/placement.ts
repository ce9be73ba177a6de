/**
 * Which members keep which shard. Founding only, at this stage: chains shrink by removals and are refilled later.
 * Pure; knows views, nothing else.
 */
import { type Chain, type Member, makeView, type Settings, type View } from './view.js';

/**
 * Chains of consecutive members, heads spread evenly: consecutive chains cross the fewest links, since a file then
 * travels from its head to its tail without leaving the chain.
 */
export function placeChains(members: readonly Member[], settings: Settings): readonly Chain[] {
  const length = Math.min(settings.chainLength, members.length);
  const chains: Chain[] = [];
  for (let shard = 0; shard < settings.shards; shard++) {
    const start = Math.floor((shard * members.length) / settings.shards);
    const chain: string[] = [];
    for (let i = 0; i < length; i++) chain.push((members[(start + i) % members.length] as Member).id);
    chains.push({ members: chain, learners: [], lost: [] });
  }
  return chains;
}

/** The first view of a cluster. */
export function foundingView(members: readonly Member[], clusterId: string, settings: Settings): View {
  return makeView({ epoch: 1, clusterId, settings, ring: members, chains: placeChains(members, settings) });
}
