/**
 * The simulated world: servers on one kernel with their network, disks and coordinator; everything that the runner,
 * the faults, the clients and the checkers may do with it.
 * Same scenario and seed, same run, to the last event. Must never look at a real clock.
 */
import type { Key, Stored } from '../core/coordinator-port.js';
import type { MemberId, RequestId, ShardId } from '../core/ids.js';
import type { Limits } from '../core/limits.js';
import { invariant } from '../core/refusals.js';
import { type Identity, initialState } from '../core/state.js';
import { step } from '../core/step.js';
import { foundingView } from '../core/view/placement.js';
import { revivedBy } from '../core/view/revival.js';
import { type Member, NO_VIEW, type Settings, type View } from '../core/view/view.js';
import { type ClientListener, ClientWords } from './models/conversations.js';
import { COORDINATOR, Coordinator } from './models/coordinator/coordinator.js';
import { Disk } from './models/disk/disk.js';
import { Network } from './models/network.js';
import { Run } from './models/run.js';
import { type Machine, Server } from './models/server.js';
import type {
  ClockChange,
  Cluster,
  CoordinatorTrouble,
  DiskTrouble,
  RestartDisk,
  Scenario,
  SessionTrouble,
  Span,
} from './scenario/scenario.js';
import type { ClientMessage, Observer, RandomStream, ServerHandle, Undo, World } from './world-api.js';

export type { Machine } from './models/server.js';

export type WorldScenario = Pick<Scenario, 'cluster' | 'network' | 'disk' | 'coordinator' | 'limits'>;

export interface WorldOptions {
  readonly scenario: WorldScenario;
  readonly seed: number;
  /** On top of the scenario's own. */
  readonly limitsOverride?: Partial<Limits>;
  /** Another protocol than the core's: a mutant, or a test's own. */
  readonly machine?: Machine;
}

const CORE: Machine = { step, initialState };
const CLUSTER_ID = 'simulated';

function settingsOf(cluster: Cluster): Settings {
  const { chain, minReplicas, shards, chunkBytes, streamBytes } = cluster;
  const transitSlots = Math.max(3, Math.floor(streamBytes / chunkBytes));
  return { durability: cluster.durability, chainLength: chain, minReplicas, shards, chunkBytes, transitSlots };
}

/** What the register holds at the beginning; of epoch 0: nothing. */
function firstView(cluster: Cluster): View {
  const settings = settingsOf(cluster);
  if (!cluster.founded) return { ...NO_VIEW, settings };
  return foundingView(serversOf(cluster).slice(0, cluster.nodes), CLUSTER_ID, settings);
}

/** What a server is told of its cluster: where none is founded, it may found one itself, unless it is a spare. */
function bornInto(cluster: Cluster, index: number): Pick<Identity, 'clusterId' | 'founding'> {
  if (cluster.founded) return { clusterId: CLUSTER_ID };
  return index < cluster.nodes ? { clusterId: '', founding: settingsOf(cluster) } : { clusterId: '' };
}

/** First those who are there from the start, then spares. */
function serversOf({ nodes, spares }: Cluster): readonly Member[] {
  return Array.from({ length: nodes + spares }, (_, i) => ({
    id: `n${i + 1}`,
    incarnation: 1,
    address: `n${i + 1}.simulated:7000`,
  }));
}

class SimulatedWorld implements World {
  private readonly run: Run;
  private readonly network: Network;
  private readonly register: Coordinator;
  private readonly members = new Map<MemberId, Server>();
  private readonly disks = new Map<MemberId, Disk>();

  constructor({ scenario, seed, limitsOverride, machine = CORE }: WorldOptions) {
    const run = new Run(seed);
    const { kernel, observers, random } = run;
    const { nodes } = scenario.cluster;
    const servers = serversOf(scenario.cluster);
    this.run = run;
    this.network = new Network(kernel, observers, scenario.network, random);
    const path = (from: MemberId, to: MemberId) => this.network.path(from, to);
    this.register = new Coordinator(firstView(scenario.cluster), scenario.coordinator, {
      kernel,
      observers,
      path,
      random,
    });
    const limits = { ...scenario.limits, ...limitsOverride };
    servers.forEach(({ id, address }, index) => {
      const server = new Server(run, index, machine, { id, address, limits, ...bornInto(scenario.cluster, index) });
      this.members.set(id, server);
      this.settle(server, scenario);
      if (index >= nodes) return;
      server.boot();
      kernel.schedule(0, { run: () => server.start() });
    });
  }

