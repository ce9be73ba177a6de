/**
 * What is wrong with a scenario, gathered with its places while it is being loaded.
 * Knows the data's paths; neither YAML nor zod's own words leave this file.
 */
import type { z } from 'zod';
import { nearest } from '../../core/suggest.js';
import { type Problem, quote } from './errors.js';
import { jsonSchema } from './schema.js';
import type { Path, Source } from './source.js';

export class Problems {
  readonly found: Problem[] = [];
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Something is wrong with the value at the path. */
  add(path: Path, message: string, suggestion?: string): void {
    this.found.push({ spot: this.#source.valueAt(path), message, suggestion });
  }

  /** Something is wrong with the key at the path. */
  addKey(path: Path, message: string, suggestion?: string): void {
    this.found.push({ spot: this.#source.keyAt(path), message, suggestion });
  }

  /** Something is not there. It may be because of another problem, so that one is told first. */
  addMissing(path: Path, message: string): void {
    this.found.push({ spot: this.#source.keyAt(path), message, suggestion: undefined, isMissing: true });
  }

  addIssue(issue: z.core.$ZodIssue): void {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.#addUnknownKey(path, key);
    } else if (issue.code === 'custom') {
      const about = issue.params ?? {};
      if (about['absent'] !== undefined) this.#addAbsent(path, about['absent'] === 'missing');
      else this.add(path, issue.message, about['suggestion'] as string | undefined);
    } else this.#addWrongShape(path, issue);
  }

  /** Ends here if anything is wrong. */
  throwIfAny(): void {
    if (this.found.length > 0) this.#source.fail(this.found);
  }

  #addUnknownKey(path: Path, key: string): void {
    const known = keysAt(path);
    const meant = nearest(key, known);
    const home = meant === undefined ? homeOf(key, path) : undefined;
    const belongs = home === undefined ? '' : `: it belongs in ${quote(home)}`;
    const list =
      belongs === '' && meant === undefined && known.length <= 12 ? ` (known here: ${known.join(', ')})` : '';
    this.addKey([...path, key], `unknown key ${quote(key)}${belongs}${list}`, meant);
  }

  #addAbsent(path: Path, isMissing: boolean): void {
    const name = typeof path.at(-1) === 'number' ? 'this item' : quote(String(path.at(-1)));
    if (isMissing) this.addMissing(path, `${name} is missing`);
    else this.addKey(path, `${name} has no value`);
  }

  #addWrongShape(path: Path, issue: z.core.$ZodIssue): void {
    const wanted = issue.code === 'invalid_type' ? issue.expected : '';
    const isItem = typeof path.at(-1) === 'number';
    const name = isItem ? 'this' : quote(String(path.at(-1)));
    const given = valueAt(this.#source.data, path);
    if (given === undefined || given === null) this.#addAbsent(path, given === undefined);
    else if (wanted === 'array') {
      const text = typeof given === 'string' ? `[${given}]` : undefined;
      this.add(path, `${name} is a list: write [ … ] or lines that begin with "- "`, text);
    } else this.add(path, `${name} is a mapping: write { key: value, … }`);
  }
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], data);
}

interface JsonSchema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** Made at the first mistake: scenarios without one do without it. */
let root: JsonSchema | undefined;

function schemaAt(path: Path): JsonSchema | undefined {
  root ??= jsonSchema();
  const resolved = (schema: JsonSchema | undefined): JsonSchema | undefined =>
    schema?.$ref === undefined ? schema : root?.definitions?.[schema.$ref.split('/').at(-1) as string];
  return path.reduce<JsonSchema | undefined>(
    (schema, step) => resolved(typeof step === 'number' ? schema?.items : schema?.properties?.[step]),
    root,
  );
}

const keysAt = (path: Path): readonly string[] => Object.keys(schemaAt(path)?.properties ?? {});

/** The mapping on the first floor that knows this key, when it stands on the wrong floor. */
function homeOf(key: string, path: Path): string | undefined {
  if (path.length > 0) return keysAt([]).includes(key) ? 'the top of the file' : undefined;
  return keysAt([]).find((room) => keysAt([room]).includes(key) || keysAt([room, 0]).includes(key));
}
