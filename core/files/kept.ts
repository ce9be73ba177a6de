/**
 * Small files that readers of this server had lately, where it is not in their chain, so that their bytes need not cross
 * the ring again. When one still holds is said in at-hand.ts. The one that was used longest ago goes first.
 */
import { type Chunk, chunkCount, type FileRecord } from '../file.js';
import type { KeptFile } from '../reads-state.js';
import type { Turn } from '../turn.js';
import { changeReads } from './readers.js';

export function keptFile(turn: Turn, path: string): KeptFile | undefined {
  return turn.state.reads.kept.get(path);
}

/** Whether this chunk is the whole of a file that may be kept. */
export function isWorthKeeping(turn: Turn, file: FileRecord, chunk: Chunk): boolean {
  return chunk.length <= turn.state.limits.keptFileBytesMax && chunkCount(file.manifest) === 1;
}

/** This version holds in the present epoch. */
export function keepFile(turn: Turn, path: string, file: FileRecord, chunk: Chunk): void {
  const { reads, limits, view } = turn.state;
  const former = reads.kept.get(path);
  const used = (reads.keptByUse.last()?.[0] ?? 0) + 1;
  let keptByUse = (former === undefined ? reads.keptByUse : reads.keptByUse.delete(former.used)).set(used, path);
  let kept = reads.kept.set(path, { file, chunk, epoch: view.epoch, used });
  const oldest = keptByUse.first();
  if (kept.size > limits.keptFilesMax && oldest !== undefined) {
    keptByUse = keptByUse.delete(oldest[0]);
    kept = kept.delete(oldest[1]);
  }
  changeReads(turn, { kept, keptByUse });
}

/** It has been written or deleted. */
export function forgetKept(turn: Turn, path: string): void {
  const { kept, keptByUse } = turn.state.reads;
  const former = kept.get(path);
  if (former !== undefined) changeReads(turn, { kept: kept.delete(path), keptByUse: keptByUse.delete(former.used) });
}
