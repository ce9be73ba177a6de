/**
 * What programs that people have on their machines must be able to do with a server of the ring, as checks: each returns what
 * it looked at, or throws. They know HTTP and nothing of this project; so do these checks.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeed } from './tools.js';

export interface Place {
  /** `http://host:port` of every server. */
  readonly servers: readonly string[];
  /** For files on this side; empty in the beginning. */
  readonly folder: string;
}

export interface ClientCheck {
  readonly program: string;
  readonly debianPackage: string;
  /** @returns what was checked @throws what did not work */
  check(place: Place): Promise<string>;
}

/** Large enough for curl to ask first (`Expect`), for several chunks, and for several connections. */
const FILE_BYTES = 20 * 1024 * 1024;
const SMALL_BYTES = 4096;
const REQUESTS = 2000;

function must(is: boolean, what: string): void {
  if (!is) throw new Error(`${what}: no`);
}

async function madeFile(
  folder: string,
  name: string,
  bytes: number,
): Promise<{ readonly file: string; readonly content: Buffer }> {
  const content = randomBytes(bytes);
  const file = join(folder, name);
  await writeFile(file, content);
  return { file, content };
}

const url = (place: Place, index: number, name: string): string =>
  `${place.servers[index % place.servers.length]}/files/trial/${name}`;

async function statusOf(args: readonly string[], input?: Buffer): Promise<string> {
  const { stdout } = await run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', ...args], input);
  return stdout.toString();
}

async function checkCurl(place: Place): Promise<string> {
  const { file, content } = await madeFile(place.folder, 'curl', FILE_BYTES);
  const [at, elsewhere] = [url(place, 0, 'curl'), url(place, 2, 'curl')];
  const { stderr } = await succeed('curl', ['-sS', '-v', '-f', '-T', file, at]);
  must(/< HTTP\/1.1 100 Continue/.test(stderr), 'PUT with Expect: 100-continue is told to continue');
  const { stdout } = await succeed('curl', ['-sS', '-f', elsewhere]);
  must(stdout.equals(content), 'GET from another server gives the same bytes');
  const range = await succeed('curl', ['-sS', '-f', '-r', '300000-1300000', elsewhere]);
  must(range.stdout.equals(content.subarray(300_000, 1_300_001)), 'a range');
  const part = join(place.folder, 'curl.part');
  await writeFile(part, content.subarray(0, 5_000_001));
  await succeed('curl', ['-sS', '-f', '-C', '-', '-o', part, elsewhere]);
  must((await readFile(part)).equals(content), '-C - completes a download');
  must(
    (await statusOf(['-C', '1000', '-T', file, at])) === '400',
    'an upload that would resume in the middle is refused',
  );
  must(
    (await statusOf(['-H', 'If-None-Match: *', '-T', file, at])) === '412',
    'If-None-Match: * on a file that is there',
  );
  must((await succeed('curl', ['-sS', '-f', at])).stdout.equals(content), 'the file is as it was after both');
  await succeed('curl', ['-sS', '-f', '-T', '-', url(place, 1, 'curl-stdin')], content);
  const piped = await succeed('curl', ['-sS', '-f', url(place, 3, 'curl-stdin')]);
  must(piped.stdout.equals(content), 'a chunked PUT from a pipe');
  const head = (await succeed('curl', ['-sS', '-f', '-I', at])).stdout.toString();
  must(
    new RegExp(`content-length: ${FILE_BYTES}\r`, 'i').test(head) && /etag: "/i.test(head),
    'HEAD tells length and ETag',
  );
  must(
    (await statusOf(['-X', 'DELETE', at])) === '204' && (await statusOf([elsewhere])) === '404',
    'DELETE, then 404 elsewhere',
  );
  return '-T with Expect, GET, -r, -C - (download), resumed upload refused, conditions, -T - chunked, -I, DELETE';
}

