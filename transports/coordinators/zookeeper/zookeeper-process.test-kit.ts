// Debian's ZooKeeper as a process of its own, with a folder and a port of its own (apt-get install zookeeper).
import { spawn } from 'node:child_process';
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
 * Starts and ends the service by order, a line each, and answers each with a line. The C client does not mark its sockets
 * as close-on-exec: a child spawned while a session is open would keep their events alive in the client's epoll, under
 * numbers that belong to other sockets by then. So whoever spawns is itself spawned before there is any session. When its
 * orders end, because whoever gave them did, the service ends.
 */
const KEEPER = `
end() { [ -n "$pid" ] && kill -KILL $pid 2>/dev/null && wait $pid 2>/dev/null; pid=; }
while read -r order; do
  case $order in
    start) "$@" >/dev/null 2>&1 </dev/null & pid=$! ;;
    kill) end ;;
    *) [ -n "$pid" ] && kill -$order $pid ;;
  esac
  echo done
done
end
`;

type Order = 'start' | 'kill' | 'STOP' | 'CONT';

/** @returns a text: why there is none. */
export async function runAsProcess(): Promise<Runner | string> {
  const missing = [JAR, JAVA].filter((file) => !existsSync(file));
  if (missing.length > 0) return `no ZooKeeper of Debian: ${missing.join(' and ')} missing (apt-get install zookeeper)`;
  const folder = await mkdtemp(join(tmpdir(), 'ppnfs-zookeeper-'));
  const port = await freePort();
  const config = join(folder, 'zoo.cfg');
  await writeFile(config, configOf(join(folder, 'data'), port));
  const words = [JAVA, ...JVM_FLAGS, '-cp', JAR, MAIN, config];
  const keeper = spawn('bash', ['-c', KEEPER, 'bash', ...words], { stdio: ['pipe', 'pipe', 'ignore'] });
  const order = async (what: Order): Promise<void> => {
    const answered = once(keeper.stdout, 'data');
    keeper.stdin.write(`${what}\n`);
    await answered;
  };
  return {
    name: "Debian's ZooKeeper as a process",
    address: () => ({ host: '127.0.0.1', port }),
    start: () => order('start'),
    kill: () => order('kill'),
    pause: () => order('STOP'),
    resume: () => order('CONT'),
    async remove() {
      const exited = once(keeper, 'exit');
      keeper.stdin.end();
      await exited;
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
