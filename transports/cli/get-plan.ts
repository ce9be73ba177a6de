/**
 * What a `ppnfs get` is to fetch, and where to. Looks at local folders; lists the ring where whole folders are wanted.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isPath } from '../../core/files/paths.js';
import type { FileClient, FileInfo, Refused } from '../client/client.js';
import { WrongUsage } from './context.js';
import { eachOnce, type Skipped } from './local-files.js';
import { asFolder, lastPart, ringPath, ringPrefix } from './names.js';

export interface ToFetch {
  readonly path: string;
  /** Undefined: standard output. */
  readonly target: string | undefined;
  /** An existing device or pipe: written to, never replaced. */
  readonly isPipe: boolean;
  /** Undefined: not known yet. */
  readonly length: number | undefined;
  /** Folder that the target must not lead out of; undefined: the target was named. */
  readonly root: string | undefined;
}

export interface Fetching {
  readonly files: readonly ToFetch[];
  readonly skipped: readonly Skipped[];
}

type Kind = 'folder' | 'file' | 'pipe' | 'nothing';

async function kindOf(place: string): Promise<Kind> {
  const about = await stat(place).catch(() => undefined);
  if (about === undefined) return 'nothing';
  return about.isDirectory() ? 'folder' : about.isFile() ? 'file' : 'pipe';
}

/** Single files. @throws WrongUsage */
export async function filesToFetch(paths: readonly string[], target: string): Promise<Fetching> {
  if (target === '-') {
    if (paths.length > 1) throw new WrongUsage('several files on standard output would run into one another');
    const only = { target: undefined, isPipe: true, length: undefined, root: undefined };
    return { files: paths.map((path) => ({ path: ringPath(path), ...only })), skipped: [] };
  }
  if (target === '') throw new WrongUsage('the target has no name');
  const kind = await kindOf(target);
  const isFolder = kind === 'folder' || target.endsWith('/');
  if (isFolder && kind !== 'folder') throw new WrongUsage(`${target}: no such folder`);
  if (paths.length > 1 && !isFolder) throw new WrongUsage(`${target}: several files need a folder as their target`);
  const files = paths.map((text): ToFetch => {
    const path = ringPath(text);
    const place = isFolder ? join(target, localName(lastPart(path))) : target;
    return { path, target: place, isPipe: !isFolder && kind === 'pipe', length: undefined, root: undefined };
  });
  return withoutRepeats(files, []);
}

function withoutRepeats(files: readonly ToFetch[], skipped: readonly Skipped[]): Fetching {
  const once = eachOnce(
    files,
    ({ target }) => resolve(target ?? ''),
    ({ path }) => path,
    'its target',
  );
  return { files: once.kept, skipped: [...skipped, ...once.repeated] };
}

/** Everything under some folders. @throws WrongUsage */
export async function foldersToFetch(
  client: FileClient,
  folders: readonly string[],
  target: string,
  signal: AbortSignal,
): Promise<Fetching | Refused> {
  if (target === '') throw new WrongUsage('the target has no name');
  if (target === '-') throw new WrongUsage('folders do not fit on standard output: name a folder');
  const kind = await kindOf(target.replace(/\/+$/, '') || '/');
  if (kind === 'file' || kind === 'pipe') throw new WrongUsage(`${target} is not a folder`);
  const files: ToFetch[] = [];
  const skipped: Skipped[] = [];
  for (const text of folders) {
    const folder = asFolder(ringPrefix(text));
    const name = lastPart(folder.slice(0, -1));
    const place = target.endsWith('/') ? join(target, name) : target;
    for await (const item of listed(client, folder, signal)) {
      if ('result' in item) return item;
      const relative = item.path.slice(folder.length);
      const why = isBelow(item.path, folder) ? unfitName(relative) : 'no path that leads into this folder';
      const { path, length } = item;
      if (why === undefined) files.push({ path, length, target: join(place, relative), isPipe: false, root: place });
      else skipped.push({ file: path, why });
    }
  }
  return withoutRepeats(files, skipped);
}

/** What a server lists is not believed: it might lead out of the folder that it is to be put into. */
const isBelow = (path: string, folder: string): boolean => isPath(path) && path.startsWith(folder);

/** All pages; the last thing may be why there are no more. */
export async function* listed(
  client: FileClient,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<FileInfo | Refused> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const page = await client.list({ prefix, after, signal });
    if (page.result !== 'listed') {
      yield page;
      return;
    }
    yield* page.items;
    after = page.next;
  }
}

function localName(name: string): string {
  const why = unfitName(name);
  if (why !== undefined) throw new WrongUsage(`${name}: ${why}: name the target`);
  return name;
}

/** What is a name in the ring may lead elsewhere on a disk. */
function unfitName(relative: string): string | undefined {
  if (process.platform === 'win32' && /[\\:*?"<>|]/.test(relative)) return 'no name for a file on this system';
  return undefined;
}
