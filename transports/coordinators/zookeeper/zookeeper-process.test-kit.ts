// Debian's ZooKeeper as a process of its own, with a folder and a port of its own (apt-get install zookeeper).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configOf, JVM_FLAGS, type Runner } from './runner.test-kit.js';

const JAR = '/usr/share/java/zookeeper.jar';
const JAVA = '/usr/bin/java';
const MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';

/**
 * The C client does not mark its sockets as close-on-exec. A child that kept one open would keep its events alive in the
 * client's epoll, too, under a number that belongs to another socket by then.
 */
const WITHOUT_SOCKETS =
  'for f in /proc/self/fd/*; do f=$(basename $f); [ $f -gt 2 ] && eval "exec $f>&-"; done; exec "$@"';

/** @returns a text: why there is none. */
export async function runAsProcess(): Promise<Runner | string> {
  const missing = [JAR, JAVA].filter((file) => !existsSync(file));
  if (missing.length > 0) return `no ZooKeeper of Debian: ${missing.join(' and ')} missing (apt-get install zookeeper)`;
  const folder = await mkdtemp(join(tmpdir(), 'ppnfs-zookeeper-'));
  const port = await freePort();
  const config = join(folder, 'zoo.cfg');
  await writeFile(config, configOf(join(folder, 'data'), port));
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    name: "Debian's ZooKeeper as a process",
    address: () => ({ host: '127.0.0.1', port }),
    async start() {
      const words = [JAVA, ...JVM_FLAGS, '-cp', JAR, MAIN, config];
      child = spawn('bash', ['-c', WITHOUT_SOCKETS, 'bash', ...words], { stdio: 'ignore' });
      // Whatever ends this process ends its child, too.
      process.once('exit', () => child?.kill('SIGKILL'));
    },
    kill,
    pause: async () => void child?.kill('SIGSTOP'),
    resume: async () => void child?.kill('SIGCONT'),
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Free at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
