/**
 * Gets the text of a scenario from disk, or says kindly why not.
 * Knows files; no YAML. Reads nothing but what it is asked for.
 */
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearest } from '../../core/suggest.js';
import { sizeText } from '../../core/units.js';
import { ScenarioError } from './errors.js';

const FILE_BYTES_MAX = 1_048_576;

export function readScenarioText(file: string): string {
  const fail = (message: string, suggestion?: string): never => {
    throw new ScenarioError(file, { message, suggestion });
  };
  const stat = statOf(file);
  if (typeof stat === 'string') return fail(`the file cannot be read (${stat})`);
  if (stat === undefined) return fail('there is no such file', neighbour(file));
  if (stat.isDirectory()) return fail('this is a folder: name a scenario file, or several', scenariosIn(file)[0]);
  if (!stat.isFile()) return fail('this is not a regular file');
  if (stat.size > FILE_BYTES_MAX) {
    return fail(`the file has ${stat.size} bytes: a scenario has ${sizeText(FILE_BYTES_MAX)} at most`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    return fail(
      error instanceof TypeError ? 'the file is not UTF-8 text' : `the file cannot be read (${codeOf(error)})`,
    );
  }
}

/** Whether there is a regular file of this name. */
export function isFile(file: string): boolean {
  const stat = statOf(file);
  return typeof stat === 'object' && stat.isFile();
}

/** Undefined: no such file. A text: the code of why nobody knows. */
function statOf(file: string): Stats | string | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return codeOf(error) === 'ENOTDIR' ? undefined : codeOf(error);
  }
}

/** The file beside it that its name most resembles. */
export function neighbour(file: string): string | undefined {
  const meant = nearest(basename(file), filesIn(dirname(file)));
  return meant === undefined ? undefined : join(dirname(file), meant);
}

const scenariosIn = (folder: string): readonly string[] =>
  filesIn(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
