import { describe, expect, it } from 'vitest';
import type { Context } from './context.js';
import { fakeLoader } from './fake-runs.test-kit.js';
import { main } from './main.js';

async function sim(line: string, more: Partial<Context> = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const stream = (written: string[]) => ({
    write: (text: string) => void written.push(text),
    isTerminal: false,
    columns: undefined,
  });
  let now = 0;
  const code = await main({
    args: line.split(' '),
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
  });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

describe('exit codes', () => {
  it.each([
    ['scenarios/passes.yaml', 0],
    ['scenarios/fails.yaml', 1],
    ['scenarios/stuck.yaml', 4],
    ['scenarios/vacuous.yaml', 3],
    ['scenarios/vacuous.yaml scenarios/stuck.yaml', 4],
    ['scenarios/stuck.yaml scenarios/fails.yaml scenarios/vacuous.yaml', 1],
    ['scenarios/odd.yaml --seeds 2..2', 0],
    ['scenarios/odd.yaml --seeds 1..2', 1],
    ['scenarios/throws.yaml --seed 2', 1],
    ['scenarios/dies.yaml --seed 2', 1],
    ['--version', 0],
    ['--help', 0],
  ])('%s: %i', async (line, expected) => {
    const { code, stdout } = await sim(line);
    expect(code).toBe(expected);
    expect(stdout).not.toBe('');
  });

  it.each([
    ['scenarios/fails.yaml missing.yaml other.yaml', /^missing.yaml: no such file\n\nother.yaml: no such file\n$/],
    ['scenarios/explodes.yaml', /^scenarios\/explodes.yaml: the loader itself is broken\n$/],
    ['scenarios/passes.yaml 7', /^7: no such file\n {2}flags go behind --/],
    ['scenarios/passes.yaml --seed x --json', /^sim: --seed needs .*\n {2}for example: npm run sim .* --seed 7\n$/],
    [
      'scenarios/bounded.yaml --seeds 4..9',
      /leaves nothing to run\n {2}scenarios\/bounded.yaml runs under seeds up to 3\n$/,
    ],
  ])('%s: 2, and nothing on standard output', async (line, stderr) => {
    const ran = await sim(line);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(stderr);
  });

  it('a worker that cannot start: 1, and no stack trace', async () => {
    const workerFile = new URL('./no-such-worker.js', import.meta.url);
    const { code, stderr } = await sim('scenarios/passes.yaml', { workerFile });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sim: internal error: a worker could not start: .*\n$/);
  });
});

describe('--json', () => {
  it('one file, one seed', async () => {
    const { stdout } = await sim('scenarios/odd.yaml --seed 7 --json');
    expect(stdout.trimEnd()).not.toContain('\n');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      scenario: 'odd',
      file: 'scenarios/odd.yaml',
      seed: 7,
      outcome: 'fail',
      traceHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      events: 1007,
      virtualMs: 2100.7,
      wallMs: expect.any(Number),
      violations: [{ checker: 'linearizable' }],
      figures: { done: 2, faults: { crash: 1, split: 1 } },
      command: 'npm run sim scenarios/odd.yaml -- --seed 7 --verbose',
    });
    expect(report).not.toHaveProperty('story');
  });

  it('with --verbose, the story too', async () => {
    const { stdout } = await sim('scenarios/passes.yaml --json --verbose');
    expect(JSON.parse(stdout).story).toHaveLength(6);
  });

  it('several seeds and files, whatever the number of workers', async () => {
    const line = 'scenarios/odd.yaml scenarios/bounded.yaml scenarios/stuck.yaml --seeds 1..4 --json';
    const one = JSON.parse((await sim(`${line} --workers 1`)).stdout);
    const three = JSON.parse((await sim(`${line} --workers 3`)).stdout);
    expect({ ...three, workers: 1, wallMs: 0 }).toEqual({ ...one, wallMs: 0 });
    expect(one).toMatchObject({ runs: 11, passed: 5, failed: 2, vacuous: 0, stuck: 4, interrupted: false });
    expect(one).toMatchObject({ events: 11_026, virtualMs: 23_102.6, wallMs: expect.any(Number) });
    expect(
      one.failures.map(({ file, seed, outcome }: Record<string, unknown>) => `${file} ${seed} ${outcome}`),
    ).toEqual([
      'scenarios/odd.yaml 1 fail',
      'scenarios/odd.yaml 3 fail',
      'scenarios/stuck.yaml 1 stuck',
      'scenarios/stuck.yaml 2 stuck',
      'scenarios/stuck.yaml 3 stuck',
      'scenarios/stuck.yaml 4 stuck',
    ]);
    expect(one.failures[0]).toMatchObject({ scenario: 'odd', violations: [{ checker: 'linearizable' }] });
    expect(one.failures[0].command).toBe('npm run sim scenarios/odd.yaml -- --seed 1 --verbose');
  });

  it('nothing else is on standard output, even if a run prints', async () => {
    const { stdout, stderr } = await sim('scenarios/talks.yaml --json');
    expect(JSON.parse(stdout).outcome).toBe('pass');
    expect(stderr).toBe('a forgotten console.log\n');
  });
});

