/**
 * Keeps two living processes from opening one folder: the owner listens on a socket file of its own in it. A socket
 * whose process is dead refuses connections, whatever killed it, and in whichever container it lived: no pid is ever
 * judged. Whoever comes listens first and looks for others afterwards, so that of two who come at once each sees the
 * other, and both step back.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface Lock {
  release(): Promise<void>;
}

const PREFIX = 'lock-';
const ATTEMPTS_MAX = 5;
/** What the name of a socket may take on every platform. */
const SOCKET_PATH_BYTES_MAX = 100;

export const isLockFile = (name: string): boolean => name.startsWith(PREFIX);

/** @throws an Error with a sentence for the operator, when another process has it. */
export async function lockFolder(folder: string): Promise<Lock> {
  for (let attempt = 1; ; attempt++) {
    const name = `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`;
    const reach = reachOf(folder, name);
    const server = await listen(folder, reach.path(name));
    const others = readdirSync(folder).filter((other) => isLockFile(other) && other !== name);
    const living: string[] = [];
    for (const other of others) if (await isAlive(reach.path(other))) living.push(other);
    // Whoever judged this one before it listened may have taken it away.
    if (living.length === 0 && existsSync(join(folder, name))) {
      for (const other of others) rmSync(join(folder, other), { force: true });
      return { release: () => stop(server, reach) };
    }
    await stop(server, reach);
    if (attempt === ATTEMPTS_MAX) throw takenError(folder, living);
    await wait(10 * attempt * (1 + Math.random()));
  }
}

function takenError(folder: string, living: readonly string[]): Error {
  const pids = living.map((name) => /^lock-(\d+)-/.exec(name)?.[1] ?? '?').join(', ');
  return new Error(
    `another process (pid ${pids}) has ${folder} open: stop it, or give this server a folder of its own`,
  );
}

/** How the sockets of a folder are named: a long path goes by way of an open folder, where the system can do that. */
interface Reach {
  path(name: string): string;
  close(): void;
}

function reachOf(folder: string, name: string): Reach {
  const plain = join(folder, name);
  if (Buffer.byteLength(plain) <= SOCKET_PATH_BYTES_MAX) {
    return { path: (other) => join(folder, other), close: () => undefined };
  }
  if (process.platform !== 'linux') {
    throw new Error(`the path ${folder} is too long: give the server a folder whose path has at most 70 bytes`);
  }
  const descriptor = openSync(folder, 'r');
  return { path: (other) => `/proc/self/fd/${descriptor}/${other}`, close: () => closeSync(descriptor) };
}

function listen(folder: string, path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) =>
      reject(new Error(`cannot lock ${folder}, which needs a file system with sockets: ${error.message}`)),
    );
    server.listen(path, () => {
      // The lock alone keeps no process alive.
      server.unref();
      resolve(server);
    });
  });
}

/** In doubt it is. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

function stop(server: Server, reach: Reach): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      reach.close();
      resolve();
    });
  });
}
