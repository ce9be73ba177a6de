// The house rules as tests: every source file obeys them, and each rule is seen to bite on a planted violation.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { violations } from './house-rules.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Tracked files, and new ones that git does not ignore. */
function sourcePaths(): readonly string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '-co', '--exclude-standard', '--', 'core', 'sim', 'transports', 'tools'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  // A file just deleted is still listed until the next commit.
  return listed.split('\0').filter((path) => path.endsWith('.ts') && existsSync(root + path));
}

describe('house rules', () => {
  it('finds the sources', () => {
    expect(sourcePaths()).toContain('tools/tidy.test.ts');
  });

  it('every source file obeys them', () => {
    const found = sourcePaths().flatMap((path) => violations(path, readFileSync(root + path, 'utf8')));
    expect(found.join('\n')).toBe('');
  });
});

describe('a planted violation is found', () => {
  const long = (lines: number): string => 'f();\n'.repeat(lines);

  it.each([
    ['core/a.ts', long(401), 'file of 401 lines'],
    ['sim/a.test.ts', `it('x', () => {\n${long(70)}});\n`, 'function of 72 lines'],
    ['core/a.ts', 'const now = Date.now();', 'Date is banned'],
    ['core/a.ts', 'const x = { Date };', 'Date is banned'],
    ['core/a.ts', 'let x: Promise<void>;', 'Promise is banned'],
    ['core/a.ts', 'setTimeout(f, 1);', 'setTimeout is banned'],
    ['core/a.ts', 'const m = new WeakMap();', 'WeakMap is banned'],
    ['core/a.ts', 'const r = Math.random();', '.random is banned'],
    ['core/a.ts', "const r = Math['random']();", '.random is banned'],
    ['core/a.ts', 'names.sort((a, b) => a.localeCompare(b));', '.localeCompare is banned'],
    ['core/a.ts', 'const f = async () => 1;', 'async and await are banned'],
    ['core/a.ts', 'await f();', 'async and await are banned'],
    ['sim/kernel.ts', 'const now = Date.now();', 'Date is banned'],
    ['sim/kernel.ts', 'const r = Math.random();', '.random is banned'],
    ['core/a.ts', "import { z } from 'zod';", "core may not import 'zod'"],
    ['core/a.ts', "import fs from 'node:fs';", "core may not import 'node:fs'"],
    ['core/a.ts', "export * from '../sim/s.js';", 'core may not import sim/s.ts'],
    ['core/ids.ts', "import { v } from './view/v.js';", 'core/ids.ts (leaves) may not import core/view/v.ts (view)'],
    ['core/stream/a.ts', "import type { C } from '../chain/c.js';", '(stream) may not import core/chain/c.ts (chain)'],
    ['core/stream/a.ts', "let c: import('../chain/c.js').C;", '(stream) may not import core/chain/c.ts (chain)'],
    ['core/attic/a.ts', "import { b } from '../b.js';", 'core/attic/a.ts is in no room of core'],
    ['sim/a.ts', "import { t } from '../transports/t.js';", 'sim may not import transports'],
    ['transports/a.ts', "const s = await import('../sim/s.js');", 'transports may not import sim'],
    ['transports/links/a.ts', "import { d } from '../driver/d.js';", '(links) may not import transports/driver/d.ts'],
    ['transports/attic/a.ts', "import { d } from '../driver/d.js';", 'is in no room of transports'],
    // Put together, because this file obeys the rules too.
    ['sim/a.ts', `// ${'TO'}${'DO'}: later`, 'unfinished work'],
    ['sim/a.test.ts', "it.only('x', () => {});", '.only is banned'],
    ['sim/a.test.ts', "describe.skip('x', () => {});", '.skip is banned'],
  ])('%s: %s', (path, text, message) => {
    expect(violations(path, text).join('\n')).toContain(message);
  });

  it('with its file and line', () => {
    expect(violations('core/a.ts', 'f();\n\nDate.now();\n')).toEqual([
      'core/a.ts:3: Date is banned here: use the `now` that an input or event carries',
    ]);
  });
});

describe('what is allowed is left alone', () => {
  it.each([
    ['core/a.ts', 'const x = { Date: 1 }; f(x.Date, Math.max(1, 2));'],
    ['core/a.test.ts', "import { it } from 'vitest'; const now = Date.now();"],
    [
      'core/step.ts',
      "import { scan } from 'rxjs'; import { s } from './stream/s.js'; import { l } from './limits.js';",
    ],
    ['core/chain/a.ts', "import { b } from './b.js'; import { v } from '../view/v.js';"],
    ['sim/cli.ts', 'const started = performance.now();'],
    [
      'sim/a.ts',
      "import { skip } from 'rxjs'; import { n } from '../core/node.js'; source.pipe(skip(1)); list.skip(1);",
    ],
    ['sim/a.test.ts', `describe('x', () => {\n${'f();\n'.repeat(80)}});\n`],
  ])('%s: %s', (path, text) => {
    expect(violations(path, text)).toEqual([]);
  });
});
