// What the README shows of the simulator is what it prints: a change of the protocol changes it, and nobody would notice.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Without what depends on the machine. */
const timeless = (text: string): string => text.replace(/\S+ m?s wall · \S+ events\/s/, '');

it('the README shows what its first command prints', () => {
  const readme = readFileSync('README.md', 'utf8');
  const [, shown = ''] = /The first one prints:\n\n```\n(.*?)```/s.exec(readme) ?? [];
  const printed = execFileSync(process.execPath, ['dist/sim/cli.js', 'scenarios/quickstart.yaml'], {
    encoding: 'utf8',
  });
  expect(timeless(shown)).toBe(timeless(printed));
});