  private settle(server: Server, scenario: WorldScenario): void {
    const { kernel, random } = this.run;
    const stream = (of: string): RandomStream => random(`disk ${of} ${server.id}`);
    const streams = {
      persist: stream('persist'),
      read: stream('read'),
      flush: stream('flush'),
      trouble: stream('trouble'),
    };
    const { durability } = scenario.cluster;
    const disk = new Disk(kernel, { ...scenario.disk, durability }, streams, server);
    this.disks.set(server.id, disk);
    const coordinator = this.register.client(server);
    server.settle({
      disk,
      dial: (from, { id }) => this.network.dial(from, id, this.members.get(id)),
      coordinator,
      lifeEnded: () => coordinator.crash(),
    });
  }

  get nowUs(): number {
    return this.run.kernel.nowUs;
  }

  get events(): number {
    return this.run.events;
  }

  get birthMs(): number {
    return this.run.birthMs;
  }

  get servers(): ReadonlyMap<MemberId, ServerHandle> {
    return this.members;
  }

  get view(): View {
    return this.register.view;
  }

  get coordinatorValues(): ReadonlyMap<Key, Stored> {
    return this.register.values;
  }

  at(us: number, action: () => void): void {
    this.run.kernel.schedule(us, { run: action });
  }

  random(name: string): RandomStream {
    return this.run.random(name);
  }

  observe(observer: Observer): void {
    this.run.observers.add(observer);
  }

  tell(server: MemberId, message: ClientMessage): void {
    this.run.kernel.schedule(this.nowUs, new ClientWords(this.server(server), message));
  }

  listen(server: MemberId, request: RequestId, listener: ClientListener): void {
    this.server(server).conversations.listen(request, listener);
  }

  /** The coordinator that crashes keeps its register: it is away until it is restarted or resumed. */
  crash(id: MemberId, power = false): void {
    if (id === COORDINATOR) this.register.crash('crash');
    else this.server(id).crash(power);
  }

  /** A spare that was never started is none that could start again. */
  restart(id: MemberId, disk: RestartDisk = 'kept'): void {
    if (id === COORDINATOR) {
      this.register.comeBack('crash');
      return;
    }
    const server = this.server(id);
    if (server.process !== 'down' || server.life === 0) return;
    this.diskOf(id).replace(disk);
    server.boot();
    server.start();
  }

  join(id: MemberId): void {
    const server = this.server(id);
    if (server.process !== 'down') return;
    server.boot();
    server.start();
  }

  leave(id: MemberId): void {
    this.server(id).leave();
  }

  revive(shard: ShardId, from: MemberId): boolean {
    const view = revivedBy(this.view, shard, from);
    if (view !== undefined) this.register.overwrite(view);
    return view !== undefined;
  }

  disk(id: MemberId, trouble: DiskTrouble): Undo | undefined {
    return this.diskOf(id).trouble(trouble);
  }

  clock(id: MemberId, change: ClockChange): Undo | undefined {
    return this.server(id).clock.change(change);
  }

  session(id: MemberId, trouble: SessionTrouble): Undo | undefined {
    return this.register.strikeSession(id, trouble);
  }

  coordinator(trouble: CoordinatorTrouble): Undo | undefined {
    return this.register.strike(trouble);
  }

  pause(id: MemberId): void {
    if (id === COORDINATOR) this.register.pause('pause');
    else this.server(id).pause();
  }

  resume(id: MemberId): void {
    if (id === COORDINATOR) this.register.comeBack('pause');
    else this.server(id).resume();
  }

  removeMember(id: MemberId): void {
    this.register.remove(id);
  }

  silence(from: MemberId, to: MemberId, on: boolean): void {
    this.network.path(from, to).silence(on);
  }

  hold(from: MemberId, to: MemberId, on: boolean): void {
    this.network.path(from, to).hold(on);
  }

  reset(a: MemberId, b: MemberId): void {
    this.network.reset(a, b);
  }

  setDelay(from: MemberId, to: MemberId, delay: Span | undefined): void {
    this.network.path(from, to).setDelay(delay);
  }

  setRate(from: MemberId, to: MemberId, bytesPerSecond: number | undefined): void {
    this.network.path(from, to).setRate(bytesPerSecond);
  }

  healNetwork(): void {
    this.network.heal();
  }

  step(): boolean {
    return !this.run.broken && this.run.kernel.runNext();
  }

  get nextEventUs(): number | undefined {
    return this.run.broken ? undefined : this.run.kernel.nextUs;
  }

  traceHash(): string {
    return this.run.hash.digest();
  }

  private server(id: MemberId): Server {
    const server = this.members.get(id);
    invariant(server !== undefined, 'the server is in the scenario', id);
    return server;
  }

  private diskOf(id: MemberId): Disk {
    const disk = this.disks.get(id);
    invariant(disk !== undefined, 'the server is in the scenario', id);
    return disk;
  }
}

export function createWorld(options: WorldOptions): World {
  return new SimulatedWorld(options);
}
