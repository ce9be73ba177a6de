/**
 * A download into a file: whole or not at all. Bytes go to a part file in the same folder, which gets the name at the
 * very end; whatever goes wrong, and on Ctrl-C, it goes. Knows disks and the client; nothing of protocols.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type Absent,
  type ByteRange,
  CLIENT_CODES,
  type FileClient,
  type FileInfo,
  type Opened,
  ReadBroken,
  type Refused,
} from './client.js';

/** A file that is replaced while it is read is begun anew so often. */
const RESTARTS_MAX = 4;

export interface SaveOptions {
  readonly signal: AbortSignal;
  /** Only these bytes. */
  readonly range?: ByteRange | undefined;
  readonly onProgress?: (bytes: number, file: FileInfo) => void;
}

export type Saved = { readonly result: 'done'; readonly file: FileInfo } | Absent | Refused;

/** Parts of this process, for the moment in which it ends without asking anybody. */
const parts = new Set<string>();
let isWatching = false;

export async function saveFile(client: FileClient, path: string, target: string, options: SaveOptions): Promise<Saved> {
  for (let restarts = 0; ; restarts++) {
    const saved = await savePart(client, path, target, options);
    if (saved.result !== 'refused' || !isWorthAnother(saved.code) || restarts >= RESTARTS_MAX) return saved;
  }
}

const isWorthAnother = (code: string): boolean => code === 'version-gone' || code === 'not-the-same-bytes';

async function savePart(client: FileClient, path: string, target: string, options: SaveOptions): Promise<Saved> {
  let part: string | undefined;
  try {
    // A link stays a link: what it points to is replaced.
    const place = await realpath(target).catch(() => target);
    // Not named after the file: that name may be as long as names can be.
    part = join(dirname(place), `.ppnfs-part-${randomBytes(6).toString('hex')}`);
    watch(part);
    // Before anything is asked: an answer that nobody can put anywhere would be left unread.
    const handle = await openPart(part, place);
    let opened: Opened | Absent | Refused;
    try {
      opened = await client.get(path, { range: options.range, signal: options.signal });
      if (opened.result === 'found') await fill(handle, opened, options);
    } finally {
      await handle.close();
    }
    if (opened.result !== 'found') {
      await rm(part, { force: true });
      return opened;
    }
    await rename(part, place);
    await syncFolder(dirname(place));
    return { result: 'done', file: opened.file };
  } catch (error) {
    // Where no file can be, none can be removed either: what went wrong first is what counts.
    if (part !== undefined) await rm(part, { force: true }).catch(() => undefined);
    if (error instanceof ReadBroken) return error.refused;
    return { result: 'refused', ...told(error, target, options.signal), server: undefined };
  } finally {
    if (part !== undefined) parts.delete(part);
  }
}

/** For those alone who may read what it replaces. */
async function openPart(part: string, place: string): Promise<FileHandle> {
  const old = await stat(place).catch(() => undefined);
  if (old?.isFile() !== true) return open(part, 'wx');
  const handle = await open(part, 'wx', 0o600);
  // Not every system has modes.
  await handle.chmod(old.mode & 0o777).catch(() => {});
  return handle;
}

async function fill(handle: FileHandle, opened: Opened, { signal, onProgress }: SaveOptions): Promise<void> {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of opened.body) {
      yield piece;
      bytes += piece.length;
      onProgress?.(bytes, opened.file);
    }
  }
  await writeFile(handle, counted(), { signal });
  const modified = new Date(opened.file.modifiedMs);
  await handle.utimes(new Date(), modified);
  await handle.sync();
}

/** The new name itself must outlive a loss of power. Not every system can sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  await handle.sync().catch(() => {});
  await handle.close();
}

function told(error: unknown, target: string, signal: AbortSignal): Pick<Refused, 'code' | 'detail'> {
  if (signal.aborted) return { code: 'interrupted', detail: CLIENT_CODES['interrupted'] };
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return {
    code: 'target-unwritable',
    detail: `${CLIENT_CODES['target-unwritable']}: ${whyUnwritable(error as NodeJS.ErrnoException, target)}`,
  };
}

/** What the operating system says of a place, as a sentence. */
export function whyUnwritable({ code = '', message }: NodeJS.ErrnoException, target: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  if (code === 'EISDIR') return `${target} is a folder`;
  const why = UNWRITABLE[code];
  return why === undefined ? message : `${why} ${dirname(resolve(target))} (${code}): choose another place`;
}

const UNWRITABLE: Readonly<Record<string, string>> = {
  ENOENT: 'no file can be made in',
  ENOTDIR: 'no file can be made in',
  EACCES: 'this user may not write in',
  EPERM: 'this user may not write in',
  EROFS: 'nobody may write in',
};

function watch(part: string): void {
  parts.add(part);
  if (isWatching) return;
  isWatching = true;
  process.once('exit', () => {
    for (const left of parts) rmSync(left, { force: true });
  });
}
