/**
 * A small world for golden scripts: servers, connections as lists of frames, a coordinator, stores that persist when
 * told. It has no time of its own and decides nothing: whatever happens, a command of the script lets it happen.
 * Frames that only keep links alive travel by themselves, unless the script wants to see them.
 */

import type { LogEntry } from '../file.js';
import { type Frame, isBackward, isData } from '../frame.js';
import type { LinkId, MemberId, UploadId } from '../ids.js';
import type { Limits } from '../limits.js';
import type { Fact, Output } from '../output.js';
import { InvariantError } from '../refusals.js';
import { type Identity, initialState } from '../state.js';
import { step } from '../step.js';
import { NOTHING_RECOVERED, type StoreIdentity } from '../store-port.js';
import type { Member } from '../view/view.js';
import { Clients } from './clients.test-kit.js';
import { CoordinatorKit } from './coordinator.test-kit.js';
import { Names } from './names.test-kit.js';
import type { Happening, Server, Stage, StoreAnswer } from './server.test-kit.js';
import { Transcript } from './transcript.test-kit.js';
import { factText, frameText, isRingFrame } from './words.test-kit.js';

/** One connection: frames go clockwise, greetings, credits and pongs come back. */
export interface Connection {
  readonly id: LinkId;
  readonly from: MemberId;
  readonly to: MemberId;
  forward: Frame[];
  backward: Frame[];
}

/** Frames of these kinds are neither shown nor waited for, until a script asks for them. */
const QUIET: ReadonlySet<Frame['kind']> = new Set(['hello', 'welcome', 'ping', 'pong', 'credit', 'token']);

/** Told only of servers whose calls to the coordinator are shown. */
const OF_SESSIONS: ReadonlySet<Fact['fact']> = new Set<Fact['fact']>(['session', 'registered']);

type NewServer = Pick<Member, 'id' | 'address'> & Partial<Pick<Identity, 'incarnation' | 'clusterId' | 'founding'>>;

/** What a quiet world may do by itself before it must be a loop. */
const MOVES_MAX = 2_000;

export class World implements Stage {
  readonly names = new Names();
  readonly transcript = new Transcript();
  readonly clients = new Clients(this);
  readonly coordinator = new CoordinatorKit(this);
  readonly servers = new Map<MemberId, Server>();
  readonly quiet = new Set(QUIET);
  readonly marks = new Set<string>();
  connections: Connection[] = [];
  now = 1_000_000;
  persistsAtOnce = false;
  private readonly inbox: { readonly server: Server; readonly happening: Happening }[] = [];
  private busy = false;
  private links = 0;

  /** Without an incarnation: it asks the coordinator for one. */
  addServer(one: NewServer, limits: Partial<Limits>): Server {
    const { id, incarnation } = one;
    // Whoever names a cluster must not name it as another one does.
    const seed = one.founding === undefined ? 1 : this.servers.size + 1;
    const state = initialState({ clusterId: 'golden', ...one, seed, limits });
    const server: Server = { id, incarnation, state, isAlive: true, writing: [], chunks: new Map() };
    this.servers.set(id, server);
    return server;
  }

  start(server: Server): void {
    this.feed(server, { kind: 'start', recovered: NOTHING_RECOVERED, carry: undefined });
  }

  say(line: string): void {
    this.transcript.say(line);
  }

  under(header: string, work: () => void): void {
    this.transcript.under(header, work);
  }

