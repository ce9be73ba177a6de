/** The folder that somebody's data goes to. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder that is not there, with those above it, one by one: where a system refuses a folder in words of its own,
 * as /proc does, Node 20 tries for ever to make all of them at once.
 * @throws an Error with a sentence for the operator
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  const missing: string[] = [];
  let above = folder;
  for (;;) {
    const kind = await kindOf(above);
    if (kind === 'folder') break;
    if (kind !== undefined) throw new Error(`${above} is no folder: choose another place, or move it away`);
    missing.unshift(above);
    above = dirname(above);
  }
  for (const each of missing) {
    await mkdir(each).catch((error: NodeJS.ErrnoException) => {
      // Somebody else was faster.
      if (error.code === 'EEXIST') return;
      throw new Error(`cannot make the folder ${each} (${error.code ?? error.message}): choose another place for it`);
    });
  }
}

async function kindOf(path: string): Promise<'folder' | 'something else' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'something else';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') return undefined;
    throw new Error(`cannot look at ${path} (${code ?? message}): choose another place`);
  }
}
