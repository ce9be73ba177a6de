// The programs that people have on their machines, as they are used every day. Those that are not installed are named.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World } from './http.test-kit.js';

const run = promisify(execFile);
const BODY = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 253));

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(`not tested: ${program} is not installed here`);
    return false;
  }
}

let world: World;
let folder: string;
const file = (name: string): string => join(folder, name);
const url = (): string => `${world.url}/files/dir/a.bin`;

beforeEach(async () => {
  world = await World.begin({ chunkBytes: 262_144 });
  folder = await mkdtemp(join(tmpdir(), 'ppnfs-http-'));
  await writeFile(file('a.bin'), BODY);
});
afterEach(async () => {
  await world.end();
  await rm(folder, { recursive: true });
});

async function isWhole(name: string): Promise<boolean> {
  return (await readFile(file(name))).equals(BODY);
}

describe.skipIf(!isThere('curl'))('curl', () => {
  const curl = async (...args: readonly string[]): Promise<string> =>
    (await run('curl', ['-sS', '--max-time', '15', ...args])).stdout;

  it('-T puts, -o gets, and -C - goes on where it was broken off', async () => {
    // The trailing slash has curl add the file's name.
    expect(await curl('-T', file('a.bin'), `${world.url}/files/dir/a.bin`, '-w', ' %{http_code}')).toMatch(/ 200$/);
    await curl(url(), '-o', file('got'));
    expect(await isWhole('got')).toBe(true);
    await writeFile(file('part'), BODY.subarray(0, 1_234_567));
    await curl('-C', '-', url(), '-o', file('part'));
    expect(await isWhole('part')).toBe(true);
    await curl('-C', '-', url(), '-o', file('part'));
    expect(await isWhole('part')).toBe(true);
  });

  it('sends a stream of unknown length, too', async () => {
    const script = `cat "$1" | curl -sS -T - "$2"`;
    await run('sh', ['-c', script, 'sh', file('a.bin'), url()]);
    await curl(url(), '-o', file('got'));
    expect(await isWhole('got')).toBe(true);
  });

  it('is told why when it may not, in the middle of a large upload', async () => {
    const args = ['-T', file('a.bin'), '--path-as-is', `${world.url}/files/../a`, '-w', ' %{http_code}'];
    expect(await curl(...args)).toMatch(/bad-path[\s\S]* 400$/);
    // Resuming an upload would make a file of the rest alone.
    expect(await curl('-C', '1000', '-T', file('a.bin'), url(), '-w', ' %{http_code}')).toMatch(/ 400$/);
  });
});

describe.skipIf(!isThere('wget'))('wget', () => {
  it('-c goes on where it was broken off, and finds that it has all', async () => {
    await world.ask('PUT', '/files/dir/a.bin', {}, BODY);
    await writeFile(file('part'), BODY.subarray(0, 1_234_567));
    for (let i = 0; i < 2; i++) await run('wget', ['-q', '-T', '15', '-c', '-O', file('part'), url()]);
    expect(await isWhole('part')).toBe(true);
  });
});

describe.skipIf(!isThere('aria2c'))('aria2c', () => {
  it('gets a file over four connections at once', async () => {
    await world.ask('PUT', '/files/dir/a.bin', {}, BODY);
    await run('aria2c', ['-q', '-x4', '-s4', '-k1M', '-d', folder, '-o', 'got', url()]);
    expect(await isWhole('got')).toBe(true);
  });
});
