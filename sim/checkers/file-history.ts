/**
 * What clients did and were told, as the linearizability checker takes it. Knows clients and that checker's format.
 * Must never look into a server.
 */
import type { FileRecord, Manifest, Precondition } from '../../core/file.js';
import { type OperationId, type UploadId, versionText } from '../../core/ids.js';
import type { ContentBook } from '../clients/content.js';
import { isEventual, type OperationRecord, preconditionOf, targetOf } from '../clients/operation.js';
import type { FileOperation } from './linearizable/history.js';

/** Which put's content a reader saw. Several puts of one real file are told apart by their upload. */
export type ContentNames = (manifest: Manifest, path: string) => string;

export function contentNames(
  contents: ContentBook,
  operationOfUpload: (upload: UploadId) => OperationId | undefined,
  contentOfOperation: (operation: OperationId) => string | undefined,
): ContentNames {
  return (manifest) => {
    const candidates = contents.ofManifest(manifest);
    if (candidates.length === 1 && candidates[0] !== undefined) return candidates[0].id;
    const operation = operationOfUpload(manifest.upload);
    return (operation && contentOfOperation(operation)) ?? `bytes that nobody put (${manifest.sha256})`;
  };
}

const wanted = (precondition: Precondition): { precondition?: { ifVersion: string } } =>
  precondition === undefined ? {} : { precondition: { ifVersion: precondition } };

/** @returns undefined for what leaves no trace: refused writes, abandoned puts, reads without an answer or eventual. */
export function historyEntry(record: OperationRecord, nameOf: ContentNames): FileOperation | undefined {
  const { client, call, answer, order, content } = record;
  const { kind } = order.action;
  const path = targetOf(order.action);
  const base = { client, path, call };
  if (kind === 'put' || kind === 'delete') {
    if (answer?.result === 'refused' || answer?.result === 'abandoned') return undefined;
    const outcome = answer?.result === 'done' ? answer.outcome : undefined;
    const end = outcome === undefined ? null : (record.end ?? null);
    const precondition = wanted(preconditionOf(order.action));
    if (kind === 'put') {
      const put = { ...base, ...precondition, kind, content: content?.id ?? '', end } as const;
      if (outcome?.result === 'stored') {
        return { ...put, result: { outcome: 'done', version: versionText(outcome.version) } };
      }
      return { ...put, result: outcome === undefined ? null : { outcome: 'precondition-failed' } };
    }
    const removal = { ...base, ...precondition, kind, end } as const;
    if (outcome?.result === 'deleted') return { ...removal, result: { outcome: 'done', found: outcome.found } };
    return { ...removal, result: outcome === undefined ? null : { outcome: 'precondition-failed' } };
  }
  const end = record.end ?? null;
  if (kind === 'list' || end === null || isEventual(order.action)) return undefined;
  if (answer?.result === 'absent') return { ...base, kind, end, result: { outcome: 'absent' } };
  const seen =
    answer?.result === 'found'
      ? answer.file
      : answer?.result === 'delivered'
        ? { version: answer.version, manifest: answer.manifest }
        : undefined;
  return seen === undefined ? undefined : { ...base, kind, end, result: foundResult(seen, path, nameOf) };
}

/**
 * A list is a read of every path it names, and of every known path that it would have had to name and did not.
 * @param paths every path that was ever written.
 */
export function listEntries(record: OperationRecord, paths: Iterable<string>, nameOf: ContentNames): FileOperation[] {
  const { client, call, answer, end, order } = record;
  if (answer?.result !== 'listed' || end === undefined || order.action.kind !== 'list') return [];
  const { prefix } = order.action;
  const base = { client, call, end, kind: 'stat' } as const;
  const listed = new Set<string>();
  const entries: FileOperation[] = [];
  for (const { path, file } of answer.items) {
    listed.add(path);
    entries.push({ ...base, path, result: foundResult(file, path, nameOf) });
  }
  const last = answer.items[answer.items.length - 1]?.path ?? '';
  for (const path of paths) {
    const isCovered = path.startsWith(prefix) && (!answer.more || path <= last);
    if (isCovered && !listed.has(path)) entries.push({ ...base, path, result: { outcome: 'absent' } });
  }
  return entries;
}

function foundResult({ manifest, version }: FileRecord, path: string, nameOf: ContentNames) {
  return { outcome: 'found', content: nameOf(manifest, path), version: versionText(version) } as const;
}
