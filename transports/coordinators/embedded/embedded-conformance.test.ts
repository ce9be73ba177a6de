// The embedded coordinator keeps the rules of the port: over real sockets, in this process and as a process that is killed.
import { coordinatorConformance } from '../../../core/conformance/coordinator.test-kit.js';
import type { CoordinatorVisit, CoordinatorWorld } from '../../../core/conformance/coordinator-world.test-kit.js';
import type { CoordinatorInput, Post } from '../../../core/ports.js';
import type { HostPort } from '../../leaves/host-port.js';
import type { Coordinator } from '../coordinator.js';
import { NO_LOG } from '../log.js';
import { connectEmbedded } from './client.js';
import { LOOPBACK, SESSION_MS, temporaryFolder, until, Way } from './embedded.test-kit.js';
import { startCoordinatorService } from './service.js';
import { ServiceProcess } from './service-process.test-kit.js';

/** Where the service runs. */
interface Site {
  readonly at: HostPort;
  stop(): Promise<void>;
  start(): Promise<void>;
  expire(session: string): void;
}

async function inThisProcess(folder: string): Promise<Site> {
  const begin = (listen: HostPort) => startCoordinatorService({ folder, listen, sessionMs: SESSION_MS, log: NO_LOG });
  let service = await begin(LOOPBACK);
  const { at } = service;
  return {
    at,
    stop: () => service.close(),
    start: async () => {
      service = await begin(at);
    },
    expire: (session) => service.expire(session),
  };
}

async function asProcess(folder: string): Promise<Site> {
  let process = await ServiceProcess.start(folder, LOOPBACK, SESSION_MS);
  const { at } = process;
  return {
    at,
    stop: () => process.kill(),
    start: async () => {
      process = await ServiceProcess.start(folder, at, SESSION_MS);
    },
    expire: () => undefined,
  };
}

class EmbeddedWorld implements CoordinatorWorld {
  private readonly users: Coordinator[] = [];
  private readonly ways: Way[] = [];

  constructor(
    private readonly site: Site,
    private readonly cutting: 'reset' | 'silent',
    private readonly spareWays: Way[],
    private readonly remove: () => Promise<void>,
  ) {}

  readonly until = until;

  visit(post: Post<CoordinatorInput>): CoordinatorVisit {
    const way = this.spareWays.pop();
    if (way === undefined) throw new Error('so many visitors were not expected');
    this.ways.push(way);
    const user = connectEmbedded(way.at);
    this.users.push(user);
    return {
      port: user.begin(post),
      cut: () => way.cut(this.cutting),
      heal: () => way.heal(),
      expire: (session) => this.site.expire(session),
    };
  }

  pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 5));
  }

  stopService(): Promise<void> {
    return this.site.stop();
  }

  startService(): Promise<void> {
    return this.site.start();
  }

  async close(): Promise<void> {
    for (const user of this.users) await user.close();
    for (const way of [...this.ways, ...this.spareWays]) await way.close();
    await this.site.stop();
    await this.remove();
  }
}

const VISITORS_MAX = 3;

async function open(begin: (folder: string) => Promise<Site>, cutting: 'reset' | 'silent'): Promise<CoordinatorWorld> {
  const folder = await temporaryFolder();
  const site = await begin(folder.path);
  const ways: Way[] = [];
  for (let i = 0; i < VISITORS_MAX; i++) ways.push(await Way.open(() => site.at));
  return new EmbeddedWorld(site, cutting, ways, () => folder.remove());
}

coordinatorConformance({
  ...{ name: 'embedded, in this process, cut by resets', cannot: {} },
  open: () => open(inThisProcess, 'reset'),
});
coordinatorConformance({
  name: 'embedded, as a process that is killed (kill -9), cut in silence',
  cannot: { expire: 'nobody tells another process to end a session; it is done in this process' },
  troublesOnly: true,
  open: () => open(asProcess, 'silent'),
});
