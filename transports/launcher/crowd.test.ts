// A crowd of clients and few files that may be open: the server turns some away, and never lacks files of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Nodes, until } from './nodes.test-kit.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const OPEN_FILES = 200;
const CROWD = 300;

let nodes: Nodes;
let child: ChildProcess | undefined;
let crowd: Socket[];
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeEach(() => {
  nodes = new Nodes();
  crowd = [];
});
afterEach(async () => {
  for (const each of crowd) each.destroy();
  agent.destroy();
  child?.kill('SIGKILL');
  await nodes.remove();
});

/** @returns where it listens for HTTP */
async function server(coordinator: string): Promise<string> {
  // On a disk so small that each of its files is soon full, and another one is opened.
  const flags = {
    id: 'n1',
    listen: '127.0.0.1:0',
    http: '127.0.0.1:0',
    capacity: '32MiB',
    durability: 'os',
    chain: '1',
    coordinator,
  };
  const args = Object.entries({ ...flags, data: nodes.folder }).flatMap(([flag, value]) => [`--${flag}`, value]);
  const shell = ['-c', `ulimit -n ${OPEN_FILES} && exec "$0" "$@"`, process.execPath, MAIN, 'node', ...args];
  child = spawn('/bin/sh', shell, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    const { msg, http } = JSON.parse(line) as { msg: string; http: string };
    if (msg === 'listening') return http;
  }
  throw new Error('it did not listen');
}

/** Over the one connection that was there before the crowd. */
async function ask(http: string, method: string, path: string, body?: Buffer): Promise<number> {
  const asked = request(`http://${http}${path}`, { agent, method });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

// Elsewhere the system does not say how many it allows.
it.runIf(process.platform === 'linux')(
  'a crowd of clients does not take the files that a server needs itself',
  async () => {
    const http = await server((await nodes.startCoordinator()).name);
    await until(async () => (await ask(http, 'GET', '/readyz')) === 200);
    const port = Number(http.split(':')[1]);
    crowd = await Promise.all(
      Array.from({ length: CROWD }, async () => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        return socket;
      }),
    );
    for (let i = 0; i < 8; i++) expect(await ask(http, 'PUT', `/files/f${i}`, Buffer.alloc(1_000_000, i))).toBe(200);
  },
);
