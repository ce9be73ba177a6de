// The real executable against a real HTTP server in front of a ring of one.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bridge } from '../client/bridge.test-kit.js';
import { World } from '../serving/http/http.test-kit.js';
import { contextHere, type Ended, run, runHere, start } from './cli.test-kit.js';
import { commands } from './commands.js';
import { run as runCommand } from './run.js';

/** Every command is a process: on a busy machine they add up. */
vi.setConfig({ testTimeout: 60_000 });

let world: World;
let cwd: string;

beforeAll(async () => {
  world = await World.begin({ chunkBytes: 64 * 1024 });
});
afterAll(() => world.end());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'ppnfs-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const ppnfs = (...args: readonly string[]): Promise<Ended> => run(args, { cwd, env: { PPNFS_SERVER: world.url } });
const here = (name: string): string => join(cwd, name);

describe('help', () => {
  it('shows commands, examples and exit codes', async () => {
    const { code, stdout } = await ppnfs('--help');
    expect(code).toBe(0);
    for (const word of ['ppnfs up', 'ppnfs put', 'completion', 'Exit codes:', 'outcome unknown']) {
      expect(stdout).toContain(word);
    }
  });

  it('has an example for every command', async () => {
    const own = commands
      .map(({ usage }) => usage.split(' ')[0] as string)
      .filter((name) => !/^(sim|bench)$/.test(name));
    for (const name of own) {
      const { code, stdout } = await runHere([name, '--help'], {});
      expect(code, name).toBe(0);
      expect(stdout, name).toContain('Examples:');
      expect(stdout, name).toContain(`ppnfs ${name}`);
    }
  });

  it('and the version, and a script for completion', async () => {
    expect((await ppnfs('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await ppnfs('completion')).stdout).toContain('ppnfs --get-yargs-completions');
  });
});

describe('a wrong command line says what is meant, and ends with 2', () => {
  it.each([
    [['putt'], 'unknown command "putt"; did you mean "put"?'],
    [[], 'which command?'],
    [['put'], 'something is missing: ppnfs put <from..>'],
    [['ls', '--lnog'], 'did you mean --long?'],
    [['ls', '--server'], '--server needs a value'],
    [['ls', '--server', 'ftp://x'], '"ftp://x" is not the address of a server'],
    [['ls', 'docs'], '"docs" is no path in the ring: those begin with "/"'],
    [['put', 'nothing', '/a'], 'nothing: no such file or folder'],
    [['put', '.', '/a'], '. is a folder: add -r'],
    [['put', '-', '/a/'], 'standard input has no name'],
    [['put', '-', '/a', '--type', '日本'], '--type: "日本" is not printable ASCII text'],
    [['put', '-', '/a', '--operation', '日本'], '--operation: "日本" is not printable ASCII text'],
    [['rm', '/a', '--if-version', '日本'], '--if-version: "日本" is not printable ASCII text'],
    [['get', '/a', '--range', '5'], 'not a range of bytes'],
    [['get', '/a', ''], 'the target has no name'],
    [['ls', '--timeout', '5'], '--timeout: "5" has no unit'],
    [['send-random', '--size', '4K'], 'did you mean 4KiB?'],
    [['leave'], 'which server?'],
    [['leave', '--timeout', '5'], '--timeout: "5" has no unit'],
    [['leave', 'n3', '--server', 'tcp://127.0.0.1:1'], "name a server's HTTP address"],
    [['status', '--server', 'tcp://127.0.0.1:1'], "name a server's HTTP address"],
    [['status', '--timeout', 'banana'], '--timeout: "banana" is not a duration'],
    [['status', '--timeout=-1'], '--timeout: "-1": a duration cannot be negative'],
    [['status', '--every', '0'], '--every needs a time from 100ms to 24h, not "0"'],
    [['put', '-', '/a', '--if-version', 'abc'], '--if-version: "abc" is no version of a file'],
    [['put', '-', '/a', '--operation', 'hello'], '--operation: "hello" is no id of a write'],
    [['rm', '/a', '--if-version', '7'], '--if-version: "7" is no version of a file'],
    [['revive', 'abc'], '"abc" is not the number of a shard'],
    [['completion', 'bogus'], 'completion takes nothing else'],
    [['up', '--config', tmpdir()], 'is a folder, and a configuration is a file'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await runHere(args, { PPNFS_SERVER: `${world.url},${world.url}` });
    expect(stderr).toContain(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('without any server', async () => {
    const { code, stderr } = await run(['ls'], { cwd });
    expect(stderr).toContain('start a ring with "ppnfs up"');
    expect(code).toBe(2);
  });
});

describe('files', () => {
  it('go there and come back', async () => {
    const bytes = randomBytes(300_000);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(here('a.json'), bytes);
    const put = await ppnfs('put', 'a.json', '/t/');
    expect(put).toMatchObject({ code: 0, stderr: '' });
    expect(put.stdout).toContain(`/t/a.json  293.0 KiB  version 7.`);
    const stat = JSON.parse((await ppnfs('stat', '/t/a.json', '--json')).stdout);
    expect(stat).toMatchObject({ result: 'found', length: 300_000, sha256, contentType: 'application/json' });
    expect(await ppnfs('get', '/t/a.json', 'b')).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(here('b'))).toEqual(bytes);
    expect((await ppnfs('ls', '-l', '/t/')).stdout).toMatch(/293\.0 KiB .* application\/json +\/t\/a\.json\n1 file/);
    expect(await ppnfs('rm', '/t/a.json')).toMatchObject({ code: 0, stdout: '/t/a.json  deleted\n' });
    expect(await ppnfs('get', '/t/a.json')).toMatchObject({ code: 4, stderr: 'ppnfs get: /t/a.json: no such file\n' });
    expect(await ppnfs('rm', '/t/a.json')).toMatchObject({ code: 4 });
    expect(await ppnfs('rm', '-f', '/t/a.json')).toMatchObject({ code: 0 });
  });

  it('with names that look like something else', async () => {
    writeFileSync(here('1e3'), 'number');
    expect((await ppnfs('put', '1e3', '/names/')).stdout).toContain('/names/1e3 ');
    expect((await ppnfs('get', '/names/1e3', '-')).stdout).toBe('number');
    writeFileSync(here('-q'), 'dash');
    expect((await ppnfs('put', '--', '-q', '/names/')).stdout).toContain('/names/-q ');
    rmSync(here('-q'));
    expect((await ppnfs('get', '/names/-q', '--', '-q')).code).toBe(0);
    expect(readFileSync(here('-q'), 'utf8')).toBe('dash');
    expect((await ppnfs('get', '--', '/names/-q', '-')).stdout).toBe('dash');
    expect((await ppnfs('ls', '--', '/names/', '-q')).stderr).toContain('unknown: -q\n');
  });

  it('with names that would command a terminal, which are told without that', async () => {
    mkdirSync(here('odd'));
    writeFileSync(here('odd/\u001b[2J'), '');
    const { code, stderr } = await ppnfs('put', '-r', 'odd', '/odd');
    expect([code, stderr]).toEqual([1, expect.stringContaining('skipped odd/\uFFFD[2J: "/odd/\uFFFD[2J" is no path')]);
    expect((await ppnfs('get', '/\u001b[2J')).stderr).toContain('"/\uFFFD[2J" is no path');
  });

  it('older than 1970 keep their time', async () => {
    writeFileSync(here('old'), 'old');
    const modifiedMs = -5000;
    utimesSync(here('old'), new Date(modifiedMs), new Date(modifiedMs));
    expect((await ppnfs('put', 'old', '/old/')).code).toBe(0);
    expect(JSON.parse((await ppnfs('stat', '/old/old', '--json')).stdout)).toMatchObject({ modifiedMs });
    expect(JSON.parse((await ppnfs('ls', '/old/', '--json')).stdout)).toMatchObject({ items: [{ modifiedMs }] });
    expect((await ppnfs('get', '/old/old', 'back')).code).toBe(0);
    expect(statSync(here('back')).mtimeMs).toBe(modifiedMs);
  });

  it.skipIf(process.platform === 'win32')(
    'that are replaced here stay as private, or as executable, as they were',
    async () => {
      writeFileSync(here('a'), 'new');
      expect((await ppnfs('put', 'a', '/modes/')).code).toBe(0);
      for (const mode of [0o600, 0o755]) {
        writeFileSync(here('a'), 'old');
        chmodSync(here('a'), mode);
        expect((await ppnfs('get', '/modes/a', 'a')).code).toBe(0);
        expect([readFileSync(here('a'), 'utf8'), statSync(here('a')).mode & 0o777]).toEqual(['new', mode]);
      }
    },
  );

  it('through pipes, and in part', async () => {
    const put = await run(['put', '-', '/pipe'], { cwd, env: { PPNFS_SERVER: world.url }, stdin: 'ping pong' });
    expect(put.code).toBe(0);
    expect(await ppnfs('get', '/pipe', '-')).toEqual({ code: 0, stdout: 'ping pong', stderr: '' });
    expect((await ppnfs('get', '/pipe', '-', '--range', '5B..7B')).stdout).toBe('po');
  });

  it('in folders, links inside but not out', async () => {
    mkdirSync(here('site/deep'), { recursive: true });
    writeFileSync(here('secret'), 'secret');
    writeFileSync(here('site/a.txt'), 'a');
    writeFileSync(here('site/deep/ü b.txt'), 'b');
    symlinkSync('a.txt', here('site/inside'));
    symlinkSync('../secret', here('site/outside'));
    symlinkSync('.', here('site/round'));
    const put = await ppnfs('put', '-r', 'site', '/www');
    expect(put.stdout).toContain('stored 3 files');
    expect(put.stderr).toContain('outside: a link that leads out of the folder');
    expect(put.stderr).toContain('round: a link to a folder');
    // What was skipped is not hidden behind a good exit code.
    expect(put.code).toBe(1);
    expect((await ppnfs('ls', '/www/')).stdout).toBe('/www/a.txt\n/www/deep/ü b.txt\n/www/inside\n');
    expect((await ppnfs('get', '-r', '/www', 'copy')).stdout).toContain('fetched 3 files');
    expect(readFileSync(here('copy/deep/ü b.txt'), 'utf8')).toBe('b');
    expect(readFileSync(here('copy/inside'), 'utf8')).toBe('a');
    // A link in the way must not lead what is fetched elsewhere.
    mkdirSync(here('trap'));
    mkdirSync(here('elsewhere'));
    symlinkSync('../elsewhere', here('trap/deep'));
    const trapped = await ppnfs('get', '-r', '/www', 'trap');
    expect(trapped.stderr).toContain('leads out of trap');
    expect(readdirSync(here('elsewhere'))).toEqual([]);
    mkdirSync(here('trap2'));
    writeFileSync(here('elsewhere/a'), 'mine');
    symlinkSync('../elsewhere/a', here('trap2/a.txt'));
    expect((await ppnfs('get', '-r', '/www', 'trap2')).stderr).toContain('leads out of trap2');
    expect(readFileSync(here('elsewhere/a'), 'utf8')).toBe('mine');
    expect((await ppnfs('rm', '-r', '/www')).stdout).toBe('deleted 3 files\n');
    expect((await ppnfs('get', '-r', '/www', 'none')).code).toBe(4);
  });

  it('never two into one place', async () => {
    for (const folder of ['one', 'two']) {
      mkdirSync(here(folder));
      writeFileSync(here(`${folder}/x`), folder);
    }
    const put = await ppnfs('put', 'one/x', 'two/x', '/same/');
    expect([put.code, put.stderr]).toEqual([1, expect.stringContaining('its path in the ring is that of one/x')]);
    expect((await ppnfs('get', '/same/x', '-')).stdout).toBe('one');
    await ppnfs('put', 'two/x', '/other/x');
    mkdirSync(here('both'));
    const get = await ppnfs('get', '/same/x', '/other/x', 'both/');
    expect([get.code, get.stderr]).toEqual([1, expect.stringContaining('its target is that of /same/x')]);
  });

  it('with names as long as names can be', async () => {
    const name = 'n'.repeat(250);
    writeFileSync(here(name), 'long');
    expect((await ppnfs('put', name, '/long/')).code).toBe(0);
    rmSync(here(name));
    expect((await ppnfs('get', `/long/${name}`, name)).code).toBe(0);
    expect(readFileSync(here(name), 'utf8')).toBe('long');
  });

  it('into no place that takes none', async () => {
    const put = await run(['put', '-', '/odd/a'], { cwd, env: { PPNFS_SERVER: world.url }, stdin: 'a' });
    expect(put.code).toBe(0);
    writeFileSync(here('file'), '');
    for (const args of [
      ['get', '/odd/a', 'none/a'],
      ['get', '/odd/a', 'file/a'],
    ]) {
      const { code, stderr } = await ppnfs(...args);
      expect(stderr).toMatch(/no file can be made in \S+ \(E[A-Z]+\): choose another place/);
      expect(code).toBe(1);
    }
    // Where Node's own way of making several folders never ends.
    if (process.platform === 'linux') {
      const { code, stderr } = await ppnfs('get', '-r', '/odd', '/proc/ppnfs');
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot make the folder /proc/ppnfs (ENOENT)')]);
    }
  });

  it('only on condition', async () => {
    writeFileSync(here('a'), '1');
    expect((await ppnfs('put', 'a', '/c', '--if-absent')).code).toBe(0);
    const again = await ppnfs('put', 'a', '/c', '--if-absent');
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('[precondition-failed]');
    const { version } = JSON.parse((await ppnfs('stat', '/c', '--json')).stdout) as { version: string };
    expect((await ppnfs('rm', '/c', '--if-version', '1.99')).code).toBe(1);
    expect((await ppnfs('rm', '/c', '--if-version', version)).code).toBe(0);
  });

  it('random ones, compared', async () => {
    const sent = await ppnfs('send-random', '--size', '100KiB', '--count', '2', '--remove');
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(sent.stdout.match(/the same/g)).toHaveLength(2);
    expect((await ppnfs('ls', '/random/')).stdout).toBe('');
  });

  it('over the list page by page, for tools', async () => {
    for (const name of ['x', 'y', 'z']) {
      await run(['put', '-', `/page/${name}`], { cwd, env: { PPNFS_SERVER: world.url }, stdin: name });
    }
    const list = JSON.parse((await ppnfs('ls', '/page/', '--json')).stdout);
    expect(list).toMatchObject({
      items: [{ path: '/page/x' }, { path: '/page/y' }, { path: '/page/z' }],
      complete: true,
    });
  });
});

describe('honest ends', () => {
  it('5 when no server is there', async () => {
    const gone = await Bridge.begin(world.url);
    const { url } = gone;
    await gone.end();
    const { code, stderr } = await run(['stat', '/a', '--server', url], { cwd });
    expect(stderr).toContain('connection refused');
    expect(code).toBe(5);
    for (const args of [
      ['get', '-r', '/a', 'a'],
      ['rm', '-r', '/a'],
    ]) {
      const ended = await run([...args, '--json', '--server', url], { cwd });
      expect(ended.code).toBe(5);
      expect(JSON.parse(ended.stdout)).toMatchObject({ files: [], trouble: { code: 'no-server' } });
    }
  });

  it('4 when there is nothing, for tools too', async () => {
    const { code, stdout } = await ppnfs('get', '-r', '/nothing', 'a', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([4, { files: [], skipped: [] }]);
  });

  it('3 when nobody knows, with the id to ask again', async () => {
    writeFileSync(here('a'), 'unknown');
    const breaking = await Bridge.begin(world.url, ...Array.from({ length: 300 }, () => ({ cutDownAt: 1 })));
    const lost = await run(['put', 'a', '/unknown', '--server', breaking.url, '--timeout', '500ms'], { cwd });
    await breaking.end();
    expect(lost).toMatchObject({ code: 3, stdout: '' });
    const operation = /--operation (\S+)/.exec(lost.stderr)?.[1] as string;
    const again = await ppnfs('put', 'a', '/unknown', '--operation', operation, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ result: 'done', operation });
  });

  it('130 after Ctrl-C, and no part of a file', async () => {
    writeFileSync(here('big'), randomBytes(3_000_000));
    await ppnfs('put', 'big', '/big');
    let reached: () => void = () => {};
    const half = new Promise<void>((resolve) => {
      reached = resolve;
    });
    // It stands still in the middle of the file, until the test ends.
    const onCut = (): Promise<void> => {
      reached();
      return new Promise(() => {});
    };
    const stuck = await Bridge.begin(world.url, { cutDownAt: 1_000_000, onCut });
    const getting = start(['get', '/big', 'copy', '--server', stuck.url], { cwd });
    await half;
    getting.child.kill('SIGINT');
    expect(await getting.ended).toMatchObject({ code: 130, stdout: '' });
    await stuck.end();
    expect(readdirSync(cwd)).toEqual(['big']);
  });

  it.each([
    ['nothing was sent yet', 1_000_000],
    ['the file is on its way', 18_000_000],
  ])('130 after Ctrl-C while standard input says nothing, and %s', async (_, length) => {
    const putting = start(['put', '-', '/idle'], { cwd, env: { PPNFS_SERVER: world.url }, isStdinOpen: true });
    const isRead = new Promise((resolve) => putting.child.stdin?.write(Buffer.alloc(length), resolve));
    await isRead;
    putting.child.kill('SIGINT');
    expect(await putting.ended).toEqual({
      code: 130,
      stdout: '',
      stderr: 'ppnfs put: /idle: interrupted [interrupted]\n',
    });
    expect((await ppnfs('stat', '/idle')).code).toBe(4);
  });

  it('1 when standard input cannot be read', async () => {
    const { context, said } = contextHere(['put', '-', '/broken'], { PPNFS_SERVER: world.url });
    const byteInput = new Readable({ read: () => void byteInput.destroy(new Error('EIO')) });
    expect(await runCommand({ ...context, byteInput })).toBe(1);
    expect(said.stderr).toBe('ppnfs put: /broken: the bytes to be sent cannot be read: EIO [source-unreadable]\n');
  });

  it('130 after Ctrl-C while a server does not answer', async () => {
    let reached: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const silent = createServer(() => reached()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const waiting = start(['status', '--server', url], { cwd });
    await asked;
    waiting.child.kill('SIGINT');
    expect(await waiting.ended).toMatchObject({ code: 130, stderr: '' });
    silent.closeAllConnections();
    silent.close();
  });
});

it('the simulator is at hand, with its own help', async () => {
  const { code, stdout } = await ppnfs('sim', '--help');
  expect(code).toBe(0);
  expect(stdout).toContain('Runs scenarios in the simulator');
  expect(stdout).toContain('or ppnfs sim <file...> [flags]');
});
