import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkNodeConfig, type NodeConfig } from '../launcher/config.js';
import { NODE_KEYS } from '../launcher/config-keys.js';
import { contextHere } from './cli.test-kit.js';
import type { Found } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { settingsFrom } from './settings.js';

let folder: string;
let told = { stdout: '', stderr: '' };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppnfs-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function contextWith(environment: Record<string, string>): Context {
  const { context, said } = contextHere([], environment);
  told = said;
  return context;
}

function file(text: string): string {
  const name = join(folder, 'ppnfs.yaml');
  writeFileSync(name, text);
  return name;
}

const settings = (found: Found, environment: Record<string, string> = {}): NodeConfig =>
  settingsFrom({ keys: NODE_KEYS, check: checkNodeConfig }, found, contextWith(environment));

function problems(found: Found, environment: Record<string, string> = {}): readonly string[] {
  try {
    settings(found, environment);
    return [];
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    return error.message.split('\n').map((line) => line.replaceAll(`${folder}/`, ''));
  }
}

const base = { id: 'n1', coordinator: 'tcp://127.0.0.1:7100', data: 'd' };

describe('settings', () => {
  it('come from flags before the file, and the file before the environment', () => {
    const config = file('id: file\nchain: 4\nhttp: 127.0.0.1:9001\n');
    const environment = {
      PPNFS_ID: 'environment',
      PPNFS_CHAIN: '5',
      PPNFS_COORDINATOR: 'tcp://127.0.0.1:7100',
      PPNFS_DATA: 'd',
      PPNFS_MIN_REPLICAS: '1',
    };
    expect(settings({ config, id: 'flag' }, environment)).toMatchObject({
      id: 'flag',
      http: { port: 9001 },
      founding: { chainLength: 4, minReplicas: 1 },
    });
  });

  it('are JSON as well as YAML', () => {
    expect(settings({ ...base, config: file('{"chain": 2, "log-pretty": true}') })).toMatchObject({
      logPretty: true,
      founding: { chainLength: 2 },
    });
  });

  it('are all told of at once, each where it stands', () => {
    const config = file('id: n1\nchian: 3\nchunk: 64K\n');
    expect(problems({ config, link: 'upd' }, { PPNFS_DURABILITY: 'sync' })).toEqual([
      'ppnfs.yaml:2:1: unknown key "chian"; did you mean chain?',
      expect.stringMatching(/^ppnfs\.yaml:3:8: chunk: "64K": a size is .*; did you mean 64KiB\?$/),
      '--link: "upd" is not one of: tcp, http',
      'PPNFS_DURABILITY: "sync" is not one of: memory, os, fsync; did you mean fsync?',
      expect.stringMatching(
        /^coordinator: is missing.* \(--coordinator, "coordinator:" in the file, or PPNFS_COORDINATOR\)$/,
      ),
      expect.stringMatching(/^data: is missing/),
    ]);
  });

  it.each([
    ['chain: [', /^ppnfs\.yaml:\d+:\d+: /],
    ['- id', /^ppnfs\.yaml:1:1: a configuration is a mapping/],
    ['id: a\nid: b', /^ppnfs\.yaml:2:1: .*unique/],
    ['chain: { of: 3 }', /^ppnfs\.yaml:1:8: chain: \{"of":3\} is not a value for it/],
    ['chain:', /^ppnfs\.yaml:1:7: chain: "" is not a whole number/],
  ])('of a file that says %j are refused with a place', (text, words) => {
    expect(problems({ ...base, config: file(text) })[0]).toMatch(words);
  });

  it('need the file that was named', () => {
    expect(problems({ ...base, config: join(folder, 'none.yaml') })).toEqual(['none.yaml: there is no such file']);
  });

  it('ignore what others put into the environment, and tell of what was misspelt', () => {
    settings(base, { PPNFS_CHIAN: '3', PPNFS_PORT_8101_TCP_ADDR: '10.0.0.1' });
    expect(told.stderr).toBe('ppnfs: the variable PPNFS_CHIAN means nothing here; did you mean PPNFS_CHAIN?\n');
  });
});
