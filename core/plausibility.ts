/**
 * What a ring frame cannot say in this view, whoever sends it. A frame that does comes from a peer that lies or is broken:
 * its link is refused, where a rule of our own that breaks would end the process. What members say of their logs is
 * believed: they are servers of one cluster.
 */
import { isSmall } from './files/parcels.js';
import type { RingFrame } from './frame.js';
import type { MemberId, ShardId } from './ids.js';
import type { View } from './view/view.js';

export const WRONG_SHARD = 'a shard that is not there';
export const STRANGER = 'a stranger on the ring';
export const LARGE_PARCEL = 'a parcel that is no small file';

/** @returns what is wrong, or undefined. Of a frame of a former view only its shard can be judged: that never changes. */
export function implausibility(view: View, frame: RingFrame): string | undefined {
  const isThere = (shard: ShardId): boolean => shard < view.settings.shards;
  const isMember = (id: MemberId): boolean => view.positions.has(id);
  if ('shard' in frame && !isThere(frame.shard)) return WRONG_SHARD;
  if (frame.kind === 'shuttle' && !frame.wants.every(({ shard }) => isThere(shard))) return WRONG_SHARD;
  if (frame.kind === 'parcel' && !isSmall(view, frame.chunk.length)) return LARGE_PARCEL;
  if (frame.epoch !== view.epoch) return undefined;
  if (!isMember(frame.origin) || !isMember(frame.lastStop)) return STRANGER;
  if (frame.kind !== 'shuttle') return undefined;
  // What a stranger is to take off would go round for ever.
  const { awaitedBy, wants } = frame;
  const areMembers = wants.every((want) => isMember(want.origin) && want.awaitedBy.every(isMember));
  return areMembers && awaitedBy.every(isMember) ? undefined : STRANGER;
}
