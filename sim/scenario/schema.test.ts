import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { fileSchema, jsonSchema } from './schema.js';
import { schemaText } from './schema-text.js';
import { stepSchema } from './step-schema.js';

const scenarios = new URL('../../../scenarios/', import.meta.url);

interface Told {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly anyOf?: readonly { readonly pattern?: string }[];
  readonly properties?: Readonly<Record<string, Told>>;
  readonly definitions?: Readonly<Record<string, Told>>;
}
const root = jsonSchema() as Told;
const step = root.definitions?.['Step'] as Told;

describe('scenarios/schema.json', () => {
  it('is up to date (npm run schema)', () => {
    expect(readFileSync(new URL('schema.json', scenarios), 'utf8')).toBe(schemaText());
  });

  it('is left alone by who only asks for help, or for what there is not', () => {
    const file = new URL('schema.json', scenarios);
    const before = statSync(file).mtimeMs;
    const writer = fileURLToPath(new URL('./write-schema.js', import.meta.url));
    const run = (word: string) => spawnSync(process.execPath, [writer, word], { encoding: 'utf8' });
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage: npm run schema') });
    expect(run('else')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('"else"') });
    expect(statSync(file).mtimeMs).toBe(before);
  });

  it('stands on the first line of every scenario', () => {
    const files = readdirSync(scenarios).filter((name) => name.endsWith('.yaml'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) {
      const [first] = readFileSync(new URL(name, scenarios), 'utf8').split('\n');
      expect(first, name).toBe('# yaml-language-server: $schema=./schema.json');
    }
  });
});

const rooms: readonly [string, Told, Readonly<Record<string, z.ZodType>>][] = [
  ['the file', root, fileSchema.shape],
  ['a step', step, stepSchema.shape],
  ...(['cluster', 'network', 'disk', 'coordinator', 'clients', 'limits', 'expect'] as const).map(
    (name): [string, Told, Readonly<Record<string, z.ZodType>>] => {
      const schema = fileSchema.shape[name];
      const { shape } = name === 'cluster' ? fileSchema.shape.cluster : (schema as z.ZodOptional<z.ZodObject>).unwrap();
      return [name, root.properties?.[name] as Told, shape as Readonly<Record<string, z.ZodType>>];
    },
  ),
];

describe.each(rooms)('%s', (_, room, shape) => {
  const keys = Object.entries(room.properties ?? {});

  it('tells editors about every key', () => {
    expect(keys.map(([key]) => key)).toEqual(Object.keys(shape));
    for (const [key, about] of keys) {
      expect(about.title, key).toBeTruthy();
      expect(about.description, key).toMatch(/\.$/);
    }
  });

  it('has examples that are right', () => {
    for (const [key, about] of keys) {
      for (const example of about.examples ?? []) {
        expect(shape[key]?.safeParse(example).error?.issues, `${key}: ${JSON.stringify(example)}`).toBeUndefined();
        const patterns = [about, ...(about.anyOf ?? [])].flatMap(({ pattern }) => pattern ?? []);
        if (typeof example !== 'string' || patterns.length === 0) continue;
        expect(
          patterns.some((pattern) => new RegExp(pattern).test(example)),
          `${key}: ${example}`,
        ).toBe(true);
      }
    }
  });
});
