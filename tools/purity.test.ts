// Core needs nothing but the language: its built files load where there is no clock, no randomness and no platform.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders: string[] = [];

function loadCore(folder: string): { status: number | null; loaded: readonly string[]; stderr: string } {
  const loader = join(root, 'tools', 'load-core.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--experimental-vm-modules', loader, folder],
    { encoding: 'utf8' },
  );
  return { status, loaded: stdout.split('\n').filter((line) => line !== ''), stderr };
}

/** A core of one file, and another that imports it. */
function planted(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'planted-core-'));
  folders.push(folder);
  mkdirSync(join(folder, 'inner'));
  writeFileSync(join(folder, 'inner', 'a.js'), text);
  writeFileSync(join(folder, 'b.js'), "import './inner/a.js';");
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('purity', () => {
  it('every file of core loads in a context with the language alone', () => {
    const core = join(root, 'dist', 'core');
    const expected = readdirSync(core, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.js') && !/\.test(-kit)?\.js$/.test(name),
    );
    const { status, loaded, stderr } = loadCore(core);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(expected.length).toBeGreaterThan(0);
    expect(loaded).toEqual(expected.sort());
  });

  it('rxjs loads there too', () => {
    const { stderr, loaded } = loadCore(planted("import { scan } from 'rxjs'; scan((a, b) => a + b, 0);"));
    expect(stderr).toBe('');
    expect(loaded).toEqual(['b.js', join('inner', 'a.js')]);
  });

  it.each([
    ['a clock', 'export const now = Date.now();', 'Date is not defined'],
    ['randomness', 'export const r = Math.random();', 'Math.random is not a function'],
    ['a timer', 'setTimeout(() => {}, 1);', 'setTimeout is not defined'],
    ['the process', 'export const env = process.env;', 'process is not defined'],
    ['a package', "import { z } from 'zod'; z;", "imports 'zod'"],
    ['Node', "import fs from 'node:fs'; fs;", "imports 'node:fs'"],
    ['state in a global', 'globalThis.count = 1;', 'state in globals: count'],
    ['a patched prototype', 'Array.prototype.last = 1;', 'state in globals: Array.prototype.last'],
  ])('a file that needs %s does not load', (_, text, message) => {
    const { status, stderr } = loadCore(planted(text));
    expect(stderr).toContain(message);
    expect(status).not.toBe(0);
  });
});
