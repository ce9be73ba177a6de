/**
 * In what the replicas of a shard differ: files, remembered outcomes, bytes. For the end of a run, when all is calm.
 */
import { chunkCount, type Outcome } from '../../core/file.js';
import { compareEntryIds, type ShardId, versionText } from '../../core/ids.js';
import { missingIn } from '../../core/ranges.js';
import type { ServerHandle } from '../world-api.js';
import { shardState } from './living.js';

/**
 * At most one line of each kind for each replica.
 * @param mayLose bytes that no replica has may be gone for good
 */
export function differences(chain: readonly ServerHandle[], shard: ShardId, mayLose = false): readonly string[] {
  const [first, ...others] = chain;
  if (first === undefined) return [];
  const found = [
    ...others.flatMap((other) => [unequalFiles(first, other, shard), unequalOutcomes(first, other, shard)]),
    ...chain.map((server) => lackingBytes(server, shard, mayLose ? chain : [])),
  ];
  return found.filter((line) => line !== undefined);
}

function unequalFiles(first: ServerHandle, other: ServerHandle, shard: ShardId): string | undefined {
  const ours = shardState(first.state, shard)?.files;
  const theirs = shardState(other.state, shard)?.files;
  if (ours === undefined && theirs === undefined) return undefined;
  const paths = new Set([...(ours?.keys() ?? []), ...(theirs?.keys() ?? [])]);
  for (const path of paths) {
    const a = ours?.get(path);
    const b = theirs?.get(path);
    const isSame = a !== undefined && b !== undefined && compareEntryIds(a.version, b.version) === 0;
    if (isSame && a.manifest.upload === b.manifest.upload) continue;
    const texts = [a, b].map((file) => (file === undefined ? 'nothing' : versionText(file.version)));
    return `${first.id} has ${texts[0]} at ${path}, ${other.id} has ${texts[1]}`;
  }
  return undefined;
}

function outcomeText(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if (outcome.result === 'stored') return `stored ${versionText(outcome.version)}`;
  return outcome.result === 'deleted' ? `deleted (${outcome.found ? 'found' : 'absent'})` : outcome.result;
}

/** A repeated write must get the same answer from whoever is head next. */
function unequalOutcomes(first: ServerHandle, other: ServerHandle, shard: ShardId): string | undefined {
  const ours = shardState(first.state, shard);
  const theirs = shardState(other.state, shard);
  if (ours === undefined || theirs === undefined) return undefined;
  if (ours.floor !== theirs.floor) {
    return `${first.id} has forgotten outcomes of shard ${shard} up to "${ours.floor}", ${other.id} up to "${theirs.floor}"`;
  }
  const operations = new Set([...ours.outcomes.keys(), ...theirs.outcomes.keys()]);
  for (const operation of operations) {
    const texts = [ours, theirs].map(({ outcomes }) => outcomeText(outcomes.get(operation)?.outcome));
    if (texts[0] === texts[1]) continue;
    return `${first.id} remembers ${texts[0]} of operation ${operation}, ${other.id} remembers ${texts[1]}`;
  }
  return undefined;
}

/** @param elsewhere what none of these has is no difference; empty: everything must be there */
function lackingBytes(
  { id, state }: ServerHandle,
  shard: ShardId,
  elsewhere: readonly ServerHandle[],
): string | undefined {
  for (const [path, { manifest }] of shardState(state, shard)?.files.entries() ?? []) {
    const chunks = state.held.get(manifest.upload)?.chunks ?? [];
    const [missing] = missingIn(chunks, 0, chunkCount(manifest));
    if (missing === undefined) continue;
    const isThere = (server: ServerHandle): boolean => {
      const theirs = server.state.held.get(manifest.upload)?.chunks ?? [];
      return missingIn(theirs, missing.from, missing.to).length === 0;
    };
    if (elsewhere.length > 0 && !elsewhere.some(isThere)) continue;
    return `${id} lacks chunks ${missing.from} to ${missing.to - 1} of ${path} (upload ${manifest.upload})`;
  }
  return undefined;
}
