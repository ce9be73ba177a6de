/**
 * Asking another holder for chunks that are missing here: so many bytes at once, whatever the size of the files. By number
 * alone small files would take a turn of the ring for every few of them, and never catch up with a load of more. All shards
 * that are learned share what may be asked for: thousands of asks at once stood before every write for a second.
 */
import type { MemberId, ShardId, UploadId } from '../ids.js';
import { countOf, type Range, type Ranges } from '../ranges.js';
import { launch, type Turn, tell } from '../turn.js';

/** One round of asking, for one shard. */
export interface Round {
  readonly shard: ShardId;
  readonly from: MemberId;
  /** Chunks asked for. */
  asked: number;
  /** What may still be asked for. */
  chunksLeft: number;
  bytesLeft: number;
}

/** A shard may ask for so many small chunks, however many others ask as well. */
const CHUNKS_MIN = 4;

export function beginRound(turn: Turn, shard: ShardId, from: MemberId): Round {
  const { limits, view, shards } = turn.state;
  let learned = 0;
  for (const { learning } of shards.values()) if (learning !== undefined) learned++;
  const share = (all: number): number => Math.ceil(all / Math.max(1, learned));
  const chunksLeft = Math.max(CHUNKS_MIN, share(limits.repairChunksMax));
  const bytesLeft = share(limits.repairFullChunksMax) * view.settings.chunkBytes;
  return { shard, from, asked: 0, chunksLeft, bytesLeft };
}

export const isRoundOver = ({ chunksLeft, bytesLeft }: Round): boolean => chunksLeft <= 0 || bytesLeft <= 0;

/** What is asked for. `length`: of the whole file, if it is known; otherwise every chunk may be a full one. */
export interface Wanted {
  readonly upload: UploadId;
  readonly missing: Ranges;
  readonly chunkBytes: number;
  readonly length?: number;
}

/** Asks for the first of the missing chunks, as far as this round goes. @returns which. */
export function askFor(turn: Turn, round: Round, wanted: Wanted): Ranges {
  const ranges = taken(round, wanted);
  const count = countOf(ranges);
  if (count === 0) return ranges;
  const { shard, from } = round;
  const { upload } = wanted;
  round.asked += count;
  tell(turn, { fact: 'chunks-fetched', upload, count });
  launch(turn, from, { kind: 'fetch', purpose: 'repair', shard, upload, ranges, seen: 0, again: true });
  return ranges;
}

function taken(round: Round, { missing, chunkBytes, length = Number.MAX_SAFE_INTEGER }: Wanted): Ranges {
  const ranges: Range[] = [];
  for (const { from, to } of missing) {
    let index = from;
    for (; index < to && !isRoundOver(round); index++) {
      round.chunksLeft -= 1;
      round.bytesLeft -= Math.min(chunkBytes, length - index * chunkBytes);
    }
    if (index > from) ranges.push({ from, to: index });
  }
  return ranges;
}
