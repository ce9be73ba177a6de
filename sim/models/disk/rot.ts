/**
 * Bits that turn: one record of a disk, drawn by the seed, is not what was written any more, and its checksum tells.
 * Looks into log entries and tables only to find out which bytes belong to a path.
 */
import type { Chunk } from '../../../core/file.js';
import type { UploadId } from '../../../core/ids.js';
import type { RandomStream } from '../../world-api.js';
import type { Contents } from './contents.js';

/** @returns whether there was something to rot. */
export function rotChunk(contents: Contents, path: string | undefined, random: RandomStream): boolean {
  const groups = path === undefined ? [[...contents.uploads.keys()]] : uploadsOf(contents, path).map((one) => [one]);
  for (const uploads of groups) {
    const sound = uploads.flatMap((upload) => soundOf(contents, upload));
    const chosen = sound.length > 0 ? sound[random.int(0, sound.length - 1)] : undefined;
    if (chosen === undefined) continue;
    const rotten = { ...chosen };
    contents.rottenChunks.add(rotten);
    (contents.uploads.get(chosen.upload)?.chunks ?? [])[chosen.index] = rotten;
    return true;
  }
  return false;
}

function soundOf(contents: Contents, upload: UploadId): readonly Chunk[] {
  const chunks = contents.uploads.get(upload)?.chunks ?? [];
  return chunks.filter((chunk) => chunk !== undefined && !contents.rottenChunks.has(chunk)) as Chunk[];
}

/** The latest first. */
function uploadsOf(contents: Contents, path: string): readonly UploadId[] {
  const uploads: UploadId[] = [];
  for (const { base, entries } of contents.shards.values()) {
    const file = base?.files.get(path);
    if (file !== undefined) uploads.unshift(file.manifest.upload);
    for (const { proposal, outcome } of entries) {
      if (proposal.path === path && outcome.result === 'stored') uploads.unshift(outcome.upload);
    }
  }
  return uploads;
}

/** @returns whether there was something to rot. */
export function rotEntry(contents: Contents, path: string | undefined, random: RandomStream): boolean {
  const sound = [...contents.shards.values()].flatMap(({ entries }) =>
    entries.flatMap((entry, place) => {
      const isMeant = path === undefined || entry.proposal.path === path;
      return isMeant && !contents.badEntries.has(entry) ? [{ entries, place }] : [];
    }),
  );
  const chosen = sound.length > 0 ? sound[random.int(0, sound.length - 1)] : undefined;
  if (chosen !== undefined) contents.spoilEntry(chosen.entries, chosen.place);
  return chosen !== undefined;
}
