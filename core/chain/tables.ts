/**
 * The tables of a shard: its files and the remembered outcomes, as its log makes them. Pure; one place for what an
 * entry does, whether it is committed, learned or recovered.
 */
import type { FileRecord, LogEntry } from '../file.js';
import type { OperationId } from '../ids.js';
import type { SortedMap } from '../sorted-map.js';
import type { RememberedOutcome } from '../store-port.js';
import { fileAfter } from './shards.js';

export interface Tables {
  readonly files: SortedMap<string, FileRecord>;
  readonly outcomes: SortedMap<OperationId, RememberedOutcome>;
  readonly floor: OperationId;
}

/** The tables behind this entry. The oldest outcomes go first and raise the floor (brief §3.4.4). */
export function applyEntry({ files, outcomes, floor }: Tables, entry: LogEntry, outcomesMax: number): Tables {
  const { operation, fingerprint, path } = entry.proposal;
  const tables = {
    files: entry.outcome.result === 'precondition-failed' ? files : withFile(files, path, fileAfter(entry)),
    outcomes: outcomes.set(operation, { outcome: entry.outcome, fingerprint }),
    floor,
  };
  while (tables.outcomes.size > outcomesMax) {
    const [oldest] = tables.outcomes.first() as readonly [OperationId, RememberedOutcome];
    tables.floor = oldest;
    tables.outcomes = tables.outcomes.delete(oldest);
  }
  return tables;
}

const withFile = (files: Tables['files'], path: string, file: FileRecord | undefined): Tables['files'] =>
  file === undefined ? files.delete(path) : files.set(path, file);

/** The latest so many entries. */
export function trimHistory(history: SortedMap<number, LogEntry>, max: number): SortedMap<number, LogEntry> {
  let kept = history;
  while (kept.size > max) kept = kept.delete((kept.first() as readonly [number, LogEntry])[0]);
  return kept;
}
