/**
 * Where a file goes: the same rule in both directions. A target that ends in "/" gets the source's name behind it; any
 * other target is the name. A leaf.
 */
import { isPath, isPrefix, PATH_BYTES_MAX } from '../../core/files/paths.js';
import { WrongUsage } from './context.js';

/** A path in the ring as somebody typed it. @throws WrongUsage */
export function ringPath(text: string): string {
  const path = text.normalize('NFC');
  if (isPath(path)) return path;
  throw new WrongUsage(pathProblem(text));
}

/** @throws WrongUsage */
export function ringPrefix(text: string): string {
  const prefix = text.normalize('NFC');
  if (isPrefix(prefix)) return prefix;
  throw new WrongUsage(pathProblem(text));
}

function pathProblem(text: string): string {
  if (!text.startsWith('/')) return `"${text}" is no path in the ring: those begin with "/", as in /docs/report.pdf`;
  const bound = `at most ${PATH_BYTES_MAX} bytes, no empty part, no "." or ".." and no control character`;
  return `"${text}" is no path in the ring: ${bound}`;
}

/** @param target in the ring; `/docs/` → `/docs/<name>` */
export const ringTarget = (target: string, name: string): string => (target.endsWith('/') ? target + name : target);

/** The last part of a path. */
export const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What all files of a folder begin with: `/docs` and `/docs/` → `/docs/`. */
export const asFolder = (path: string): string => (path.endsWith('/') ? path : `${path}/`);
