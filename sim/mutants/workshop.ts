/**
 * A copy of the project in a temporary folder, where bugs are planted, built and run. Must never write anywhere else:
 * the project itself is only read.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant, patched, patchesOf } from './mutant.js';

/** What the simulator needs: sources, settings, scenarios and the file that one of these stores; and what is built of
 * them already, so that only what a bug touches is built again. */
const COPIED = /^(core|sim|scenarios|dist|tsconfig.*\.json|package\.json|LICENSE)$/;
const LEFT_OUT = /\.test(-kit)?\.(ts|js|d\.ts|js\.map|d\.ts\.map)$|tests\.tsbuildinfo$|dist\/tools$/;
const ERROR_CHARACTERS = 2_000;

/** What a run of seeds gave, as the simulator's --json says it. */
interface Summary {
  readonly runs: number;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly seed: number;
  readonly outcome: 'fail' | 'vacuous' | 'stuck';
  readonly violations: readonly { readonly checker: string; readonly message: string }[];
}

export class Workshop {
  readonly #folder: string;
  /** Process group of what runs. */
  #running: number | undefined;

  constructor(project: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'ping-pong-mutants-'));
    for (const name of readdirSync(project)) {
      if (!COPIED.test(name)) continue;
      const filter = (path: string): boolean => !LEFT_OUT.test(path);
      cpSync(join(project, name), join(this.#folder, name), { recursive: true, preserveTimestamps: true, filter });
    }
    symlinkSync(join(project, 'node_modules'), join(this.#folder, 'node_modules'), 'dir');
  }

  /** Plants a bug. @returns how to take it out again. */
  plant(mutant: Mutant): () => void {
    const sources = new Map<string, string>();
    const restore = (): void => {
      for (const [path, source] of sources) writeFileSync(path, source);
    };
    try {
      for (const patch of patchesOf(mutant)) {
        const path = join(this.#folder, patch.file);
        const source = readFileSync(path, 'utf8');
        if (!sources.has(path)) sources.set(path, source);
        writeFileSync(path, patched(source, patch, mutant.name));
      }
    } catch (error) {
      restore();
      throw error;
    }
    return restore;
  }

  /** @throws Error when it does not compile. */
  async build(): Promise<void> {
    const { code, text } = await this.#node(join('node_modules', 'typescript', 'bin', 'tsc'), '-b', 'sim');
    if (code !== 0) throw new Error(`does not compile:\n${text.slice(0, ERROR_CHARACTERS)}`);
  }

  /** Runs the copy's simulator. @throws Error when there is no result. */
  async run(scenario: string, from: number, to: number): Promise<Summary> {
    const file = join('scenarios', `${scenario}.yaml`);
    const flags = ['--seeds', `${from}..${to}`, '--json', '--workers', '1'];
    const { code, text } = await this.#node(join('dist', 'sim', 'cli.js'), file, ...flags);
    try {
      return JSON.parse(text) as Summary;
    } catch {
      throw new Error(
        `the simulator gave no result for ${file} (exit code ${code}): ${text.slice(0, ERROR_CHARACTERS)}`,
      );
    }
  }

  #node(...args: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, {
        cwd: this.#folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        // In a process group of its own: what it starts ends with it.
        detached: true,
      });
      this.#running = child.pid;
      let text = '';
      let complaint = '';
      child.stdout.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      child.stderr.setEncoding('utf8').on('data', (piece: string) => {
        complaint = (complaint + piece).slice(-ERROR_CHARACTERS);
      });
      child.on('error', reject);
      child.on('close', (code) => {
        this.#running = undefined;
        resolve({ code, text: text === '' ? complaint : text });
      });
    });
  }

  /** Ends what runs, and leaves nothing behind. */
  close(): void {
    if (this.#running !== undefined) process.kill(-this.#running, 'SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
