// The command as a user meets it: output, exit codes, and errors that say what is wrong.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handWritten } from './checkers/linearizable/recorded-history.test-kit.js';

const command = fileURLToPath(new URL('./check-history.js', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppnfs-histories-'));
  for (const [name, text] of handWritten) writeFileSync(join(folder, name), text);
  const lie = handWritten.get('stale-read')?.replace('"linearizable":false', '"linearizable":true') ?? '';
  writeFileSync(join(folder, 'lie'), lie);
  writeFileSync(
    join(folder, 'broken'),
    `${handWritten.get('empty')}{"client":1,"call":5,"end":4,"op":"read","result":1}\n`,
  );
  writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NO_COLOR: '1' };
  return spawnSync(process.execPath, [command, ...args], { cwd: folder, encoding: 'utf8', env });
}

describe('check-history', () => {
  it('names itself as it is called', () => {
    expect(run('--help').stdout).toContain('npm run -s check-history -- FILE…');
    expect(run().stderr).toContain('Try npm run -s check-history -- --help.');
  });

  it('prints a line a file, and succeeds if each verdict is the claimed one', () => {
    const { status, stdout, stderr } = run('stale-read', 'late-effect');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^stale-read: {2}not linearizable {6}2 operations +\d+\.\d ms$/);
    expect(lines[1]).toMatch(/^late-effect: linearizable {10}4 operations +\d+\.\d ms$/);
  });

  it('marks a verdict that differs', () => {
    const { status, stdout } = run('lie', 'append');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^lie: .*not linearizable.*\(expected: linearizable\)$/m);
  });

  it('explains a contradiction by line', () => {
    expect(run('--explain', 'stale-read').stdout).toContain(
      'the state is then 1, and the operations on lines 3 do not fit',
    );
  });

  it('undecided within its limits', () => {
    const { status, stdout } = run('--steps', '1', 'append', '--explain');
    expect(status).toBe(3);
    expect(stdout).toMatch(/^append: undecided .*\(expected: linearizable\)\n {2}partition k: beyond stepsMax$/m);
  });

  it.each<[string, string]>([
    ['broken', 'broken:2: "end" is 4, before "call" at 5'],
    ['missing', 'missing: no such file'],
    ['.', '.: is a folder, expected a file'],
    ['binary', 'binary: is not UTF-8 text'],
  ])('cannot use %s', (file, message) => {
    expect(run(file)).toEqual(expect.objectContaining({ status: 2, stdout: '', stderr: `${message}\n` }));
  });

  it('a broken file outweighs a verdict that differs, and that one an undecided', () => {
    expect(run('append', 'lie', 'broken', 'empty').status).toBe(2);
    expect(run('--steps', '3', 'append', 'lie').status).toBe(1);
  });

  it('--json prints one object', () => {
    const { status, stdout } = run('--json', 'lie', 'broken', 'empty');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'broken',
      files: [
        { file: 'lie', outcome: 'differs', verdict: 'not linearizable', expected: 'linearizable', operations: 2 },
        { file: 'broken', outcome: 'broken', line: 2, error: '"end" is 4, before "call" at 5' },
        { file: 'empty', outcome: 'agreed', verdict: 'linearizable', operations: 0 },
      ],
    });
  });

  it('--help shows examples and exit codes', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('npm run -s check-history -- ');
    expect(stdout).toContain('Exit codes: 0');
  });

  it.each<[readonly string[], string]>([
    [[], 'Which files?'],
    [['--jsno', 'empty'], 'Unknown argument: jsno'],
    [['--steps', '0', 'empty'], '--steps is 0: expected a whole number above 0'],
    [['--memory', 'much', 'empty'], '--memory is NaN: expected a whole number of bytes above 0'],
  ])('wrong usage: %j', (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});
