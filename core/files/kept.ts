/**
 * Small files that readers of this server had lately, where it is not in their chain: a further reader needs only to hear
 * from the tail that it is still that version. The one that was used longest ago goes first.
 */
import { type Chunk, chunkCount, type FileRecord } from '../file.js';
import type { KeptFile, ReadMoment } from '../reads-state.js';
import type { Turn } from '../turn.js';
import { changeReads } from './readers.js';

export function keptFile(turn: Turn, path: string): KeptFile | undefined {
  return turn.state.reads.kept.get(path);
}

/** A reader got this chunk: if it is the whole of a small file, it is kept. @param asOf when that version was heard to hold */
export function keepFile(turn: Turn, path: string, file: FileRecord, chunk: Chunk, asOf: ReadMoment): void {
  const { reads, limits } = turn.state;
  if (chunkCount(file.manifest) !== 1 || chunk.length > limits.keptFileBytesMax) return;
  const former = reads.kept.get(path);
  const used = (reads.keptByUse.last()?.[0] ?? 0) + 1;
  let keptByUse = (former === undefined ? reads.keptByUse : reads.keptByUse.delete(former.used)).set(used, path);
  let kept = reads.kept.set(path, { file, chunk, asOf, used });
  const oldest = keptByUse.first();
  if (kept.size > limits.keptFilesMax && oldest !== undefined) {
    keptByUse = keptByUse.delete(oldest[0]);
    kept = kept.delete(oldest[1]);
  }
  changeReads(turn, { kept, keptByUse });
}
