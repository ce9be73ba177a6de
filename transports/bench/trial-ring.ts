/**
 * A ring on this machine that is there to be measured and hurt: real processes, everything in a folder of its own that is gone
 * afterwards. Knows who keeps a path, and can kill, freeze and restart any server.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { chainOf, type Durability, shardOf, type View } from '../../core/view/view.js';
import { readCluster } from '../coordinators/cluster.js';
import { openCoordinator } from '../coordinators/open.js';
import { type Operator, openOperator } from '../coordinators/operator.js';
import { checkRingConfig, type RawConfig } from '../launcher/config.js';
import { type RunningRing, startRing } from '../launcher/ring.js';

export interface TrialRing {
  readonly ids: readonly string[];
  /** `http://host:port` of each, in ring order of the first view. */
  readonly addresses: readonly string[];
  /** Where everything lies. */
  readonly folder: string;
  readonly settings: View['settings'];
  address(id: string): string;
  pids(): readonly { readonly id: string; readonly pid: number }[];
  /** Names of those who keep the file, head first. */
  chainOf(path: string): Promise<readonly string[]>;
  kill(id: string): void;
  /** It is there, but does nothing, until it is thawed. */
  freeze(id: string): void;
  thaw(id: string): void;
  /** @param isWiped it comes back with an empty disk */
  restart(id: string, isWiped: boolean): Promise<void>;
  /** Resolves when everybody is in the ring and every chain is full. @throws if that takes too long */
  whole(): Promise<void>;
  /** @param isKept its folder with all logs stays, for whoever wants to know why */
  close(isKept?: boolean): Promise<void>;
}

export interface TrialRingOptions {
  readonly servers?: number;
  readonly durability: Durability;
  /** Other words of a ring's configuration, as on the command line. */
  readonly more?: RawConfig;
  readonly progress: (text: string) => void;
}

export async function startTrialRing({
  servers = 5,
  durability,
  more = {},
  progress,
}: TrialRingOptions): Promise<TrialRing> {
  const folder = await mkdtemp(join(tmpdir(), 'ppnfs-trial-'));
  const ports = { 'ring-port': 0, 'http-port': 0, 'coordinator-port': 0 };
  const store = durability === 'memory' ? 'memory' : 'disk';
  const checked = checkRingConfig({
    nodes: servers,
    data: folder,
    store,
    durability,
    'log-level': 'info',
    ...ports,
    ...more,
  });
  if (!checked.ok) throw new Error(checked.problems.map(({ key, message }) => `${key}: ${message}`).join('; '));
  const log = pino({ level: 'silent' });
  const ring = await startRing(checked.config, { progress, serverEnded: () => undefined }, log);
  const coordinator = await openCoordinator(ring.coordinator);
  const operator = openOperator(coordinator);
  const view = await viewOf(operator);
  const close = async (isKept = false): Promise<void> => {
    operator.close();
    await coordinator.close();
    await ring.stop();
    if (isKept) progress(`everything is kept in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  };
  return { ...controls(ring, operator, view), folder, settings: view.settings, close };
}

type Controls = Omit<TrialRing, 'close' | 'folder' | 'settings'>;

function controls(ring: RunningRing, operator: Operator, first: View): Controls {
  const find = (id: string) => {
    const server = ring.servers.find((each) => each.id === id);
    if (server === undefined) throw new Error(`there is no server ${id}`);
    return server;
  };
  const signal = (id: string, name: NodeJS.Signals): void => void process.kill(find(id).pid, name);
  const ids = first.ring.map(({ id }) => id);
  return {
    ids,
    addresses: ids.map((id) => find(id).http),
    address: (id) => find(id).http,
    pids: () => ring.servers.map(({ id, pid }) => ({ id, pid })),
    chainOf: async (path) => {
      const view = await viewOf(operator);
      return chainOf(view, shardOf(path, view.settings.shards)).members;
    },
    kill: (id) => signal(id, 'SIGKILL'),
    freeze: (id) => signal(id, 'SIGSTOP'),
    thaw: (id) => signal(id, 'SIGCONT'),
    restart: async (id, isWiped) => {
      if (isWiped) await rm(join(ring.data, id), { recursive: true, force: true });
      await ring.restartServer(id);
    },
    whole: () => ring.whole(),
  };
}

async function viewOf(operator: Operator): Promise<View> {
  const { view } = await readCluster(operator);
  if (view === undefined) throw new Error('the ring has no view');
  return view;
}
