/**
 * The files of a local folder, with what is to be sent of each. Follows a symbolic link to a file only while it stays
 * inside of the folder, and no link to a folder: nothing is sent that does not lie there, and no walk goes in circles.
 */
import type { Dirent } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface LocalFile {
  /** To be opened. */
  readonly file: string;
  /** From the folder, with "/" between its parts. */
  readonly relative: string;
  readonly length: number;
  readonly modifiedMs: number;
}

export interface Skipped {
  readonly file: string;
  readonly why: string;
}

export interface Walked {
  readonly files: readonly LocalFile[];
  readonly skipped: readonly Skipped[];
}

/** Of several with one place the first is kept: the last would take the place of the others without a word. */
export function eachOnce<Item>(
  items: readonly Item[],
  placeOf: (item: Item) => string,
  nameOf: (item: Item) => string,
  what: string,
): { readonly kept: readonly Item[]; readonly repeated: readonly Skipped[] } {
  const taken = new Map<string, string>();
  const repeated: Skipped[] = [];
  const kept = items.filter((item) => {
    const other = taken.get(placeOf(item));
    if (other === undefined) taken.set(placeOf(item), nameOf(item));
    else repeated.push({ file: nameOf(item), why: `${what} is that of ${other}` });
    return other === undefined;
  });
  return { kept, repeated };
}

/** @throws what the operating system says of the folder itself */
export async function walkFolder(folder: string): Promise<Walked> {
  const root = await realpath(folder);
  const files: LocalFile[] = [];
  const skipped: Skipped[] = [];
  const folders = [''];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const entry of await entriesOf(join(root, at), at === '' ? undefined : skipped)) {
      const relative = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) folders.push(relative);
      else {
        const found = await fileOf(root, relative, entry);
        if ('why' in found) skipped.push({ file: join(folder, relative), why: found.why });
        else files.push(found);
      }
    }
  }
  files.sort((a, b) => (a.relative < b.relative ? -1 : 1));
  return { files, skipped };
}

/** @param skipped where to say that it cannot be read; undefined: throw */
async function entriesOf(folder: string, skipped: Skipped[] | undefined): Promise<readonly Dirent[]> {
  try {
    const entries: Dirent[] = [];
    for await (const entry of await opendir(folder)) entries.push(entry);
    return entries;
  } catch (error) {
    if (skipped === undefined || !(error instanceof Error)) throw error;
    skipped.push({ file: folder, why: error.message });
    return [];
  }
}

async function fileOf(root: string, relative: string, entry: Dirent): Promise<LocalFile | { readonly why: string }> {
  try {
    const file = await realpath(join(root, relative));
    const isInside = file === root || file.startsWith(root.endsWith(sep) ? root : root + sep);
    if (entry.isSymbolicLink() && !isInside) {
      return { why: 'a link that leads out of the folder' };
    }
    const about = await stat(file);
    if (about.isDirectory()) return { why: 'a link to a folder' };
    if (!about.isFile()) return { why: 'not a file' };
    return { file, relative, length: about.size, modifiedMs: Math.trunc(about.mtimeMs) };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
