/**
 * One server of the real world, put together: ring port, doors for clients, coordinator, store, and the driver between
 * them. It listens first and says what it waits for; then it reads the ring's settings, opens its store and begins.
 * Decides nothing of the protocol.
 */
import { randomInt } from 'node:crypto';
import type { Logger } from 'pino';
import type { NodeState } from '../../core/state.js';
import { waitingFrames } from '../../core/stream/flow.js';
import { isKeeper, type View } from '../../core/view/view.js';
import type { Coordinator } from '../coordinators/coordinator.js';
import { openCoordinator } from '../coordinators/open.js';
import { type Figures, reportStatistics, type StatisticsReporter } from '../coordinators/statistics.js';
import { createClock } from '../driver/clock.js';
import { Driver } from '../driver/driver.js';
import { tellFew } from '../leaves/few-lines.js';
import { type HostPort, hostPortText } from '../leaves/host-port.js';
import { openFilesMax, type Places, placesWithin } from '../leaves/open-files.js';
import { openHttpRingPort } from '../links/http/ring-port.js';
import type { RingPort } from '../links/links.js';
import { openTcpRingPort } from '../links/tcp/ring-port.js';
import { createConversations } from '../serving/conversations.js';
import { logFact } from '../serving/facts-log.js';
import { DEFAULT_HTTP_LIMITS } from '../serving/http/limits.js';
import { type HttpServer, startHttpServer } from '../serving/http/server.js';
import { createMetrics, type Metrics } from '../serving/metrics.js';
import { serveTcpClients, type TcpClients } from '../serving/tcp/clients.js';
import { DEFAULT_TCP_LIMITS } from '../serving/tcp/limits.js';
import { openDiskStore } from '../stores/disk-store.js';
import { openMemoryStore } from '../stores/memory-store.js';
import type { Store } from '../stores/store.js';
import { isUnspecified, type NodeConfig } from './config.js';
import { storeFolder } from './folders.js';
import { foundingConflicts, foundingSettings } from './founding.js';
import { type Standing, watchLeaving } from './leaving.js';
import { isReady, nodeStatus } from './status.js';
import { VERSION } from './version.js';
import { awaitView } from './view-reader.js';

/** How it came to its end. */
export interface NodeEnd {
  readonly how: 'left' | 'stopped' | 'kept-out' | 'broken';
  readonly why: string;
}

export interface RunningNode {
  /** The address that was really taken, `host:port`. */
  readonly ring: string;
  /** Where clients find it: the same, but for a host that nobody can call. */
  readonly http: string;
  readonly ended: Promise<NodeEnd>;
  /** Hands over first, then goes; in the end it stops where it is. */
  leave(): void;
  /** Ends its running requests and goes; its place is left to the others, and its files stay on the disk. */
  stop(): void;
}

const SEED_MAX = 2 ** 32;
/** A turn of a real ring takes milliseconds, and its coordinator is near: changes may come sooner than the usual pace. */
const REAL_LIMITS = { planMs: 150, learningMax: 64 };

/** HTTP and the TCP protocol: each has its connections. */
const DOORS = 2;

const NOTHING_STORED = { liveBytes: 0, diskBytes: 0 };

/** @throws the system's error if an address cannot be taken, or one that says what is wrong with the coordinator's */
export async function startNode(config: NodeConfig, log: Logger): Promise<RunningNode> {
  const server = new NodeProcess(config, log);
  await server.listen();
  return server;
}

class NodeProcess implements RunningNode {
  ring = '';
  http = '';
  readonly ended: Promise<NodeEnd>;
  private end!: (end: NodeEnd) => void;
  private readonly metrics: Metrics = createMetrics();
  private readonly clock = createClock();
  private readonly startedMs = performance.now();
  private readonly giveUp = new AbortController();
  private coordinator: Coordinator | undefined;
  private ringPort: RingPort | undefined;
  private httpServer: HttpServer | undefined;
  private readonly tcpClients: TcpClients;
  private store: Store | undefined;
  private driver: Driver | undefined;
  private statistics: StatisticsReporter | undefined;
  private beginning: Promise<void> | undefined;
  private isLeaving = false;
  private endWatch: () => void = () => undefined;
  private isEnding = false;

