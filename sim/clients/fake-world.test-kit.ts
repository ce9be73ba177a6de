/**
 * A world without a protocol: servers that say what a test tells them to, on a plain list of things to come.
 */
import { type Key, memberKey, type Stored } from '../../core/coordinator-port.js';
import type { MemberId, RequestId } from '../../core/ids.js';
import { initialState } from '../../core/state.js';
import type { Registration } from '../../core/view/registration.js';
import { makeView, type View } from '../../core/view/view.js';
import { randomStream } from '../random.js';
import type {
  ClockChange,
  CoordinatorTrouble,
  DiskTrouble,
  RestartDisk,
  SessionTrouble,
} from '../scenario/scenario.js';
import type { ClientMessage, ClientOutput, Observer, RandomStream, ServerHandle, Undo, World } from '../world-api.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
export type FakeServer = Mutable<ServerHandle>;
type Listener = (output: ClientOutput | undefined) => void;

export function ringView(ids: readonly MemberId[], chains: readonly (readonly MemberId[])[], epoch = 1): View {
  return makeView({
    epoch,
    clusterId: 'test',
    settings: {
      durability: 'fsync',
      chainLength: 3,
      minReplicas: 2,
      shards: chains.length,
      chunkBytes: 100,
      transitSlots: 4,
    },
    ring: ids.map((id) => ({ id, incarnation: 1, address: `${id}:1` })),
    chains: chains.map((members) => ({ members, learners: [], lost: [] })),
  });
}

export class FakeWorld implements World {
  nowUs = 0;
  events = 0;
  readonly birthMs = 1_700_000_000_000;
  readonly servers = new Map<MemberId, FakeServer>();
  readonly coordinatorValues = new Map<Key, Stored>();
  /** What was done to the world, in words. */
  readonly deeds: string[] = [];
  /** Servers whose disks have nothing that could be struck. */
  readonly sound = new Set<MemberId>();
  readonly told: { readonly server: MemberId; readonly message: ClientMessage }[] = [];
  /** What a server does when a client says something. */
  reply: (server: MemberId, message: ClientMessage, say: (output: ClientOutput) => void) => void = () => undefined;
  readonly observers: Observer[] = [];
  readonly #listeners = new Map<RequestId, { readonly server: MemberId; readonly listener: Listener }>();
  readonly #streams = new Map<string, RandomStream>();
  #coming: { readonly us: number; readonly action: () => void }[] = [];

  constructor(
    ids: readonly MemberId[],
    public view: View = ringView(ids, [ids.slice(0, 3)]),
    spares: readonly MemberId[] = [],
  ) {
    for (const id of [...ids, ...spares]) {
      const isSpare = spares.includes(id);
      const incarnation = isSpare ? 0 : 1;
      const state = initialState({ id, incarnation, address: `${id}:1`, clusterId: 'test', seed: 1 });
      this.servers.set(id, { id, incarnation, process: isSpare ? 'down' : 'running', state });
      this.register(id);
    }
  }

  get nextEventUs(): number | undefined {
    return this.#coming[0]?.us;
  }

  /** As its present life, in the session that its state names. */
  register(id: MemberId): void {
    const { address, incarnation, coordination } = this.server(id).state;
    const { store, life, owner } = coordination;
    const registration: Registration = {
      ...{ member: id, incarnation, address, clusterId: 'test', store, life, epoch: this.view.epoch },
      ...{ brokenIn: false, brokenOut: false, probes: [], seat: undefined },
      ...{ ready: [], stalled: [], kept: [], leaving: 'no', written: false },
    };
    const key = memberKey(id);
    this.coordinatorValues.set(key, { key, value: { kind: 'registration', registration }, version: 0, owner });
  }

  join(id: MemberId): void {
    this.deeds.push(`join ${id}`);
    const server = this.server(id);
    server.process = 'running';
    server.incarnation += 1;
  }

  leave(id: MemberId): void {
    this.deeds.push(`leave ${id}`);
  }

  revive(shard: number, from: MemberId): boolean {
    this.deeds.push(`revive ${shard} ${from}`);
    return this.view.chains[shard]?.members.length === 0;
  }

