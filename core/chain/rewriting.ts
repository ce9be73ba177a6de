/**
 * Entries whose log record was asked for before one of their chunks: the disk did not take that chunk, and it had to be
 * fetched again. Such an entry is written once more behind its chunk, and is not durable before that is answered,
 * whatever else is answered in between (hazard 7).
 */
import { isAnswered, persist } from '../durability.js';
import { type LogEntry, storedUpload } from '../file.js';
import type { ShardId, UploadId } from '../ids.js';
import type { ShardState } from '../state.js';
import type { Turn } from '../turn.js';
import { missingOf } from './held.js';
import { changeShard, shardOfTurn } from './shards.js';

/** Its chunk is not here again. */
const CHUNK_MISSING = 0;

/** A chunk of this upload was not written. */
export function markUnsafe(turn: Turn, shardId: ShardId, upload: UploadId): void {
  const { log, history, durable } = shardOfTurn(turn, shardId);
  for (const entries of [log, history]) {
    for (const [sequence, entry] of entries.entries(durable + 1)) {
      if (storedUpload(entry) !== upload) continue;
      const { rewrites } = shardOfTurn(turn, shardId);
      changeShard(turn, shardId, { rewrites: rewrites.set(sequence, CHUNK_MISSING) });
    }
  }
}

/** The first entry that is not durable although its record may be. Infinity: there is none. */
export function firstUnsafe(turn: Turn, shardId: ShardId): number {
  const shard = shardOfTurn(turn, shardId);
  for (const [sequence, number] of shard.rewrites.entries()) {
    if (isNeeded(shard, sequence) && !isWritten(turn, shardId, number)) return sequence;
  }
  return Number.POSITIVE_INFINITY;
}

/** Writes those once more whose chunks are here again, and forgets those that are durable or no more needed. */
export function writeAgain(turn: Turn, shardId: ShardId): void {
  const shard = shardOfTurn(turn, shardId);
  if (shard.rewrites.size === 0) return;
  let { rewrites } = shard;
  for (const [sequence, number] of shard.rewrites.entries()) {
    const entry = entryAt(shard, sequence);
    if (entry === undefined || !isNeeded(shard, sequence) || isWritten(turn, shardId, number)) {
      rewrites = rewrites.delete(sequence);
    } else if (number === CHUNK_MISSING && isWhole(turn, entry)) {
      rewrites = rewrites.set(sequence, persist(turn, shardId, [entry]));
    }
  }
  changeShard(turn, shardId, { rewrites });
}

const isWritten = (turn: Turn, shardId: ShardId, number: number): boolean =>
  number !== CHUNK_MISSING && isAnswered(turn, shardId, number);

const entryAt = ({ log, history }: ShardState, sequence: number): LogEntry | undefined =>
  log.get(sequence) ?? history.get(sequence);

/** Of what is committed only files need their bytes. */
function isNeeded(shard: ShardState, sequence: number): boolean {
  if (sequence > shard.committed.sequence) return true;
  const entry = entryAt(shard, sequence);
  if (entry === undefined) return false;
  const upload = storedUpload(entry);
  return upload !== undefined && shard.files.get(entry.proposal.path)?.manifest.upload === upload;
}

function isWhole(turn: Turn, { proposal }: LogEntry): boolean {
  return proposal.change.kind === 'put' && missingOf(turn, proposal.change.manifest).length === 0;
}