  /** Lets something happen at a server, and at once after it whatever that causes without a link. */
  feed(server: Server, happening: Happening): void {
    this.inbox.push({ server, happening });
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next = this.inbox.shift(); next !== undefined; next = this.inbox.shift()) this.stepOne(next);
    } finally {
      this.busy = false;
    }
  }

  private stepOne({ server, happening }: { readonly server: Server; readonly happening: Happening }): void {
    if (!server.isAlive) return;
    try {
      const { state, outputs } = step(server.state, { ...happening, now: this.now });
      server.state = state;
      for (const output of outputs) {
        // What the head orders it appends, too: one line is enough.
        if (output.kind === 'tell' && output.fact.fact === 'appended' && outputs.some(isOrdered)) continue;
        this.carryOut(server, output);
      }
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.say(`${server.id} stops loudly: ${error.message}`);
      this.crash(server);
    }
  }

  private carryOut(server: Server, output: Output): void {
    switch (output.kind) {
      case 'send':
        this.send(server, output.link, output.frame);
        return;
      case 'dial':
        this.dial(server, output.member);
        return;
      case 'close':
        for (const one of this.connections) if (one.id === output.link) this.breakDown(one, server);
        return;
      case 'store-chunk':
        server.chunks.set(chunkKey(output.chunk.upload, output.chunk.index), output.chunk);
        return;
      case 'persist': {
        const { id: upTo } = output.entries[output.entries.length - 1] as LogEntry;
        this.write(server, { kind: 'persisted', shard: output.shard, upTo });
        return;
      }
      case 'write-base':
        this.write(server, { kind: 'persisted', shard: output.shard, upTo: output.base.at });
        return;
      case 'write-identity':
        this.writeIdentity(server, output.identity);
        return;
      case 'read-chunk': {
        const chunk = server.chunks.get(chunkKey(output.upload, output.index));
        this.feed(server, { kind: 'chunk-read', upload: output.upload, index: output.index, chunk });
        return;
      }
      case 'drop-upload':
        for (const [key, chunk] of server.chunks) if (chunk.upload === output.upload) server.chunks.delete(key);
        return;
      case 'tell': {
        const { fact } = output;
        this.marks.add(`fact ${fact.fact}`);
        if (OF_SESSIONS.has(fact.fact) && !this.coordinator.byHand.has(server.id)) return;
        if (fact.fact === 'upload-started') this.names.nameUpload(fact.upload, fact.operation);
        const text = factText(this.names, fact);
        if (text !== undefined) this.say(`${server.id} ${text}`);
        return;
      }
      case 'open-session':
      case 'close-session':
      case 'call-coordinator':
        this.coordinator.hear(server, output);
        return;
      default:
        this.clients.hear(server, output);
    }
  }

  private write(server: Server, answer: StoreAnswer): void {
    server.writing.push(answer);
    if (this.persistsAtOnce) this.persist(server);
  }

  /** Of a view's identity a script sees nothing: it is durable at once. */
  private writeIdentity(server: Server, { epoch, clusterId }: StoreIdentity): void {
    if (epoch > 0) {
      this.feed(server, { kind: 'identity-persisted' });
      return;
    }
    this.say(`${server.id} notes that it may found ${clusterId}`);
    this.write(server, { kind: 'identity-persisted' });
  }

  private send(server: Server, link: LinkId, frame: Frame): void {
    const connection = this.connections.find((one) => one.id === link);
    if (connection === undefined) return;
    this.marks.add(`frame ${frame.kind}`);
    (isBackward(frame) ? connection.backward : connection.forward).push(frame);
    const isOwn = !isRingFrame(frame) || frame.origin === server.id;
    if (isOwn && !this.quiet.has(frame.kind)) this.say(`${server.id} sends ${frameText(this.names, frame)}`);
    if (isData(frame)) this.feed(server, { kind: 'link-drained', link, frames: 1 });
  }

  /** A living server answers a dial at once; a dead one never does. */
  private dial(server: Server, member: Member): void {
    const peer = this.servers.get(member.id);
    if (peer?.isAlive !== true || peer.state.incarnation !== member.incarnation) return;
    const id = ++this.links;
    this.connections.push({ id, from: peer.id, to: server.id, forward: [], backward: [] });
    this.feed(server, { kind: 'link-up', link: id, peer: peer.id });
    this.feed(peer, { kind: 'link-up', link: id, peer: undefined });
  }

  /** What is under way is lost; both ends learn of it, but for the one that closed it. */
  breakDown(connection: Connection, closedBy?: Server): void {
    this.connections = this.connections.filter((one) => one !== connection);
    const lost = [...connection.forward, ...connection.backward].filter((frame) => !this.quiet.has(frame.kind));
    for (const frame of lost) this.say(`lost: ${frameText(this.names, frame)}`);
    for (const id of [connection.to, connection.from]) {
      const end = this.servers.get(id) as Server;
      if (end !== closedBy) this.feed(end, { kind: 'link-down', link: connection.id });
    }
  }

  crash(server: Server): void {
    server.isAlive = false;
    for (const one of this.connections) if (one.from === server.id || one.to === server.id) this.breakDown(one);
  }

  /** All that was written so far is durable, or the first so many writes are. */
  persist(server: Server, count = server.writing.length): boolean {
    const done = server.writing.slice(0, count);
    server.writing = server.writing.slice(count);
    for (const answer of done) this.feed(server, answer);
    return done.length > 0;
  }

  deliver(connection: Connection, way: 'forward' | 'backward'): void {
    const frame = connection[way].shift();
    if (frame === undefined) return;
    const { id, from, to } = connection;
    const receiver = this.servers.get(way === 'forward' ? to : from) as Server;
    const work = (): void => this.feed(receiver, { kind: 'frame', link: id, frame });
    if (this.quiet.has(frame.kind)) {
      work();
      return;
    }
    const { view } = receiver.state;
    const strange =
      isRingFrame(frame) && frame.epoch !== view.epoch
        ? ` [of epoch ${frame.epoch}; ${receiver.id} is in ${view.epoch}]`
        : '';
    const sign = way === 'forward' ? '>' : '<';
    this.transcript.under(`${from}${sign}${to} ${frameText(this.names, frame)}${strange}`, work);
  }

  /** Quiet frames travel by themselves as far as they are not behind a frame that does not. */
  flush(): void {
    for (let moves = 0; ; moves++) {
      if (moves > MOVES_MAX) throw new Error('the quiet frames never come to rest');
      const next = this.quietFrame();
      if (next === undefined) return;
      this.deliver(...next);
    }
  }

  private quietFrame(): readonly [Connection, 'forward' | 'backward'] | undefined {
    for (const connection of this.connections) {
      const [forward, backward] = [connection.forward[0], connection.backward[0]];
      if (backward !== undefined && this.quiet.has(backward.kind)) return [connection, 'backward'];
      if (forward !== undefined && this.quiet.has(forward.kind)) return [connection, 'forward'];
    }
    return undefined;
  }

  /** The connection over which frames go from one server to another: the youngest. */
  connection(from: MemberId, to: MemberId): Connection | undefined {
    return this.connections.filter((one) => one.from === from && one.to === to).at(-1);
  }

  /** Delivers until nothing is under way: link by link, each for as long as something is in its list. */
  deliverAll(): void {
    for (let moves = 0; moves < MOVES_MAX; moves++) {
      const busy = this.connections.filter((one) => one.forward.length + one.backward.length > 0);
      if (busy.length === 0) return;
      for (const connection of busy) {
        for (let left = connection.backward.length; left > 0; left--) this.deliver(connection, 'backward');
        for (let left = connection.forward.length; left > 0; left--) this.deliver(connection, 'forward');
      }
      this.flush();
    }
    throw new Error('the frames never come to rest');
  }

  /** Delivers and persists until nothing is left to do. */
  settle(): void {
    do this.deliverAll();
    while ([...this.servers.values()].map((server) => server.isAlive && this.persist(server)).includes(true));
  }
}

const isOrdered = (output: Output): boolean => output.kind === 'tell' && output.fact.fact === 'ordered';

const chunkKey = (upload: UploadId, index: number): string => `${upload}#${index}`;