  disk(id: MemberId, trouble: DiskTrouble): Undo | undefined {
    if (this.sound.has(id)) return undefined;
    this.deeds.push(`disk ${id} ${trouble.kind}`);
    return () => this.deeds.push(`disk ${id} ${trouble.kind} over`);
  }

  clock(id: MemberId, change: ClockChange): Undo | undefined {
    this.deeds.push(`clock ${id} ${change.kind}`);
    return () => this.deeds.push(`clock ${id} ${change.kind} over`);
  }

  session(id: MemberId, trouble: SessionTrouble): Undo | undefined {
    this.deeds.push(`session ${id} ${trouble.kind}`);
    return () => this.deeds.push(`session ${id} ${trouble.kind} over`);
  }

  coordinator(trouble: CoordinatorTrouble): Undo | undefined {
    this.deeds.push(`coordinator ${trouble.kind}`);
    return () => this.deeds.push(`coordinator ${trouble.kind} over`);
  }

  at(us: number, action: () => void): void {
    const place = this.#coming.findIndex((one) => one.us > us);
    this.#coming.splice(place < 0 ? this.#coming.length : place, 0, { us: Math.max(us, this.nowUs), action });
  }

  step(): boolean {
    const next = this.#coming.shift();
    if (next === undefined) return false;
    this.nowUs = next.us;
    next.action();
    return true;
  }

  runUntil(us: number): void {
    while ((this.nextEventUs ?? Number.POSITIVE_INFINITY) <= us) this.step();
    this.nowUs = us;
  }

  random(name: string): RandomStream {
    const known = this.#streams.get(name) ?? randomStream(1, name);
    this.#streams.set(name, known);
    return known;
  }

  observe(observer: Observer): void {
    this.observers.push(observer);
  }

  tell(server: MemberId, message: ClientMessage): void {
    this.told.push({ server, message });
    this.at(this.nowUs, () => {
      if (this.server(server).process !== 'running') return;
      this.reply(server, message, (output) => this.say(output));
    });
  }

  say(output: ClientOutput): void {
    this.#listeners.get(output.request)?.listener(output);
  }

  listen(server: MemberId, request: RequestId, listener: Listener): void {
    this.#listeners.set(request, { server, listener });
  }

  crash(id: MemberId, power = false): void {
    this.deeds.push(power ? `power off ${id}` : `crash ${id}`);
    const server = this.servers.get(id);
    if (server !== undefined) server.process = 'down';
    for (const [request, { server: at, listener }] of this.#listeners) {
      if (at !== id) continue;
      this.#listeners.delete(request);
      listener(undefined);
    }
  }

  restart(id: MemberId, disk: RestartDisk = 'kept'): void {
    this.deeds.push(disk === 'kept' ? `restart ${id}` : `restart ${id} ${disk}`);
    const server = this.server(id);
    server.process = 'running';
    server.incarnation += 1;
  }

  pause(id: MemberId): void {
    this.deeds.push(`pause ${id}`);
    this.server(id).process = 'paused';
  }

  resume(id: MemberId): void {
    this.deeds.push(`resume ${id}`);
    this.server(id).process = 'running';
  }

  removeMember(id: MemberId): void {
    this.deeds.push(`remove ${id}`);
  }

  silence(from: MemberId, to: MemberId, on: boolean): void {
    this.deeds.push(`silence ${from}>${to} ${on ? 'on' : 'off'}`);
  }

  hold(from: MemberId, to: MemberId, on: boolean): void {
    this.deeds.push(`hold ${from}>${to} ${on ? 'on' : 'off'}`);
  }

  reset(a: MemberId, b: MemberId): void {
    this.deeds.push(`reset ${a}-${b}`);
  }

  setDelay(from: MemberId, to: MemberId, delay: object | undefined): void {
    this.deeds.push(`delay ${from}>${to} ${delay === undefined ? 'off' : 'on'}`);
  }

  setRate(from: MemberId, to: MemberId, bytesPerSecond: number | undefined): void {
    this.deeds.push(`rate ${from}>${to} ${bytesPerSecond ?? 'off'}`);
  }

  healNetwork(): void {
    this.deeds.push('heal');
  }

  traceHash(): string {
    return '0'.repeat(16);
  }

  server(id: MemberId): FakeServer {
    const server = this.servers.get(id);
    if (server === undefined) throw new Error(`no server ${id}`);
    return server;
  }
}
