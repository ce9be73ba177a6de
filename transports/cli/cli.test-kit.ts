/** The real `ppnfs` executable, as somebody at a shell has it. Ends only what it started, by its own handle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Context } from './context.js';
import { run as runCommand } from './run.js';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  /** More may come. */
  readonly isStdinOpen?: boolean;
}

/** Nothing of the machine that the tests run on. */
const bare = (env: ShellOptions['env']): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(([name]) => !/^(PPNFS_|NO_COLOR|FORCE_COLOR)/.test(name));
  return { ...Object.fromEntries(own), ...env };
};

export class Running {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  private moved: () => void = () => {};

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (piece: Buffer) => this.hear('stdout', piece));
    child.stderr?.on('data', (piece: Buffer) => this.hear('stderr', piece));
    this.ended = once(child, 'close').then(([code]) => {
      this.moved();
      return { code: code as number | null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Resolves when it has said this. @throws if it ends before */
  async until(text: string): Promise<void> {
    while (!`${this.stdout}${this.stderr}`.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.moved = resolve;
      });
    }
  }

  private hear(stream: 'stdout' | 'stderr', piece: Buffer): void {
    this[stream] += piece.toString();
    this.moved();
  }
}

export function start(args: readonly string[], { cwd, env, stdin = '', isStdinOpen = false }: ShellOptions): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env: bare(env), stdio: 'pipe' });
  // A program that does not read its input is no failure of the test.
  child.stdin.on('error', () => {});
  if (!isStdinOpen) child.stdin.end(stdin);
  return new Running(child);
}

export const run = (args: readonly string[], options: ShellOptions): Promise<Ended> => start(args, options).ended;

/** What a command would have of a process, and what it says. */
export function contextHere(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const said = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write(text: string): void {
      said[name] += text;
    },
    ...{ isTerminal: false, columns: undefined, rows: undefined },
  });
  const context: Context = {
    ...{ args, environment, version: '0.0.0', stdout: stream('stdout'), stderr: stream('stderr') },
    ...{ byteInput: Readable.from([]), byteOutput: new Writable(), signal: new AbortController().signal },
  };
  return { context, said };
}

/** The same command line without a process of its own: for what ends before anything is asked or read. */
export async function runHere(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended> {
  const { context, said } = contextHere(args, environment);
  const code = await runCommand(context);
  return { code, ...said };
}
