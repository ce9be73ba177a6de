/**
 * A configuration file, YAML or JSON: values by key, and where in the text each stands. One mapping, nothing nested.
 * Knows no key.
 */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';

const FILE_BYTES_MAX = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file: a part of its path is no folder',
  EISDIR: 'is a folder, and a configuration is a file',
  EACCES: 'may not be read by this user',
};

export interface ConfigFile {
  readonly values: Readonly<Record<string, unknown>>;
  /** `file:line:column` of a key or its value. */
  readonly placeOf: (key: string, what: 'key' | 'value') => string;
}

/** What is wrong with it as a file: lines for a person, each with its place. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** @throws ConfigFileError */
export function readConfigFile(file: string): ConfigFile {
  return parseConfigFile(file, readText(file));
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= FILE_BYTES_MAX) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigFileError([`${file}: ${REASONS[code ?? ''] ?? message}`]);
  }
  throw new ConfigFileError([`${file}: larger than a configuration ever is`]);
}

export function parseConfigFile(file: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0)
    throw new ConfigFileError(complaints.map(({ pos, message }) => `${at(pos[0])}: ${message}`));
  const { contents } = document;
  if (contents === null) return { values: {}, placeOf: () => file };
  if (!isMap(contents)) {
    throw new ConfigFileError([`${file}:1:1: a configuration is a mapping of keys to values, as in "id: n1"`]);
  }
  const places = new Map<string, { readonly key: number; readonly value: number }>();
  for (const { key, value } of contents.items) {
    if (!isScalar(key)) continue;
    const keyAt = key.range?.[0] ?? 0;
    const range = (value as { readonly range?: readonly number[] | null } | null)?.range;
    places.set(String(key.value), { key: keyAt, value: range?.[0] ?? keyAt });
  }
  const values = document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
  // A key without a value is not the same as no key.
  for (const [key, value] of Object.entries(values)) if (value === null) values[key] = '';
  return { values, placeOf: (key, what) => at(places.get(key)?.[what] ?? 0) };
}
