import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeScenario } from './fake-runs.test-kit.js';
import { loadAll } from './load-all.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-all-'));
  mkdirSync(join(folder, 'inner'));
  writeFileSync(join(folder, 'inner', 'a.yaml'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const loader = {
  load: (file: string) => {
    if (file.includes('broken')) throw new Error('broken');
    return fakeScenario('a', { file });
  },
  explain: () => undefined,
};

describe('loading', () => {
  it('finds a file from the folder in which the person stands', () => {
    const { scenarios } = loadAll(['a.yaml'], loader, join(folder, 'inner'));
    expect(scenarios[0]?.file).toBe(relative(process.cwd(), join(folder, 'inner', 'a.yaml')));
  });

  it.each([undefined, '/'])('leaves a name alone that stands elsewhere or nowhere (%s)', (startedIn) => {
    expect(loadAll(['package.json', 'nowhere.yaml'], loader, startedIn).scenarios.map(({ file }) => file)).toEqual([
      'package.json',
      'nowhere.yaml',
    ]);
  });

  it('goes on after a problem, to tell of all', () => {
    const { scenarios, problems } = loadAll(['broken.yaml', 'a.yaml', '1..5', 'broken2.yaml'], loader, undefined);
    expect(scenarios.map(({ file }) => file)).toEqual(['a.yaml', '1..5']);
    expect(problems).toEqual(['broken.yaml: broken', 'broken2.yaml: broken']);
  });
});