async function checkWget(place: Place): Promise<string> {
  const { file, content } = await madeFile(place.folder, 'wget', FILE_BYTES);
  await succeed('curl', ['-sS', '-f', '-T', file, url(place, 0, 'wget')]);
  const part = join(place.folder, 'wget.part');
  await writeFile(part, content.subarray(0, 7_000_003));
  const { stderr } = await succeed('wget', ['-c', '-O', part, url(place, 1, 'wget')]);
  must(stderr.includes('206 Partial Content'), 'only the rest was asked for');
  must((await readFile(part)).equals(content), '-c completes a download');
  const again = await succeed('wget', ['-c', '-O', part, url(place, 1, 'wget')]);
  must(again.stderr.includes('416'), 'a complete file is not fetched again');
  must((await readFile(part)).equals(content), 'and stays as it is');
  return '-c of a part, -c of a whole file';
}

async function checkAria2(place: Place): Promise<string> {
  const { file, content } = await madeFile(place.folder, 'aria2', FILE_BYTES);
  await succeed('curl', ['-sS', '-f', '-T', file, url(place, 0, 'aria2')]);
  const sum = createHash('sha256').update(content).digest('hex');
  const mirrors = place.servers.map((_, i) => url(place, i, 'aria2'));
  const into = ['-d', place.folder, '--allow-overwrite=true', `--checksum=sha-256=${sum}`];
  await succeed('aria2c', ['-q', '-x4', '-s4', '-k1M', ...into, '-o', 'aria2.one', mirrors[1] as string]);
  must((await readFile(join(place.folder, 'aria2.one'))).equals(content), 'four connections to one server');
  await succeed('aria2c', ['-q', '-x2', '-s10', '-k1M', ...into, '-o', 'aria2.all', ...mirrors]);
  must((await readFile(join(place.folder, 'aria2.all'))).equals(content), 'all servers as mirrors');
  return '-x4 --checksum=sha-256 from one server, and from all as mirrors';
}

async function checkHey(place: Place): Promise<string> {
  const { file } = await madeFile(place.folder, 'hey', SMALL_BYTES);
  await succeed('curl', ['-sS', '-f', '-T', file, url(place, 0, 'hey')]);
  const count = String(REQUESTS);
  const gets = (await succeed('hey', ['-n', count, '-c', '8', url(place, 1, 'hey')])).stdout.toString();
  must(gets.includes(`[200]\t${REQUESTS} responses`), `${REQUESTS} GETs answered with 200:\n${gets}`);
  const puts = (
    await succeed('hey', ['-n', count, '-c', '8', '-m', 'PUT', '-D', file, url(place, 2, 'hey')])
  ).stdout.toString();
  must(puts.includes(`[200]\t${REQUESTS} responses`), `${REQUESTS} PUTs answered with 200:\n${puts}`);
  return `-n ${REQUESTS} -c 8: GET ${rateIn(gets)}/s, PUT ${rateIn(puts)}/s, all 200`;
}

const rateIn = (text: string): string => Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]).toFixed(0);

async function checkWrk(place: Place): Promise<string> {
  const { file } = await madeFile(place.folder, 'wrk', SMALL_BYTES);
  await succeed('curl', ['-sS', '-f', '-T', file, url(place, 0, 'wrk')]);
  const text = (await succeed('wrk', ['-t2', '-c8', '-d2s', url(place, 3, 'wrk')])).stdout.toString();
  must(!/Non-2xx|Socket errors/.test(text), `no errors:\n${text}`);
  must(Number(rateIn(text)) > 0, `some answers:\n${text}`);
  return `-t2 -c8 -d2s: GET ${rateIn(text)}/s, no errors`;
}

export const CLIENT_CHECKS: readonly ClientCheck[] = [
  { program: 'curl', debianPackage: 'curl', check: checkCurl },
  { program: 'wget', debianPackage: 'wget', check: checkWget },
  { program: 'aria2c', debianPackage: 'aria2', check: checkAria2 },
  { program: 'hey', debianPackage: 'hey', check: checkHey },
  { program: 'wrk', debianPackage: 'wrk', check: checkWrk },
];