describe('--list-faults', () => {
  it('tells of each fault, by family, with an example', async () => {
    const { code, stdout } = await sim('--list-faults');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Servers: crash, power, freeze \(processes\)\n {2}crash {2,}The processes die/);
    expect(stdout).toMatch(/ - \{ at: 2s, slow-disk: n3, times: 20, for: 2s \}\n/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('with --json, for tools', async () => {
    const { faults } = JSON.parse((await sim('--list-faults --json')).stdout);
    expect(faults[0]).toEqual({
      word: 'crash',
      family: 'processes',
      help: expect.stringContaining('die'),
      example: '{ when: head(/a.txt) has appended first, crash: head(/a.txt) }',
      with: ['power', 'for'],
      chaos: true,
    });
  });
});

describe('which seeds', () => {
  it.each([
    ['scenarios/ranged.yaml', 'seed 3'],
    ['scenarios/ranged.yaml scenarios/passes.yaml', '3..6'],
    ['scenarios/bounded.yaml --seeds 1..100', '1..3'],
  ])('%s', async (line, text) => {
    expect((await sim(line)).stdout).toContain(text);
  });
});

describe('interrupted', () => {
  const soon = {
    onInterrupt: (stop: () => void) => {
      const timer = setTimeout(stop, 1_000);
      return () => clearTimeout(timer);
    },
  };

  it('prints what is known so far', async () => {
    const { code, stdout, stderr } = await sim('scenarios/hangs.yaml --seeds 1..3', soon);
    expect(code).toBe(130);
    expect(stdout).toContain('INTERRUPTED  so far: 2 runs: 2 passed');
    expect(stdout).toContain('2 of 1..3');
    expect(stderr).toMatch(/^interrupted: scenarios\/hangs.yaml under seed 2 had been running for /);
  });

  it('as JSON too', async () => {
    const { code, stdout } = await sim('scenarios/hangs.yaml --seeds 1..3 --json', soon);
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ runs: 2, passed: 2, interrupted: true });
  });

  it('a single run has nothing to print yet', async () => {
    const { code, stdout, stderr } = await sim('scenarios/hangs.yaml --seed 2', soon);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('seed 2 had been running');
  });
});

describe('colour', () => {
  const terminal = (text: string[]) => ({
    stdout: { write: (one: string) => void text.push(one), isTerminal: true, columns: 80 },
  });
  it.each([
    ['scenarios/passes.yaml', {}, true],
    ['scenarios/passes.yaml', { NO_COLOR: '1' }, false],
    ['scenarios/passes.yaml --no-color', {}, false],
    ['scenarios/passes.yaml', { TERM: 'dumb' }, false],
  ])('%s with %j on a terminal: %s', async (line, environment, coloured) => {
    const text: string[] = [];
    await sim(line, { environment, ...terminal(text) });
    expect(text.join('').includes('\u001b[')).toBe(coloured);
  });
});
