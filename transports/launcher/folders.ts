/** The folder that somebody's data goes to. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Of a server whose data is kept in this folder. */
export const storeFolder = (data: string): string => join(data, 'store');

/**
 * Makes a folder that is not there, with those above it, one by one: where a system refuses a folder in words of its own,
 * as /proc does, Node 20 tries for ever to make all of them at once.
 * @throws an Error with a sentence for the operator
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let above = resolve(path);
  for (; !(await isFolder(above)); above = dirname(above)) missing.unshift(above);
  for (const each of missing) {
    await mkdir(each).catch((error: NodeJS.ErrnoException) => {
      // Somebody else was faster; or it is a link that leads nowhere, and no folder for whoever comes after this.
      if (error.code === 'EEXIST') return;
      throw new Error(`cannot make the folder ${each} (${error.code ?? error.message}): choose another place for it`);
    });
    if (!(await isFolder(each))) throw new Error(`${each} leads nowhere: choose another place, or remove it`);
  }
}

/** @returns false if nothing is there. @throws if something else is, or nobody can tell */
async function isFolder(path: string): Promise<boolean> {
  const about = await stat(path).catch(({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Error(`cannot look at ${path} (${code ?? message}): choose another place`);
  });
  if (about?.isDirectory() === false) throw new Error(`${path} is no folder: choose another place, or move it away`);
  return about !== undefined;
}
