// Small rings for tests: `ringOf('a b c')` is a view of three members, clockwise.
import type { MemberId } from '../ids.js';
import { type Chain, type Member, makeView, type Settings, type View } from './view.js';

export const smallSettings: Settings = {
  chainLength: 2,
  minReplicas: 1,
  shards: 1,
  chunkBytes: 1024,
  transitSlots: 3,
  durability: 'fsync',
};

export const memberOf = (id: MemberId): Member => ({ id, incarnation: 1, address: `${id}:1` });

export function membersOf(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, i) => memberOf(`n${i + 1}`));
}

/** A chain for each text, such as `b c`; learners behind a plus sign: `b c + d`. */
export function chainsOf(texts: readonly string[]): readonly Chain[] {
  return texts.map((text) => {
    const [members = '', learners = ''] = text.split('+');
    return { members: members.match(/\S+/g) ?? [], learners: learners.match(/\S+/g) ?? [], lost: [] };
  });
}

/** A chain that has lost these, in their first lives. */
export function lostWith(ids: string): Chain {
  return { members: [], learners: [], lost: ids.split(' ').map((id) => ({ id, incarnation: 1 })) };
}

/** Epoch 7. Without chains given, one of the first member alone. */
export function ringOf(ring: string, ...chains: readonly string[]): View {
  const ids = ring.split(' ');
  const texts = chains.length > 0 ? chains : [ids[0] as string];
  return makeView({
    epoch: 7,
    clusterId: 'test',
    settings: { ...smallSettings, shards: texts.length },
    ring: ids.map(memberOf),
    chains: chainsOf(texts),
  });
}

export const idsOf = (view: View | undefined): string | undefined => view?.ring.map(({ id }) => id).join(' ');
