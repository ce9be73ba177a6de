/**
 * A whole ring on this machine: the coordinator in this process (unless another is named), each server a process of its
 * own, everything they keep in one folder. Starting it again finds all files.
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { counted } from '../../core/figures.js';
import type { RingFile, RingServer } from '../client/find-servers.js';
import { startCoordinatorService } from '../coordinators/embedded/service.js';
import { openCoordinator } from '../coordinators/open.js';
import { openOperator } from '../coordinators/operator.js';
import { hostPortText } from '../leaves/host-port.js';
import { type Lock, lockFolder } from '../stores/disk/lock.js';
import { DEFAULT_RING, type RingConfig } from './config.js';
import { makeFolder, storeFolder } from './folders.js';
import { awaitFormerServers } from './former-servers.js';
import { choosePorts } from './ports.js';
import { portIn, readRingFile, removeRingFile, writeRingFile } from './ring-file.js';
import { type Ports, portsOf, refuseTakenPorts } from './ring-ports.js';
import { type ServerProcess, startServerProcess } from './server-process.js';
import { awaitWhole } from './wholeness.js';

/** What the person who started the ring is told on the way. */
export interface RingWatcher {
  /** Something is under way that takes its time. */
  progress(text: string): void;
  /** A server has ended though nobody stopped it. */
  serverEnded(id: string, why: string): void;
}

export interface RunningRing extends RingFile {
  /** Starts a server again that has ended, where it was and with what it has. Resolves when it listens. */
  restartServer(id: string): Promise<void>;
  /** Resolves when every server is in the ring and every chain is as long as it can be. @throws if that takes too long */
  whole(): Promise<void>;
  /** Stops everything: no file is lost, and the next start finds them all. */
  stop(): Promise<void>;
  /** Resolves when the last server has ended, whyever. */
  readonly ended: Promise<void>;
}

/**
 * @param signal nobody wants it any more: it does not wait until the ring is whole
 * @throws an Error that says what to do; everything that was started is stopped again
 */
