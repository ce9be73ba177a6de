/** What a view changes in the chains of the one before, in a few words: for the story. */

import { counted } from '../core/figures.js';
import type { Chain, View } from '../core/view/view.js';

/** How many chains have what they had not before. */
function count(before: View, view: View, isNew: (chain: Chain, old: Chain) => boolean): number {
  return view.chains.filter((chain, shard) => isNew(chain, before.chains[shard] as Chain)).length;
}

/** Empty if all chains are as they were, but for members that have left the ring. */
export function chainChanges(before: View, view: View): string {
  // The founding view: there were no chains before.
  if (before.epoch === 0) return '';
  const promoted = count(before, view, (chain, old) =>
    chain.members.some((id) => old.learners.includes(id) && !old.members.includes(id)),
  );
  const learning = count(before, view, (chain, old) => chain.learners.some((id) => !old.learners.includes(id)));
  const dropped = count(before, view, (chain, old) =>
    old.members.some((id) => view.positions.has(id) && !chain.members.includes(id)),
  );
  const lost = count(before, view, (chain, old) => chain.lost.length > 0 && old.lost.length === 0);
  const revived = count(before, view, (chain, old) => chain.lost.length === 0 && old.lost.length > 0);
  const short = view.chains.filter(({ members }) => members.length > 0 && members.length < full(view)).length;
  const parts = [
    promoted > 0 ? `${counted(promoted, 'learner')} promoted` : '',
    learning > 0 ? `${counted(learning, 'chain')} with a new learner` : '',
    dropped > 0 ? `${counted(dropped, 'chain')} shortened` : '',
    lost > 0 ? `${counted(lost, 'shard')} lost` : '',
    revived > 0 ? `${counted(revived, 'shard')} brought back` : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return '';
  return `${parts.join(', ')}; ${short === 0 ? 'no chain is short' : `${counted(short, 'chain')} short`}`;
}

const full = ({ settings, ring }: View): number => Math.min(settings.chainLength, ring.length);
