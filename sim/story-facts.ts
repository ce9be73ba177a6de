/**
 * What servers tell, in words for people. A table from fact to text; knows nothing of who asked for what.
 */

import { counted } from '../core/figures.js';
import { type OperationId, type UploadId, versionText } from '../core/ids.js';
import type { Fact } from '../core/output.js';
import { healingText } from './story-healing.js';

export interface FactText {
  readonly text: string;
  /** 0: always worth telling; 1: only if its operation is. */
  readonly level: 0 | 1;
  readonly operation: OperationId | undefined;
}

const always = (text: string): FactText => ({ text, level: 0, operation: undefined });
const detail = (text: string, operation?: OperationId): FactText => ({ text, level: 1, operation });

/** @returns undefined for what would only be noise. @param pathOf the path of a known upload. */
export function factText(fact: Fact, pathOf: (upload: UploadId) => string | undefined): FactText | undefined {
  switch (fact.fact) {
    case 'upload-started':
    case 'persisted':
    case 'committed':
      return undefined;
    case 'view-installed':
      return detail(`lives in view ${fact.epoch} now`);
    case 'view-proposed': {
      const without = fact.removed.length > 8 ? counted(fact.removed.length, 'server') : fact.removed.join(', ');
      return always(`proposes view ${fact.epoch}${without === '' ? '' : ` without ${without}`}`);
    }
    case 'removed':
      return always(`learns from view ${fact.epoch} that it was removed`);
    case 'link-broken': {
      const text = fact.side === 'in' ? 'hears nothing from' : 'does not reach';
      return always(`${text} ${fact.peer} any more (${fact.why})`);
    }
    case 'link-restored':
      return always(`${fact.side === 'in' ? 'hears' : 'reaches'} ${fact.peer} again`);
    case 'link-refused':
      return detail(`refuses a connection (${fact.why})`);
    case 'frames-dropped':
      return detail(`drops ${counted(fact.count, 'frame')} (${fact.why})`);
    case 'upload-abandoned':
      return { ...detail(`gives up the upload of ${fact.path}`), level: pathOf(fact.upload) === undefined ? 1 : 0 };
    case 'ordered':
    case 'appended': {
      const { id, proposal, outcome } = fact.entry;
      const failed = outcome.result === 'precondition-failed' ? ', its precondition failed' : '';
      const verb = `${fact.fact === 'ordered' ? 'orders' : 'appends'} ${proposal.change.kind} ${proposal.path}`;
      const told = detail(`${verb} as ${versionText(id)}${failed}`, proposal.operation);
      return fact.fact === 'ordered' ? told : { ...told, operation: undefined };
    }
    case 'refused':
      return detail(`refuses to order operation ${fact.operation} (${fact.code})`, fact.operation);
    case 'want-stamped':
      return detail(`stamps the want of ${fact.origin} for ${fact.path}`);
    case 'want-joined':
      return detail(`joins the want of ${fact.origin} for ${fact.path}`);
    case 'shuttle-shared':
      return detail(`uses the shuttle of ${fact.origin}`);
    case 'session':
    case 'registered':
    case 'kept-out':
    case 'cluster-founded':
    case 'recovered':
    case 'seated':
    case 'lesson-begun':
    case 'learned':
    case 'hold-begun':
    case 'learner-ready':
    case 'learner-stalled':
    case 'promoted':
    case 'shard-lost':
    case 'shard-revived':
    case 'shard-forgotten':
    case 'chunk-rotten':
    case 'chunk-unwritten':
    case 'store-space':
    case 'life-ends':
      return detail(healingText(fact));
    default:
      return uploadText(fact, pathOf(fact.upload));
  }
}

type UploadFact = Extract<
  Fact,
  {
    fact:
      | 'chunk-staged'
      | 'chunks-resent'
      | 'chunks-fetched'
      | 'boarded'
      | 'caught'
      | 'another-turn'
      | 'parked'
      | 'upload-dropped';
  }
>;

/** Of the chunks of a file only the first is told of: the others do the same. */
function uploadText(fact: UploadFact, path: string | undefined): FactText | undefined {
  const file = path ?? `upload ${fact.upload}`;
  if ('index' in fact && fact.index !== 0) return undefined;
  switch (fact.fact) {
    case 'chunk-staged':
      return detail(`stages the first chunk of ${file}`);
    case 'chunks-resent':
      return { ...detail(`sends ${counted(fact.count, 'chunk')} of ${file} again`), level: path === undefined ? 1 : 0 };
    case 'chunks-fetched':
      return { ...detail(`fetches ${counted(fact.count, 'chunk')} of ${file}`), level: path === undefined ? 1 : 0 };
    case 'boarded':
      return detail(`boards ${file}${fact.idle ? ' into idle capacity' : ''}`);
    case 'caught':
      return detail(`catches ${file} as it passes`);
    case 'another-turn':
      return detail(`lets ${file} ride another turn (heat ${fact.heat})`);
    case 'parked':
      return detail(`parks ${file}`);
    case 'upload-dropped':
      return detail(`drops ${file} (${fact.why})`);
  }
}
