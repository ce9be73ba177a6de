/**
 * What a `ppnfs put` is to send, and under which paths. Reads folders and looks at files; opens none, asks no server.
 */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { WrongUsage } from './context.js';
import { eachOnce, type Skipped, walkFolder } from './local-files.js';
import { asFolder, ringPath, ringTarget } from './names.js';

export interface ToSend {
  readonly path: string;
  /** As it was named. */
  readonly name: string;
  /** Undefined: standard input. */
  readonly file: string | undefined;
  readonly length: number;
  readonly modifiedMs: number | undefined;
}

export interface Sending {
  readonly files: readonly ToSend[];
  readonly skipped: readonly Skipped[];
}

/** @throws WrongUsage if what was said makes no sense; what cannot be sent of a folder is only skipped */
export async function filesToSend(sources: readonly string[], target: string, isRecursive: boolean): Promise<Sending> {
  if (!target.startsWith('/')) ringPath(target);
  if (sources.length > 1 && !target.endsWith('/')) {
    throw new WrongUsage(`several sources need a folder as their target: write "${target}/"`);
  }
  const files: ToSend[] = [];
  const skipped: Skipped[] = [];
  for (const source of sources) {
    if (source === '-') {
      if (target.endsWith('/'))
        throw new WrongUsage('standard input has no name: say the whole path, as in /backup.tar');
      files.push({ path: ringPath(target), name: '-', file: undefined, length: 0, modifiedMs: undefined });
      continue;
    }
    const about = await stat(source).catch((error: Error) => unreadable(source, error));
    if (about.isDirectory() && !isRecursive) throw new WrongUsage(`${source} is a folder: add -r to store all of it`);
    const place = ringTarget(target, basename(resolve(source)));
    if (about.isDirectory()) await addFolder(source, asFolder(place), files, skipped);
    else if (!about.isFile()) throw new WrongUsage(`${source} is not a file: pipe it into "ppnfs put - ${target}"`);
    else {
      const modifiedMs = Math.trunc(about.mtimeMs);
      files.push({ path: ringPath(place), name: source, file: source, length: about.size, modifiedMs });
    }
  }
  const once = eachOnce(
    files,
    ({ path }) => path,
    ({ name }) => name,
    'its path in the ring',
  );
  return { files: once.kept, skipped: [...skipped, ...once.repeated] };
}

async function addFolder(folder: string, place: string, files: ToSend[], skipped: Skipped[]): Promise<void> {
  const walked = await walkFolder(folder).catch((error: Error) => unreadable(folder, error));
  skipped.push(...walked.skipped);
  for (const { file, relative, length, modifiedMs } of walked.files) {
    try {
      files.push({ path: ringPath(place + relative), name: file, file, length, modifiedMs });
    } catch (error) {
      if (!(error instanceof WrongUsage)) throw error;
      skipped.push({ file: join(folder, relative), why: error.message });
    }
  }
}

function unreadable(source: string, error: Error): never {
  throw new WrongUsage(`${source}: ${sentence(error)}`);
}

const sentence = (error: NodeJS.ErrnoException): string =>
  error.code === 'ENOENT' ? 'no such file or folder' : error.message;
