/** Commands that are programs of their own: run as a child process, with all the words that were not for us. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Context } from './context.js';

const PROGRAMS: Readonly<Record<string, string>> = {
  sim: '../../sim/cli.js',
  bench: '../bench.js',
};

export const isForwarded = (word: string | undefined): word is string =>
  word !== undefined && Object.hasOwn(PROGRAMS, word);

/** @returns its exit code: the program documents its own */
export function forward(name: string, args: readonly string[], { stderr }: Context): Promise<number> {
  const program = fileURLToPath(new URL(PROGRAMS[name] as string, import.meta.url));
  if (!existsSync(program)) {
    stderr.write(`ppnfs ${name}: ${program} is not there: build it with "npm run build"\n`);
    return Promise.resolve(1);
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], { stdio: 'inherit' });
    // The terminal sends Ctrl-C to both: the child ends as it likes, and its end is ours.
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    const pass = (): void => void child.kill('SIGTERM');
    process.on('SIGTERM', pass);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
