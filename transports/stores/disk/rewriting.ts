/**
 * Makes what was found in a folder safe. To sync it is not enough: where a sync had failed, in whatever process, the system
 * takes what it could not write for written, reads it back, and says so at the next sync. It is written once more as it
 * reads, from where it is not known to be on the disk; then a sync means what it says.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, isForSpace, noSpace, syncFile } from './file-system.js';
import { type Manifest, segmentName } from './manifest.js';
import { offsetOf, type Place, segmentOf } from './record.js';

const PIECE_BYTES = 256 * 1024;

/** @param syncedTo everything before it is on the disk */
export async function makeSafe(
  system: FileSystem,
  folder: string,
  { segments }: Manifest,
  syncedTo: Place,
): Promise<void> {
  const last = segmentOf(syncedTo);
  for (const { number, bytes } of segments) {
    if (bytes !== undefined) continue;
    const path = join(folder, segmentName(number));
    const descriptor = system.openSync(path);
    try {
      if (number >= last) await writeAgain(system, descriptor, path, number === last ? offsetOf(syncedTo) : 0);
      await syncFile(system, descriptor);
    } finally {
      system.closeSync(descriptor);
    }
  }
  // Also their names, and the list of them: a process that was killed may have left those in the hands of the system alone.
  await system.syncFolder(folder);
}

async function writeAgain(system: FileSystem, descriptor: number, path: string, from: number): Promise<void> {
  const file = await open(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (let at = from; ; ) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, at);
      if (bytesRead === 0) return;
      at += await write(system, descriptor, piece.subarray(0, bytesRead), at);
    }
  } catch (error) {
    // A file system that never writes in place may have no room even for that; then the sync has to do.
    if (!isForSpace(error as Error)) throw error;
  } finally {
    await file.close();
  }
}

/** @returns how many of them were written, which may be less */
function write(system: FileSystem, descriptor: number, bytes: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    system.writev(descriptor, [bytes], at, (error, written) => {
      if (error === null && written > 0) resolve(written);
      else reject(error ?? noSpace());
    });
  });
}
