/**
 * The protocol's conversations, in plain text (scripts/*.txt). `REWRITE=1 npx vitest run dist/core/golden` writes the
 * outcomes anew; the difference is then reviewed like any other change.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { player } from './commands.test-kit.js';
import { replay } from './script.test-kit.js';
import { World } from './world.test-kit.js';

const folder = fileURLToPath(new URL('../../../core/golden/scripts/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
const isRewriting = process.env['REWRITE'] === '1';

/** @returns the script with the outcomes as they are, and what occurred. */
function play(file: string, text: string): { readonly replayed: string; readonly marks: ReadonlySet<string> } {
  const world = new World();
  return { replayed: replay(file, text, player(world)), marks: world.marks };
}

describe('golden scripts', () => {
  it.each(files)('%s', (name) => {
    const path = folder + name;
    const text = readFileSync(path, 'utf8');
    const { replayed } = play(`core/golden/scripts/${name}`, text);
    if (isRewriting) writeFileSync(path, replayed);
    else expect(replayed).toBe(text);
  });
});