  constructor(
    private readonly config: NodeConfig,
    private readonly log: Logger,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    const { metrics } = this;
    this.tcpClients = serveTcpClients({
      ...{ door: () => this.driver?.door, metrics, log, limits: this.placesAt('tcp', DEFAULT_TCP_LIMITS) },
    });
  }

  async listen(): Promise<void> {
    const { config, log, metrics } = this;
    try {
      this.coordinator = await openCoordinator(config.coordinator, { log });
      const openRingPort = config.link === 'http' ? openHttpRingPort : openTcpRingPort;
      const tellClosed = tellFew((fields) => log.warn(fields, 'a connection was closed'));
      const ringPort = await openRingPort({
        at: config.listen,
        onClient: this.tcpClients.take,
        onViolation: (where, why) => tellClosed({ where, why }),
      });
      this.ringPort = ringPort;
      this.ring = hostPortText(ringPort.at);
      this.httpServer = await startHttpServer({
        listen: config.http,
        door: () => this.driver?.door,
        ready: () => isReady(this.driver?.state),
        status: () => this.status(),
        leave: () => this.leave(),
        ...{ metrics, log, limits: this.placesAt('http', DEFAULT_HTTP_LIMITS) },
      });
      this.http = hostPortText(callable(this.httpServer.at, advertised(config, ringPort.at)));
    } catch (error) {
      await this.close();
      throw error;
    }
    metrics.measure(() => this.measured());
    const http = hostPortText(this.httpServer.at);
    log.info({ ring: this.ring, http, coordinator: this.coordinator.name }, 'listening');
    this.beginning = this.begin().catch((error: unknown) => this.finish({ how: 'broken', why: wordsOf(error) }));
  }

  /** Clients must not take the files that the store and the links need. */
  private placesAt(door: 'http' | 'tcp', wished: Places): Places {
    const openFiles = openFilesMax();
    const places = placesWithin(openFiles, wished, DOORS);
    const { connectionsMax } = places;
    if (connectionsMax < wished.connectionsMax)
      this.log.warn({ door, openFiles, connectionsMax }, 'fewer clients are served at once: see ulimit -n');
    return places;
  }

  leave(): void {
    if (this.driver === undefined) this.stop();
    if (this.isEnding) return;
    if (this.isLeaving) return;
    this.log.info('leaving the ring: handing over first');
    this.isLeaving = true;
    this.driver?.leave();
    this.goIfAlone();
    if (this.isEnding) return;
    this.endWatch = watchLeaving({
      look: () => standingOf(this.driver?.state),
      progress: ({ hasCoordinator, ...rest }) => {
        if (hasCoordinator) this.log.info(rest, 'handing over');
        else
          this.log.warn(rest, 'cannot hand over: the coordinator cannot be reached, and nobody takes over without it');
      },
      giveUp: (how, why) => this.finish({ how, why }),
    });
  }

  stop(): void {
    this.finish({ how: 'stopped', why: 'stopped' });
  }

  /** The last of those that leave together, or one that never had others: waiting would bring nobody. */
  private goIfAlone(): void {
    const { view } = this.driver?.state ?? {};
    const isAlone = view?.ring.length === 1 && view.ring[0]?.id === this.config.id;
    if (this.isLeaving && isAlone) this.finish({ how: 'left', why: 'nobody is left to hand over to' });
  }

  private async begin(): Promise<void> {
    const { config, log, coordinator, ringPort } = this;
    if (coordinator === undefined || ringPort === undefined) return;
    const view = await awaitView(coordinator, log, this.giveUp.signal);
    if (this.isEnding) return;
    refuseConflicts(config, view);
    const settings = view?.settings ?? foundingSettings(config.founding, config.store);
    const { capacityBytes } = config;
    const store =
      config.data === undefined
        ? openMemoryStore({ capacityBytes })
        : await openDiskStore({
            folder: storeFolder(config.data),
            durability: settings.durability,
            capacityBytes,
          });
    this.store = store;
    if (this.isEnding) return;
    this.driver = new Driver({
      identity: {
        id: config.id,
        address: hostPortText(advertised(config, ringPort.at)),
        clusterId: '',
        founding: foundingSettings(config.founding, config.store),
        limits: REAL_LIMITS,
      },
      ...{ ring: ringPort, store, coordinator, clock: this.clock },
      seed: () => randomInt(SEED_MAX),
      openClients: createConversations,
      tell: (fact) => {
        this.metrics.fact(fact);
        logFact(log, fact);
        if (fact.fact === 'view-installed') this.goIfAlone();
      },
      stopped: (why) => this.finish({ how: why === 'left' ? 'left' : 'kept-out', why }),
      broke: (error) => this.finish({ how: 'broken', why: wordsOf(error) }),
    });
    await this.driver.begin();
    if (this.isEnding) return;
    this.statistics = reportStatistics(coordinator, () => this.figures());
  }

