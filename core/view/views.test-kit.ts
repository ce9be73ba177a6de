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

/** A chain for each text, such as `b c`; learners behind a plus sign: `b c + d`; `lost b c` is lost. */
export function chainsOf(texts: readonly string[]): readonly Chain[] {
  return texts.map((text) => {
    if (text.startsWith('lost ')) return lostWith(text.slice('lost '.length));
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
  return ringWith({}, ring, ...chains);
}

/** The same, with other settings. */
export function ringWith(settings: Partial<Settings>, ring: string, ...chains: readonly string[]): View {
  const ids = ring.split(' ');
  const texts = chains.length > 0 ? chains : [ids[0] as string];
  return makeView({
    epoch: 7,
    clusterId: 'test',
    settings: { ...smallSettings, ...settings, shards: texts.length },
    ring: ids.map(memberOf),
    chains: chainsOf(texts),
  });
}

/** Chains as `chainsOf` and `lostWith` read them: `a b + c`, or `lost a b`. */
export const textsOf = (view: View | undefined): readonly string[] | undefined =>
  view?.chains.map(({ members, learners, lost }) => {
    if (members.length === 0) return `lost ${lost.map(({ id }) => id).join(' ')}`;
    return [...members, ...learners.map((id) => `+ ${id}`)].join(' ');
  });

export const idsOf = (view: View | undefined): string | undefined => view?.ring.map(({ id }) => id).join(' ');
