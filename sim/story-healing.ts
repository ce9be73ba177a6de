/** Facts of coming, going, catching up and healing, in words for the story. */
import { versionText } from '../core/ids.js';
import type { Fact } from '../core/output.js';

export type HealingFact = Extract<
  Fact,
  {
    fact:
      | 'session'
      | 'registered'
      | 'kept-out'
      | 'cluster-founded'
      | 'recovered'
      | 'seated'
      | 'lesson-begun'
      | 'learned'
      | 'hold-begun'
      | 'learner-ready'
      | 'learner-stalled'
      | 'promoted'
      | 'shard-lost'
      | 'shard-revived'
      | 'shard-forgotten'
      | 'chunk-rotten'
      | 'chunk-unwritten'
      | 'store-space'
      | 'life-ends';
  }
>;

/** Without the server's name. */
export function healingText(fact: HealingFact): string {
  switch (fact.fact) {
    case 'session':
      return `its session with the coordinator is ${fact.state}`;
    case 'registered':
      return `is registered, in its life ${fact.incarnation}`;
    case 'kept-out':
      return `is kept out: ${fact.why}`;
    case 'cluster-founded':
      return `has founded cluster ${fact.clusterId}`;
    case 'recovered':
      return `finds ${fact.shards} shards with ${fact.entries} entries on its disk${fact.cut > 0 ? `, ${fact.cut} of them unsound` : ''}`;
    case 'seated':
      return `has links to both ${fact.before} and ${fact.after}, and may be put between them`;
    case 'lesson-begun':
      return `teaches ${fact.learner} shard ${fact.shard} ${fact.how === 'log' ? 'from its log' : 'from a snapshot'}`;
    case 'learned':
      return `has learned shard ${fact.shard} up to ${versionText(fact.upTo)}${fact.dropped > 0 ? `, ${fact.dropped} files it had are no more` : ''}`;
    case 'hold-begun':
      return `commits nothing in shard ${fact.shard} any more that ${fact.learner} has not persisted`;
    case 'learner-ready':
      return `finds ${fact.learner} caught up in shard ${fact.shard}`;
    case 'learner-stalled':
      return `waits for ${fact.learner} in shard ${fact.shard} in vain`;
    case 'promoted':
      return `is in sync in shard ${fact.shard}`;
    case 'shard-lost':
      return `shard ${fact.shard} is unavailable: its last members ${fact.lost.join(', ')} are gone`;
    case 'shard-revived':
      return `brings shard ${fact.shard} back, up to ${versionText(fact.last)}`;
    case 'shard-forgotten':
      return `forgets shard ${fact.shard}, which others keep`;
    case 'chunk-rotten':
      return `finds chunk ${fact.index} of ${fact.upload} rotten`;
    case 'chunk-unwritten':
      return `could not write chunk ${fact.index} of ${fact.upload}`;
    case 'store-space':
      return fact.full ? 'its disk is full' : 'its disk has room again';
    case 'life-ends':
      return `ends this life: ${fact.why}`;
  }
}
