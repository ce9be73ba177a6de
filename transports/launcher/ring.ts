/**
 * A whole ring on this machine: the coordinator in this process (unless another is named), each server a process of its
 * own, everything they keep in one folder. Starting it again finds all files.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { VIEW_KEY } from '../../core/coordinator-port.js';
import type { View } from '../../core/view/view.js';
import type { RingFile, RingServer } from '../client/find-servers.js';
import { startCoordinatorService } from '../coordinators/embedded/service.js';
import { openCoordinator } from '../coordinators/open.js';
import { type Operator, openOperator } from '../coordinators/operator.js';
import { DEFAULT_RING, type RingConfig } from './config.js';
import { Opened } from './opened.js';
import { choosePorts, isFree } from './ports.js';
import { portIn, readRingFile, removeRingFile, writeRingFile } from './ring-file.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

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

/** A ring that is not whole after so long will not be: the servers' logs say why. */
const READY_MS_MAX = 60_000;
const LOOK_EVERY_MS = 50;

/** @throws an Error that says what to do; everything that was started is stopped again */
export async function startRing(config: RingConfig, watcher: RingWatcher, log: Logger): Promise<RunningRing> {
  const data = resolve(config.data);
  const before = await readRingFile(data);
  await mkdir(join(data, 'logs'), { recursive: true });
  await removeRingFile(data);
  const ids = Array.from({ length: config.servers }, (_, i) => `n${i + 1}`);
  const ports = await portsOf(config, before, ids);
  const coordinator = await openRingCoordinator(config, before, log, data);
  watcher.progress(`starting ${ids.length} servers`);
  let isStopping = false;
  const start = (id: string, at: Ports): ServerProcess => {
    const server = startServerProcess(id, argsOf(config, coordinator.name, id, at), join(data, 'logs', `${id}.log`));
    void server.ended.then((why) => {
      if (!isStopping) watcher.serverEnded(id, why);
    });
    return server;
  };
  const processes = ids.map((id, i) => start(id, ports[i] as Ports));
  const stop = async (): Promise<void> => {
    isStopping = true;
    await removeRingFile(data);
    // Before the servers: then no view tells of one that went before the others, and all come back to their chains.
    await coordinator.close();
    await Promise.all(processes.map((each) => each.stop()));
  };
  try {
    const servers = await Promise.all(processes.map(serverOf));
    await whole(coordinator.name, ids, watcher, log);
    const ring = { servers, coordinator: coordinator.name, data };
    await writeRingFile(ring);
    const restartServer = async (id: string): Promise<void> => {
      const index = ids.indexOf(id);
      const { ring: ringAddress, http } = servers[index] as RingServer;
      await processes[index]?.ended;
      const server = start(id, { ring: portIn(ringAddress), http: portIn(http) });
      processes[index] = server;
      servers[index] = await serverOf(server);
      await writeRingFile(ring);
    };
    return {
      ...{ ...ring, stop, restartServer },
      whole: () => whole(coordinator.name, ids, watcher, log),
      ended: endOfAll(processes),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whoever was started in place of one that has ended counts, too. */
async function endOfAll(processes: readonly ServerProcess[]): Promise<void> {
  const before = [...processes];
  await Promise.all(before.map((each) => each.ended));
  if (processes.some((each, i) => each !== before[i])) await endOfAll(processes);
}

async function serverOf({ id, pid, listening }: ServerProcess): Promise<RingServer> {
  const { http, ring } = await listening;
  return { id, http: `http://${http}`, ring, pid };
}

/** One of our own, where it was before if that may be, unless another was named: that one is not ours to close. */
async function openRingCoordinator(
  { coordinator, host, coordinatorPort }: RingConfig,
  before: RingFile | undefined,
  log: Logger,
  data: string,
): Promise<{ readonly name: string; close(): Promise<void> }> {
  if (coordinator !== undefined) return { name: coordinator, close: async () => undefined };
  const [port = 0] = await choosePorts(host, 1, () => [portIn(before?.coordinator), coordinatorPort]);
  return startCoordinatorService({ folder: join(data, 'coordinator'), listen: { host, port }, log });
}

interface Ports {
  readonly ring: number;
  readonly http: number;
}

/** As they were before, so that what people wrote down stays true; else as wished; else, if nothing was wished, any. */
async function portsOf(
  config: RingConfig,
  before: RingFile | undefined,
  ids: readonly string[],
): Promise<readonly Ports[]> {
  const { host, ringPort, httpPort } = config;
  const known = (id: string | undefined): RingServer | undefined => before?.servers.find((each) => each.id === id);
  await refuseTaken(config, ids.length);
  const ring = await choosePorts(host, ids.length, (i) => {
    const wish = ringPort === 0 ? 0 : ringPort + i;
    return ringPort === DEFAULT_RING.ringPort ? [portIn(known(ids[i])?.ring), wish] : [wish];
  });
  const http = await choosePorts(host, ids.length, (i) => {
    const wish = httpPort === 0 ? 0 : httpPort + i;
    return httpPort === DEFAULT_RING.httpPort ? [portIn(known(ids[i])?.http), wish] : [wish];
  });
  return ids.map((_, i) => ({ ring: ring[i] as number, http: http[i] as number }));
}

/** Ports that were asked for plainly are not silently replaced by others. */
async function refuseTaken({ host, ringPort, httpPort }: RingConfig, count: number): Promise<void> {
  for (const [key, first, usual] of [
    ['ring-port', ringPort, DEFAULT_RING.ringPort],
    ['http-port', httpPort, DEFAULT_RING.httpPort],
  ] as const) {
    if (first === 0 || first === usual) continue;
    for (let port = first; port < first + count; port++) {
      if (await isFree(host, port)) continue;
      throw new Error(`port ${port} of ${host} is in use: choose another --${key}, or 0 for free ones`);
    }
  }
}

function argsOf(config: RingConfig, coordinator: string, id: string, ports: Ports): readonly string[] {
  const { host, founding } = config;
  const flags: Readonly<Record<string, string | number | undefined>> = {
    id,
    listen: `${host}:${ports.ring}`,
    http: `${host}:${ports.http}`,
    coordinator,
    data: join(resolve(config.data), id),
    store: config.store,
    capacity: config.capacityBytes,
    link: config.link,
    durability: founding.durability,
    chain: founding.chainLength,
    'min-replicas': founding.minReplicas,
    shards: founding.shards,
    chunk: founding.chunkBytes,
    stream: founding.streamBytes,
    'log-level': config.logLevel,
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, `${value}`]));
  return host === '127.0.0.1' ? args : [...args, '--allow-public'];
}

/** Resolves when every server is in the ring and every chain is as long as it can be. */
async function whole(coordinator: string, ids: readonly string[], watcher: RingWatcher, log: Logger): Promise<void> {
  const opened = new Opened();
  const link = await opened.open(openCoordinator(coordinator, { log }), (each) => each.close());
  const operator = await opened.open(openOperator(link), (each) => each.close());
  const until = Date.now() + READY_MS_MAX;
  let told = '';
  try {
    for (;;) {
      const { missing, text } = await lookAt(operator, ids);
      if (missing === 0) return;
      if (text !== told) watcher.progress(text);
      told = text;
      if (Date.now() > until) throw new Error(`the ring is not whole after ${READY_MS_MAX / 1000} s: ${text}`);
      await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
    }
  } finally {
    await opened.close();
  }
}

async function lookAt(operator: Operator, ids: readonly string[]): Promise<{ missing: number; text: string }> {
  const reply = await operator.call({ op: 'read', key: VIEW_KEY, watch: false });
  if (reply.result !== 'value' || reply.stored.value.kind !== 'view')
    return { missing: ids.length, text: 'the ring is being founded' };
  const { view } = reply.stored.value;
  const outside = ids.filter((id) => !view.positions.has(id));
  if (outside.length > 0)
    return { missing: outside.length, text: `waiting for ${outside.join(', ')} to join the ring` };
  const short = shortChains(view, ids.length);
  return { missing: short, text: `${short} of ${view.chains.length} chains are being filled` };
}

function shortChains({ chains, settings }: View, servers: number): number {
  const length = Math.min(settings.chainLength, servers);
  return chains.filter(({ members, learners }) => members.length !== length || learners.length > 0).length;
}
