// What only a process of its own shows: streams that close, Ctrl-C, exit codes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const fakeCli = fileURLToPath(new URL('./fake-cli.test-kit.js', import.meta.url));

// The test runner may ask for colours.
const { FORCE_COLOR: _, ...environment } = process.env;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function sim(line: string, act: (child: ReturnType<typeof spawn>) => void = () => {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fakeCli, ...line.split(' ')], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    act(child);
  });
}

describe('the command as a process', () => {
  it('tells a story and exits 0', async () => {
    const { code, stdout, stderr } = await sim('scenarios/passes.yaml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('PASS');
    expect(stdout).not.toContain('\u001b');
  });

  it('exits 1 after the last line is flushed', async () => {
    const { code, stdout } = await sim('scenarios/fails.yaml --seeds 1..300 --json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).failures).toHaveLength(300);
  });

  it('wrong flags: one line, a hint, exit 2, no stack trace', async () => {
    const { code, stdout, stderr } = await sim('scenarios/passes.yaml --sedes 1..2');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'sim: unknown flag --sedes; did you mean --seeds?\n  npm run sim -- --help shows all flags, with examples\n',
    );
  });

  it('a reader that goes away is no crash', async () => {
    const { code, stderr } = await sim('scenarios/fails.yaml --seeds 1..2000 --json', (child) =>
      child.stdout?.destroy(),
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('Ctrl-C prints what is known and exits 130', async () => {
    const { code, stdout, stderr } = await sim('scenarios/hangs.yaml --seeds 1..3 --workers 2', (child) => {
      setTimeout(() => child.kill('SIGINT'), 1_500);
    });
    expect(code).toBe(130);
    expect(stdout).toContain('so far: 2 runs: 2 passed');
    expect(stderr).toContain('seed 2 had been running');
  });
});
