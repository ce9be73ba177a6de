import { describe, expect, it } from 'vitest';
import type { Context } from './context.js';
import { fakeLoader } from './fake-runs.test-kit.js';
import { suite } from './suite.js';

const FILES = ['scenarios/chaos.yaml', 'scenarios/passes.yaml'];

async function run(line: string, files: readonly string[] = FILES, more: Partial<Context> = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const stream = (written: string[]) => ({
    write: (text: string) => void written.push(text),
    isTerminal: false,
    columns: undefined,
  });
  let now = 0;
  const context: Context = {
    args: line === '' ? [] : line.split(' '),
    environment: {},
    version: '1.2.3',
    stdout: stream(stdout),
    stderr: stream(stderr),
    loader: fakeLoader,
    workerFile: new URL('./fake-worker.test-kit.js', import.meta.url),
    cores: 2,
    now: () => ++now,
    onInterrupt: () => () => {},
    ...more,
  };
  return { code: await suite(context, files), stdout: stdout.join(''), stderr: stderr.join('') };
}

describe('fault suite', () => {
  it('runs every scenario under a few seeds and chaos under many, and says what struck', async () => {
    const { code, stdout, stderr } = await run('--chaos-seeds 1..20');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('23 runs: 23 passed');
    const figures = [
      'crash',
      'split',
      'operations',
      'ambiguous outcomes',
      'epochs',
      'virtual hours',
      'seeds per second',
    ];
    for (const figure of figures) expect(stdout).toMatch(new RegExp(`^  ${figure} +[0-9,.]+$`, 'm'));
    expect(stdout).toMatch(/^ {2}crash +23$/m);
    expect(stdout).toMatch(/^ {2}operations +46$/m);
  });

  it('has two thousand seeds of chaos unless told otherwise', async () => {
    expect((await run('')).stdout).toContain('2,003 runs: 2,003 passed');
  });

  it('as JSON', async () => {
    const { stdout } = await run('--seeds 1..2 --chaos-seeds 5..9 --json');
    expect(JSON.parse(stdout)).toMatchObject({
      runs: 7,
      passed: 7,
      hasChaos: true,
      faults: { crash: 7 },
      figures: { done: 14, epochs: 14 },
      operations: 14,
      ambiguous: 0,
      virtualHours: expect.any(Number),
      seedsPerSecond: expect.any(Number),
    });
  });

  it.each([
    ['scenarios/fails.yaml', 1, 'FAIL  fails · seed 1'],
    ['scenarios/stuck.yaml', 4, 'STUCK  stuck · seed 1'],
    ['scenarios/vacuous.yaml', 3, 'VACUOUS  vacuous · seed 1'],
  ])('%s fails it with %i, and with the command that repeats it', async (file, code, text) => {
    const ran = await run('--chaos-seeds 1..2', [...FILES, file]);
    expect(ran.code).toBe(code);
    expect(ran.stdout).toContain(text);
    expect(ran.stdout).toContain(`npm run sim ${file} -- --seed 1 --verbose`);
  });

  it('says that chaos is missing, and goes on', async () => {
    const { code, stdout, stderr } = await run('', ['scenarios/passes.yaml']);
    expect(code).toBe(0);
    expect(stderr).toContain('there is no scenarios/chaos.yaml');
    expect(stdout).toContain('3 runs: 3 passed');
  });

  it.each([
    ['--chaos-seeds 9..1', /--chaos-seeds needs two whole numbers/],
    ['--seeds many', /--seeds needs two whole numbers/],
    ['--workers 0', /--workers needs a whole number/],
    ['--what', /--what/],
    ['scenarios/x.yaml', /scenarios\/x.yaml/],
  ])('%s: 2, and nothing on standard output', async (line, stderr) => {
    const ran = await run(line);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(stderr);
  });

  it('--help', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--chaos-seeds A..B');
  });

  it('a worker that cannot start: 1', async () => {
    const workerFile = new URL('./no-such-worker.js', import.meta.url);
    const { code, stderr } = await run('--chaos-seeds 1..2', FILES, { workerFile });
    expect(code).toBe(1);
    expect(stderr).toContain('a worker could not start');
  });
});
