/**
 * What a ring frame cannot say in this view, whoever sends it. A frame that does comes from a peer that lies or is broken:
 * its link is refused, where a rule of our own that breaks would end the process. What members say of their logs is
 * believed: they are servers of one cluster.
 */
import type { RingFrame } from './frame.js';
import type { View } from './view/view.js';

export const WRONG_SHARD = 'a shard that is not there';
export const STRANGER = 'a stranger on the ring';

/** @returns what is wrong, or undefined. Of a frame of a former view only its shard can be judged: that never changes. */
export function implausibility(view: View, frame: RingFrame): string | undefined {
  if ('shard' in frame && frame.shard >= view.settings.shards) return WRONG_SHARD;
  if (frame.epoch !== view.epoch) return undefined;
  return view.positions.has(frame.origin) && view.positions.has(frame.lastStop) ? undefined : STRANGER;
}
