/**
 * The operations on files by which a store becomes durable, one door to all of them: tests put faults in, and take down
 * what a loss of power may take. Reading needs no door, nor do files that may vanish: the lock, the reserve.
 */
import {
  closeSync,
  close as closeWith,
  existsSync,
  fdatasync,
  fsync,
  ftruncateSync,
  openSync,
  open as openWith,
  writeFile,
  writev,
  writevSync,
} from 'node:fs';
import { mkdir, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

export interface FileSystem {
  // What the log calls for every group: nothing is made on the way.
  writevSync(descriptor: number, buffers: readonly Buffer[], position: number): number;
  writev(
    descriptor: number,
    buffers: readonly Buffer[],
    position: number,
    done: (error: Error | null, bytes: number) => void,
  ): void;
  fdatasync(descriptor: number, done: (error: Error | null) => void): void;
  ftruncateSync(descriptor: number, bytes: number): void;
  /** A file that is there, to be read and written. */
  openSync(path: string): number;
  closeSync(descriptor: number): void;
  /**
   * On another thread: the last one to close a file that was removed waits until all of it is given back, which took half a
   * second of a busy disk.
   */
  close(descriptor: number): Promise<void>;
  /** A file that is made if it is not there. w: of what was in it nothing stays. @returns its descriptor */
  make(path: string, flags: 'a' | 'w'): Promise<number>;
  /** All of it, from where the file ends. */
  write(descriptor: number, bytes: Buffer): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** If it is not there; the one above it is. */
  makeFolder(path: string): Promise<void>;
  /** What was made, renamed or removed in it stays so after a loss of power. */
  syncFolder(path: string): Promise<void>;
}

const open = promisify(openWith);
const close = promisify(closeWith);
const sync = promisify(fsync);
const write = promisify(writeFile);

export const REAL_FILES: FileSystem = {
  writevSync,
  writev,
  fdatasync,
  ftruncateSync,
  openSync: (path) => openSync(path, 'r+'),
  closeSync,
  close,
  make: (path, flags) => open(path, flags),
  write: (descriptor, bytes) => write(descriptor, bytes),
  rename,
  unlink,
  makeFolder: (path) =>
    mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    }),
  syncFolder: async (path) => {
    const descriptor = await open(path, 'r');
    try {
      await sync(descriptor);
    } finally {
      await close(descriptor);
    }
  },
};

/** What is in this file stays in it after a loss of power. */
export function syncFile(system: FileSystem, descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    system.fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
  });
}

/**
 * With those above it, one by one (where a system refuses in words of its own, as /proc does, Node 20 tries for ever to make
 * all at once); durably, or a store would be gone with its folder. The folder it is in is synced also when it was there:
 * whoever made it may not have come to that.
 */
export async function makeFolder(system: FileSystem, path: string): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !existsSync(path)) await makeFolder(system, parent);
  await system.makeFolder(path);
  try {
    await system.syncFolder(parent);
  } catch (error) {
    // Somebody else's, who lets nobody look into it, but has made the store's.
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

export const isForSpace = ({ code }: NodeJS.ErrnoException): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** A write that takes less than it was given says so, and the next one why. */
export const noSpace = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
