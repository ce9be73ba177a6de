/** Programs of this machine that trials use: found, installed where that may be, and run to their end. */
import { execFile, spawnSync } from 'node:child_process';

export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const RUN_MS_MAX = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** @returns whether the program is there now */
export function install(program: string, debianPackage: string): boolean {
  if (isInstalled(program)) return true;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) return false;
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return isInstalled(program);
}

/** @throws if it cannot be run, or does not end */
export function run(program: string, args: readonly string[], input?: Buffer): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { timeout: RUN_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX, encoding: 'buffer' } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code !== 'number') reject(error);
      else resolve({ code, stdout, stderr: stderr.toString() });
    });
    // A program that does not want it all is free not to.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** @throws with its words if it does not succeed */
export async function succeed(program: string, args: readonly string[], input?: Buffer): Promise<Ran> {
  const ran = await run(program, args, input);
  if (ran.code === 0) return ran;
  throw new Error(
    `${program} ${args.join(' ')}: exit code ${ran.code}: ${ran.stderr.slice(-500)}${ran.stdout.subarray(-500)}`,
  );
}
