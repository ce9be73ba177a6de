/**
 * nginx on this machine as one more yardstick for gets, where it is installed or may be: what a server that does nothing but
 * send files can do. Off unless asked for.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { names } from './aims.js';
import type { Measure } from './figures.js';
import { payloadOf } from './payload.js';
import type { Peer } from './processes.js';
import { type Series, seriesMeasure } from './series.js';

const START_MS_MAX = 5_000;
const START_LOOK_MS = 20;

export interface Nginx {
  get(name: string, series: Omit<Series, 'servers' | 'target'>): Measure;
  stop(): void;
}

/** @returns undefined where there is none, and why that is so was told */
export async function startNginx(
  client: Peer,
  folder: string,
  progress: (text: string) => void,
): Promise<Nginx | undefined> {
  if (!isInstalled() && !install(progress)) {
    progress('nginx is not measured: it is not installed, and only root with apt-get can change that');
    return undefined;
  }
  await mkdir(join(folder, 'logs'), { recursive: true });
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port));
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  await answering(port, child);
  const address = `http://127.0.0.1:${port}`;
  return {
    get: (name, series) => {
      const measure = seriesMeasure(names.nginx(name), client, {
        ...series,
        files: 1,
        servers: [address],
        target: `/${series.size.bytes}-`,
      });
      const measured = async () => {
        await writeFile(join(folder, `${series.size.bytes}-0`), payloadOf(series.size.bytes));
        return measure.measure();
      };
      return { ...measure, isBare: true, measure: measured };
    },
    stop: () => void child.kill('SIGTERM'),
  };
}

const isInstalled = (): boolean => spawnSync('nginx', ['-v']).status === 0;

function install(progress: (text: string) => void): boolean {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false;
  progress('installing nginx');
  const done = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'nginx-light'], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return done.status === 0 && isInstalled();
}

const configuration = (folder: string, port: number): string => `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/logs/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; root ${folder}; }
}
`;

async function answering(port: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS_MAX;
  while (Date.now() < until && child.exitCode === null) {
    if (await canConnect(port)) return;
    await new Promise((wake) => setTimeout(wake, START_LOOK_MS));
  }
  throw new Error('nginx does not start');
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
