/** What was found on the disk, in the words of the port. */
import type { ShardId } from '../../../core/ids.js';
import {
  type Base,
  NOTHING_RECOVERED,
  type Recovered,
  type RecoveredEntry,
  type RecoveredShard,
} from '../../../core/store-port.js';
import { readPiece } from './chunk-reads.js';
import { decodeHead, HEAD_BYTES, saltOf, segmentOf } from './record.js';
import type { Findings } from './recovery.js';
import type { SegmentFiles } from './segment-files.js';
import { type BasePieces, type EntryPiece, isSound } from './shard-index.js';
import { baseOf, entryOf, identityOf, lostEntry } from './texts.js';
import type { Piece } from './upload-index.js';

/** Takes the texts of entries out of the index: they are not needed there any more. */
export async function recoveredOf(findings: Findings, files: SegmentFiles): Promise<Recovered> {
  const { index, suspectUpTo, suspectShards } = findings;
  const shards: RecoveredShard[] = [];
  const named = new Set([...index.shards.shards.keys(), ...suspectShards]);
  for (const shard of [...named].sort((a, b) => a - b)) {
    const one = await recoveredShard(findings, files, shard);
    if (one.base !== undefined || !one.baseSound || one.entries.length > 0 || one.suspect) shards.push(one);
  }
  const identity = index.identity === undefined ? undefined : identityOf(index.identity.text);
  const uploads = index.uploads.recovered();
  if (identity === undefined && shards.length === 0 && uploads.length === 0) return NOTHING_RECOVERED;
  return { identity, suspectUpTo, shards, uploads };
}

async function recoveredShard(findings: Findings, files: SegmentFiles, shard: ShardId): Promise<RecoveredShard> {
  const { index, manifest, suspectShards } = findings;
  const records = index.shards.shards.get(shard);
  const suspect = suspectShards.includes(shard);
  const entries = (records?.entries ?? []).map(recoveredEntry);
  if (records?.base === undefined) return { shard, base: undefined, baseSound: true, entries, suspect };
  const base = isSound(records.base) ? await readBase(files, manifest.store, records.base) : undefined;
  return { shard, base, baseSound: base !== undefined, entries, suspect };
}

function recoveredEntry(piece: EntryPiece): RecoveredEntry {
  const { text, id, hollow } = piece;
  piece.text = undefined;
  return text === undefined
    ? { entry: lostEntry(id), sound: false, hollow }
    : { entry: entryOf(text), sound: true, hollow };
}

async function readBase(files: SegmentFiles, store: string, { at, parts }: BasePieces): Promise<Base | undefined> {
  const texts: string[] = [];
  for (const part of parts) {
    const text = await readText(files, store, part);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return baseOf(at, texts);
}

function readText(files: SegmentFiles, store: string, piece: Piece): Promise<string | undefined> {
  return new Promise((resolve) => {
    readPiece(files, piece, (bytes) => {
      const head = bytes === undefined ? undefined : decodeHead(bytes, 0, saltOf(store, segmentOf(piece.place)));
      resolve(head === undefined ? undefined : bytes?.toString('utf8', HEAD_BYTES, HEAD_BYTES + head.textBytes));
    });
  });
}