  /** Whatever comes first decides how it ended. */
  private finish(end: NodeEnd): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.endWatch();
    this.giveUp.abort();
    if (end.how === 'broken') this.log.fatal({ why: end.why }, 'the server ends');
    else this.log.info(end, 'the server ends');
    this.close().then(
      () => this.end(end),
      (error: unknown) => this.end({ how: 'broken', why: `${end.why}; and then: ${wordsOf(error)}` }),
    );
  }

  /** Clients first: their requests end while the ring still serves them. The store last, with all that was written. */
  private async close(): Promise<void> {
    await Promise.all([this.httpServer?.close({ graceful: true }), this.tcpClients.close({ graceful: true })]);
    this.statistics?.close();
    this.driver?.end();
    // A store that is being opened cannot be closed yet.
    await this.beginning;
    await this.coordinator?.close();
    await this.ringPort?.close();
    await this.store?.close();
  }

  private status(): unknown {
    return nodeStatus(this.config.id, this.driver?.state, {
      http: `http://${this.http}`,
      version: VERSION,
      uptimeMs: Math.round(performance.now() - this.startedMs),
      coordinator: this.coordinator?.name ?? '',
      traffic: this.ringPort?.traffic ?? { sentBytes: 0, receivedBytes: 0 },
      store: this.store?.figures ?? NOTHING_STORED,
    });
  }

  /** Undefined: this life has no number yet, and could not be told from the one before. */
  private figures(): Figures | undefined {
    const { incarnation = 0 } = this.driver?.state ?? {};
    if (incarnation === 0 || this.ringPort === undefined) return undefined;
    const { sentBytes, receivedBytes } = this.ringPort.traffic;
    return { member: this.config.id, incarnation, sentBytes, receivedBytes };
  }

  private measured(): ReturnType<Parameters<Metrics['measure']>[0]> {
    const { state } = this.driver ?? {};
    return {
      ...this.ringPort?.traffic,
      ...(this.store !== undefined && {
        storeLiveBytes: this.store.figures.liveBytes,
        storeDiskBytes: this.store.figures.diskBytes,
      }),
      ...(state !== undefined && {
        transitFrames: state.stream.transit.size,
        transitFramesMax: state.view.settings.transitSlots,
        waitingFrames: waitingFrames(state.stream),
        operations: operationsOf(state),
      }),
    };
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Looked at often: no more is made of the state than is needed. */
function standingOf(state: NodeState | undefined): Standing | undefined {
  if (state === undefined || state.status === 'removed') return undefined;
  const { self, view, coordination } = state;
  return {
    hasCoordinator: coordination.phase === 'connected',
    chains: view.chains.filter((_, shard) => isKeeper(view, shard, self)).length,
    operations: operationsOf(state),
  };
}

/** Under way for its clients. */
const operationsOf = ({ operations, reads }: NodeState): number =>
  operations.size + reads.readers.size + reads.listers.size;

/** @throws an Error that names every setting that was said plainly and is another in this ring */
function refuseConflicts(config: NodeConfig, view: View | undefined): void {
  const conflicts = view === undefined ? [] : foundingConflicts(config.founding, view.settings);
  if (conflicts.length > 0) throw new Error(`${conflicts.join('; ')}: leave these settings out, they are the ring's`);
}

const advertised = ({ advertise, listen }: NodeConfig, at: HostPort): HostPort =>
  advertise ?? { host: listen.host, port: at.port };

/** Who listens at every address is found where others dial it. */
const callable = (http: HostPort, ring: HostPort): HostPort =>
  isUnspecified(http.host) ? { host: ring.host, port: http.port } : http;
