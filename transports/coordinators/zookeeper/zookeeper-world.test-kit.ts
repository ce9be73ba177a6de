// Visitors of a real ZooKeeper, each through a way of its own that can be cut. Every world is a folder of its own.
import { pino } from 'pino';
import type { CoordinatorVisit, CoordinatorWorld } from '../../../core/conformance/coordinator-world.test-kit.js';
import type { CoordinatorInput, Post } from '../../../core/ports.js';
import type { Coordinator } from '../coordinator.js';
import type { ZooKeeperOptions } from './options.js';
import { CuttableProxy } from './proxy.test-kit.js';
import { connectZooKeeper } from './zookeeper.js';
import type { ZooKeeperService } from './zookeeper-service.test-kit.js';

/** The ways of visitors are as busy as the tests: nobody is to time out on a busy machine. */
const SESSION_MS = 4_000;
const PATIENCE_MS = 18_000;
const PAUSE_MS = 20;
const VISITORS_MAX = 3;

export interface ZooKeeperVisit extends CoordinatorVisit {
  readonly proxy: CuttableProxy;
}

export type Special = Partial<Omit<ZooKeeperOptions, 'log'>>;

interface Way {
  readonly proxy: CuttableProxy;
  readonly coordinator: Coordinator;
}

let worlds = 0;
const freshRoot = (): string => `/ppnfs/test-${process.pid}-${++worlds}`;

export class ZooKeeperWorld implements CoordinatorWorld {
  private readonly waiting = new Set<() => void>();

  private constructor(
    readonly service: ZooKeeperService,
    readonly root: string,
    /** Warnings and errors. */
    readonly logged: readonly Record<string, unknown>[],
    private readonly ways: readonly Way[],
    private free: readonly Way[],
  ) {}

  /** @param special what is different for each visitor in turn. */
  static async open(service: ZooKeeperService, ...special: readonly Special[]): Promise<ZooKeeperWorld> {
    const root = freshRoot();
    const ways: Way[] = [];
    const logged: Record<string, unknown>[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
    for (let i = 0; i < VISITORS_MAX; i++) {
      const proxy = await CuttableProxy.open(service.target);
      const servers = proxy.address;
      const coordinator = await connectZooKeeper({ servers, root, sessionMs: SESSION_MS, log, ...special[i] });
      ways.push({ proxy, coordinator });
    }
    return new ZooKeeperWorld(service, root, logged, ways, ways);
  }

  visit(post: Post<CoordinatorInput>): ZooKeeperVisit {
    const [way, ...rest] = this.free;
    if (way === undefined) throw new Error(`a world has ${VISITORS_MAX} visitors at most`);
    this.free = rest;
    const { proxy, coordinator } = way;
    const port = coordinator.begin((input) => {
      post(input);
      for (const look of this.waiting) look();
    });
    return {
      ...{ port, proxy },
      cut: () => proxy.cut(),
      heal: () => proxy.heal(),
      expire: (owner) => {
        const session = proxy.sessions.get(owner);
        if (session === undefined) throw new Error(`no session ${owner} was seen`);
        // The service hangs up on its owner, who would come back before it is over.
        void proxy.during(this.service.expire(session));
      },
    };
  }

  /** Looks again whenever anything is heard. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = (): void => {
        this.waiting.delete(look);
        reject(new Error(`it did not come true: ${holds}`));
      };
      const patience = setTimeout(give, PATIENCE_MS);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(patience);
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }

  stopService(): Promise<void> {
    return this.service.stop();
  }

  startService(): Promise<void> {
    return this.service.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.ways.map(({ coordinator }) => coordinator.close()));
    await Promise.all(this.ways.map(({ proxy }) => proxy.close()));
  }
}
