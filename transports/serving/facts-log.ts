/**
 * Facts of the core as log lines: one each, under the name by which the simulator tells it, too. Levels are a table:
 * what an operator is woken for, wants to see, or asks for.
 */

import type { LogEntry } from '../../core/file.js';
import { type EntryId, versionText } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { Logger, LogLevel } from './log.js';

/** warn: something is not as it should be · info: the ring changes · debug: operations · trace: single chunks. */
export const FACT_LEVELS: Readonly<Record<Fact['fact'], LogLevel>> = {
  'cluster-founded': 'info',
  'view-installed': 'info',
  'view-proposed': 'info',
  session: 'info',
  registered: 'info',
  'kept-out': 'warn',
  recovered: 'info',
  seated: 'info',
  'lesson-begun': 'info',
  learned: 'info',
  'hold-begun': 'debug',
  'learner-ready': 'info',
  'learner-stalled': 'warn',
  promoted: 'info',
  'shard-lost': 'error',
  'shard-revived': 'warn',
  'shard-forgotten': 'debug',
  'chunk-rotten': 'warn',
  'chunk-unwritten': 'warn',
  'store-space': 'warn',
  'life-ends': 'warn',
  removed: 'warn',
  'link-broken': 'warn',
  'link-restored': 'info',
  'link-refused': 'info',
  'frames-dropped': 'debug',
  'upload-started': 'debug',
  'upload-abandoned': 'debug',
  'chunk-staged': 'trace',
  'chunks-resent': 'debug',
  'chunks-fetched': 'debug',
  ordered: 'debug',
  appended: 'trace',
  persisted: 'trace',
  committed: 'debug',
  refused: 'info',
  'want-stamped': 'trace',
  'want-joined': 'trace',
  'shuttle-shared': 'trace',
  boarded: 'trace',
  caught: 'trace',
  'another-turn': 'trace',
  parked: 'trace',
  'upload-dropped': 'debug',
};

export function logFact(log: Logger, fact: Fact): void {
  const level = FACT_LEVELS[fact.fact];
  if (log.isLevelEnabled(level)) log[level](fieldsOf(fact));
}

/** As flat as can be: identities are the texts that users see. */
function fieldsOf(fact: Fact): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fact)) {
    if (name === 'entry') Object.assign(fields, entryFields(value as LogEntry));
    else fields[name] = isEntryId(value) ? versionText(value) : value;
  }
  return fields;
}

function entryFields({ id, proposal, outcome }: LogEntry): Record<string, unknown> {
  const { operation, path, change } = proposal;
  return { entry: versionText(id), operation, path, change: change.kind, outcome: outcome.result };
}

function isEntryId(value: unknown): value is EntryId {
  return typeof value === 'object' && value !== null && 'epoch' in value && 'sequence' in value;
}