export async function startRing(
  config: RingConfig,
  watcher: RingWatcher,
  log: Logger,
  signal?: AbortSignal,
): Promise<RunningRing> {
  const data = resolve(config.data);
  await makeFolder(join(data, 'logs'));
  // Before anything in it is touched: it may be the folder of a ring that runs.
  const lock = await lockFolder(data);
  try {
    return await startIn({ ...config, data }, watcher, log, lock, signal);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startIn(
  config: RingConfig,
  watcher: RingWatcher,
  log: Logger,
  lock: Lock,
  signal: AbortSignal | undefined,
): Promise<RunningRing> {
  const { data } = config;
  const before = await readRingFile(data);
  const ids = Array.from({ length: config.servers }, (_, i) => `n${i + 1}`);
  const stores = ids.map((id) => storeFolder(join(data, id)));
  await awaitFormerServers(stores, watcher.progress, signal);
  const ports = new Map((await portsOf(config, before, ids)).map((each, i) => [ids[i] as string, each]));
  const service = await openRingCoordinator(config, before, log, data);
  await removeRingFile(data);
  void service.broken?.then(({ message }) => watcher.serverEnded('the coordinator', message));
  const ring = new Ring(config, watcher, ports, service, log);
  const giveUp = (): void => void ring.stop();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    if (signal?.aborted === true) throw new Error('stopped');
    await ring.start();
    return {
      get servers() {
        return ring.servers;
      },
      ...{ coordinator: ring.coordinator, data, ended: ring.ended },
      restartServer: (id) => ring.restartServer(id),
      whole: () => ring.whole(),
      stop: () => ring.stop().then(() => lock.release()),
    };
  } catch (error) {
    await ring.stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

interface Service {
  readonly name: string;
  /** Of our own one: its disk failed. The ring serves on; only changes of it wait. */
  readonly broken?: Promise<Error>;
  close(): Promise<void>;
}

/** One of our own, where it was before if that may be, unless another was named: that one is not ours to close. */
async function openRingCoordinator(
  { coordinator, host, coordinatorPort, store }: RingConfig,
  before: RingFile | undefined,
  log: Logger,
  data: string,
): Promise<Service> {
  if (coordinator !== undefined) return { name: coordinator, close: async () => undefined };
  await refuseTakenPorts(host, [
    { key: 'coordinator-port', first: coordinatorPort, usual: DEFAULT_RING.coordinatorPort },
  ]);
  const isUsual = coordinatorPort === DEFAULT_RING.coordinatorPort;
  const wishes = isUsual ? [portIn(before?.coordinator), coordinatorPort] : [coordinatorPort];
  const [port = 0] = await choosePorts(host, 1, () => wishes);
  const folder = join(data, store === 'memory' ? 'coordinator-of-memory' : 'coordinator');
  // What servers kept in memory went with them: a view that waits for it would wait for ever.
  if (store === 'memory') await rm(folder, { recursive: true, force: true });
  return startCoordinatorService({ folder, listen: { host, port }, log });
}

class Ring {
  readonly coordinator: string;
  readonly data: string;
  readonly ended: Promise<void>;
  private sayEnded!: () => void;
  private readonly processes = new Map<string, ServerProcess>();
  private readonly running = new Map<string, RingServer>();
  private readonly alive = new Set<ServerProcess>();
  private readonly stopping = new AbortController();
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly config: RingConfig,
    private readonly watcher: RingWatcher,
    private readonly ports: Map<string, Ports>,
    private readonly service: Service,
    private readonly log: Logger,
  ) {
    this.coordinator = service.name;
    this.data = config.data;
    this.ended = new Promise((resolve) => {
      this.sayEnded = resolve;
    });
  }

  get servers(): readonly RingServer[] {
    return [...this.ports.keys()].flatMap((id) => this.running.get(id) ?? []);
  }

  async start(): Promise<void> {
    const { watcher, ports } = this;
    watcher.progress(`starting ${counted(ports.size, 'server')}`);
    await Promise.all([...ports.keys()].map((id) => this.startServer(id)));
    const nobody = this.ended.then(() => {
      throw new Error(`every server has ended: see the logs in ${join(this.data, 'logs')}`);
    });
    await Promise.race([this.whole(), nobody]);
    await this.writeFile();
  }

  async restartServer(id: string): Promise<void> {
    await this.processes.get(id)?.ended;
    await this.startServer(id);
    await this.writeFile();
  }

  async whole(): Promise<void> {
    // For this look only: ZooKeeper's client leaves its sockets open to every process that is started meanwhile.
    const connection = await openCoordinator(this.coordinator, { log: this.log });
    const operator = openOperator(connection);
    const { signal } = this.stopping;
    const giveUp = (): void => operator.close();
    signal.addEventListener('abort', giveUp);
    try {
      await awaitWhole(operator, this.servers, this.watcher.progress, signal);
    } finally {
      signal.removeEventListener('abort', giveUp);
      operator.close();
      await connection.close();
    }
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async stopAll(): Promise<void> {
    this.stopping.abort();
    await removeRingFile(this.data);
    // Before the servers: then no view tells of one that went before the others, and all come back to their chains.
    await this.service.close();
    await Promise.all([...this.processes.values()].map((each) => each.stop()));
  }

  private async startServer(id: string): Promise<void> {
    const args = argsOf(this.config, this.coordinator, id, this.ports.get(id) as Ports);
    const server = startServerProcess(id, args, join(this.data, 'logs', `${id}.log`));
    this.processes.set(id, server);
    this.alive.add(server);
    void server.ended.then((why) => {
      this.alive.delete(server);
      if (!this.isStopping) this.watcher.serverEnded(id, why);
      if (this.alive.size === 0) this.sayEnded();
    });
    const { http, ring } = await server.listening;
    // Free ones that it took itself are its own from now on.
    this.ports.set(id, { ring: portIn(ring), http: portIn(http) });
    this.running.set(id, { id, http: `http://${http}`, ring, pid: server.pid });
  }

  private async writeFile(): Promise<void> {
    const { servers, coordinator, data } = this;
    if (!this.isStopping) await writeRingFile({ servers, coordinator, data });
  }
}

function argsOf(config: RingConfig, coordinator: string, id: string, ports: Ports): readonly string[] {
  const { host, founding } = config;
  const flags: Readonly<Record<string, string | number | undefined>> = {
    id,
    listen: hostPortText({ host, port: ports.ring }),
    http: hostPortText({ host, port: ports.http }),
    coordinator,
    data: join(config.data, id),
    store: config.store,
    capacity: sizeFlag(config.capacityBytes),
    link: config.link,
    durability: founding.durability,
    chain: founding.chainLength,
    'min-replicas': founding.minReplicas,
    shards: founding.shards,
    chunk: sizeFlag(founding.chunkBytes),
    stream: sizeFlag(founding.streamBytes),
    'log-level': config.logLevel,
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, `${value}`]));
  if (config.logPretty) args.push('--log-pretty');
  return host === '127.0.0.1' ? args : [...args, '--allow-public'];
}

/** As people write it: a size without a unit is refused. */
const sizeFlag = (bytes: number | undefined): string | undefined => (bytes === undefined ? undefined : `${bytes}B`);
