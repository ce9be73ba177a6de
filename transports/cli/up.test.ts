// A real ring, from the command line: it comes up, keeps files over a restart, and lets a server go.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RingFile } from '../client/find-servers.js';
import { serverOptions } from '../launcher/heap.js';
import { type Ended, type Running, run, start } from './cli.test-kit.js';
import { programName } from './program-name.js';

let cwd: string;
let ring: Running | undefined;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'ppnfs-up-'));
});
afterEach(async () => {
  await stop();
  rmSync(cwd, { recursive: true });
});

const FREE_PORTS = ['--ring-port', '0', '--http-port', '0', '--coordinator-port', '0'];

async function up(...more: readonly string[]): Promise<Running> {
  ring = start(['up', '--nodes', '3', '--shards', '8', ...FREE_PORTS, ...more], { cwd });
  await ring.until('Ctrl-C stops it.');
  return ring;
}

/** By the handle of the process that was started here. */
async function stop(): Promise<Ended | undefined> {
  const running = ring;
  ring = undefined;
  if (running === undefined) return undefined;
  running.child.kill('SIGINT');
  return running.ended;
}

const ppnfs = (...args: readonly string[]): Promise<Ended> => run(args, { cwd });

it('keeps files while it is down, shows itself, and loses nothing when a server leaves', async () => {
  await up('--durability', 'os');
  writeFileSync(join(cwd, 'a.txt'), 'ping pong');
  expect(await ppnfs('put', 'a.txt', '/docs/')).toMatchObject({ code: 0, stderr: '' });
  const { stdout, code } = await ppnfs('status');
  expect(stdout).toContain('ring of 3 servers');
  expect(stdout).toContain('8 chains: 8 whole');
  expect(code).toBe(0);
  expect(await ppnfs('revive', '3', '--from', 'n1', '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('shard 3 is not lost'),
  });
  expect(await stop()).toMatchObject({ code: 0 });
  expect((await ppnfs('ls')).code).toBe(2);

  await up('--durability', 'os');
  expect((await ppnfs('get', '/docs/a.txt', '-')).stdout).toBe('ping pong');
  const { servers } = JSON.parse(readFileSync(join(cwd, 'ppnfs-data', 'ring.json'), 'utf8')) as RingFile;
  const first = servers[0]?.http as string;
  if (process.platform === 'linux') {
    // Never shown whole: it may hold secrets.
    const environment = readFileSync(`/proc/${servers[0]?.pid}/environ`, 'utf8').split('\0');
    expect(environment.includes(`NODE_OPTIONS=${serverOptions(process.env.NODE_OPTIONS)}`)).toBe(true);
  }
  expect((await ppnfs('status', '--server', first)).stdout).toContain('not asked: n2, n3; name their HTTP addresses');
  expect(await ppnfs('leave', 'n3', '--server', first)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there are: n1; not heard: n2, n3'),
  });
  expect(await ppnfs('leave', 'n3')).toMatchObject({ code: 0, stdout: 'n3 has left\n' });
  expect((await ppnfs('get', '/docs/a.txt', 'b.txt')).code).toBe(0);
  expect(readFileSync(join(cwd, 'b.txt'), 'utf8')).toBe('ping pong');
  expect((await ppnfs('status')).stdout).toContain('ring of 2 servers');
}, 120_000);

it('says what to type where npm has started it', () => {
  expect(programName({})).toBe('ppnfs');
  expect(programName({ npm_lifecycle_event: 'start' })).toBe('npx ppnfs');
});

it('a second one in the same folder is refused, and takes nothing from the first', async () => {
  await up('--durability', 'os');
  const second = await run(['up', '--nodes', '3', ...FREE_PORTS], { cwd });
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/another process .* has .* open/) });
  expect(await ppnfs('status')).toMatchObject({ code: 0, stdout: expect.stringContaining('ring of 3 servers') });
}, 120_000);

it('that was killed is started again at once, though one of its servers has not ended yet', async () => {
  const { child, ended } = await up('--durability', 'os');
  const { servers } = JSON.parse(readFileSync(join(cwd, 'ppnfs-data', 'ring.json'), 'utf8')) as RingFile;
  const { pid } = servers[0] as RingFile['servers'][number];
  process.kill(pid, 'SIGSTOP');
  try {
    child.kill('SIGKILL');
    await ended;
    ring = start(['up', '--nodes', '3', ...FREE_PORTS], { cwd });
    await ring.until('waiting for the servers of the run before to end');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await ring.until('Ctrl-C stops it.');
}, 50_000);

it('that is stopped before the ring is whole does not wait for it', async () => {
  // Without anybody behind that port it would wait for a minute.
  const nobody = ['--coordinator', 'tcp://127.0.0.1:1'];
  ring = start(['up', '--nodes', '2', ...nobody, ...FREE_PORTS], { cwd });
  await ring.until('waiting for the coordinator');
  expect(await stop()).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('stopped before the ring was whole'),
  });
}, 50_000);

it('is up when every server serves, however soon it is started again; what was in memory is gone, the ring is not', async () => {
  for (const store of ['disk', 'memory']) {
    for (const start of ['first', 'second']) {
      await up('--store', store);
      const { servers } = JSON.parse(readFileSync(join(cwd, 'ppnfs-data', 'ring.json'), 'utf8')) as RingFile;
      const ready = await Promise.all(servers.map(({ http }) => fetch(`${http}/readyz`)));
      expect(
        ready.map(({ status }) => status),
        `${store} ${start}`,
      ).toEqual([200, 200, 200]);
      await stop();
    }
  }
}, 120_000);

it('gives its servers what was wished, from a file too, and never something else in its place', async () => {
  writeFileSync(join(cwd, 'ring.yaml'), 'nodes: 3\nshards: 8\nchunk: 64KiB\nlog-pretty: true\n');
  const env = { PPNFS_CONFIG: 'ring.yaml' };
  ring = start(['up', ...FREE_PORTS, '--stream', '1MiB', '--capacity', '1.5GiB'], { cwd, env });
  await ring.until('Ctrl-C stops it.');
  expect((await ppnfs('status')).stdout).toContain('chunks of 64KiB, 16 in transit');
  expect(readFileSync(join(cwd, 'ppnfs-data', 'logs', 'n1.log'), 'utf8')).toMatch(/INFO: n1 listening/);
  const { coordinator } = JSON.parse(readFileSync(join(cwd, 'ppnfs-data', 'ring.json'), 'utf8')) as RingFile;
  const port = new URL(coordinator).port;
  const taken = await run(['up', '--data', 'other', ...FREE_PORTS.slice(0, 4), '--coordinator-port', port], { cwd });
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('choose another --coordinator-port') });
  await stop();
  // Nobody of them serves: there is nothing to wait for.
  const refused = await run(['up', '--nodes', '3', '--chain', '2', ...FREE_PORTS], { cwd });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('every server has ended') });
}, 50_000);
