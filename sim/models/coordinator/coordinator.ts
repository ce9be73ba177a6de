/**
 * The coordinator: one store of keys, the sessions of servers with it, and watches that fire once. It behaves like
 * ZooKeeper (followers that lag, leaders that change, sessions that outlive an outage) or like the embedded service
 * (one process: what is durable survives its restart, sessions and what they own do not).
 * Must never judge a view or a registration.
 */
import {
  type CoordinatorReply,
  type CoordinatorRequest,
  type Key,
  type Stored,
  VIEW_KEY,
} from '../../../core/coordinator-port.js';
import type { MemberId } from '../../../core/ids.js';
import type { Output } from '../../../core/output.js';
import { withoutMembers } from '../../../core/view/next-view.js';
import type { View } from '../../../core/view/view.js';
import type { Kernel } from '../../kernel.js';
import type { CoordinatorTrouble, Scenario, SessionTrouble } from '../../scenario/scenario.js';
import type { RandomStream, Undo } from '../../world-api.js';
import type { Observers } from '../observers.js';
import type { Path } from '../path.js';
import { KeyStore, readFrom } from './key-store.js';
import { type Caller, type Service, Session, type Way } from './session.js';

/** Its name in faults. */
export const COORDINATOR = 'coordinator';
/** How often it looks who is still there, µs. */
const LOOK_US = 100_000;

export type CoordinatorCall = Extract<Output, { kind: 'open-session' | 'close-session' | 'call-coordinator' }>;
export type CoordinatorSettings = Scenario['coordinator'];

/** What sessions need of the run. */
export interface Surroundings {
  readonly kernel: Kernel;
  readonly observers: Observers;
  readonly path: (from: MemberId, to: MemberId) => Path;
  readonly random: (name: string) => RandomStream;
}

/** The client library in one server's process: one session after the other. */
export class Client {
  session: Session | undefined;
  /** A reply that its next session will lose. */
  loseReplyTo: Session['troubles']['loseReplyTo'];

  constructor(
    private readonly coordinator: Coordinator,
    private readonly way: Way,
  ) {}

  carryOut(output: CoordinatorCall): void {
    const { session } = this;
    if (output.kind === 'open-session') {
      session?.detach();
      this.session = this.coordinator.begin(this.way, output.session);
      this.session.troubles.loseReplyTo = this.loseReplyTo;
      this.loseReplyTo = undefined;
    } else if (session?.number === output.session) {
      if (output.kind === 'call-coordinator') session.call(output.call, output.request);
      else session.close();
    }
  }

  /** The process died, or begins another life: its sessions last until they expire. */
  crash(): void {
    this.session?.detach();
    this.session = undefined;
  }
}

export class Coordinator implements Service {
  readonly kernel: Kernel;
  readonly sessionUs: number;
  private readonly store = new KeyStore((key) => this.changed(key));
  private readonly sessions = new Set<Session>();
  private readonly clients = new Map<MemberId, Client>();
  private readonly watchers = new Map<Key, Set<Session>>();
  /** Why it answers nobody. */
  private readonly away = new Set<unknown>();
  private count = 0;
  private isLooking = false;

  /** @param initial what the register holds; of epoch 0: nothing, and this is what is said of it. */
  constructor(
    private readonly initial: View,
    private readonly settings: CoordinatorSettings,
    private readonly surroundings: Surroundings,
  ) {
    this.kernel = surroundings.kernel;
    this.sessionUs = settings.sessionUs;
    if (initial.epoch === 0) return;
    this.store.write({ op: 'create', key: VIEW_KEY, value: { kind: 'view', view: initial }, ephemeral: false }, '');
  }

  get answers(): boolean {
    return this.away.size === 0;
  }

  get view(): View {
    const stored = this.store.values.get(VIEW_KEY);
    return stored === undefined ? this.initial : viewIn(stored);
  }

  /** What it holds, for checkers, tests and people. */
  get values(): ReadonlyMap<Key, Stored> {
    return this.store.values;
  }

  client(caller: Caller): Client {
    const { path, random } = this.surroundings;
    const { delay, notice } = this.settings;
    const { id } = caller;
    const client = new Client(this, {
      ...{ caller, there: path(id, COORDINATOR), back: path(COORDINATOR, id), delay, notice },
      ...{ calls: random(`coordinator call ${id}`), notices: random(`coordinator notice ${id}`) },
    });
    this.clients.set(id, client);
    return client;
  }

  begin(way: Way, number: number): Session {
    const session = new Session(this, way, number);
    this.sessions.add(session);
    this.lookLater();
    return session;
  }

  // What sessions ask of the service.

  opened(_session: Session): string {
    return `session-${++this.count}`;
  }

  served(session: Session, request: CoordinatorRequest): CoordinatorReply {
    switch (request.op) {
      case 'read':
        if (request.watch) this.watch(session, request.key);
        return readFrom(session.troubles.lag?.values ?? this.store.values, request);
      case 'list':
        return readFrom(session.troubles.lag?.values ?? this.store.values, request);
      case 'sync':
        session.catchUp(this.store.copy());
        return { result: 'done', version: 0 };
      default: {
        const reply = this.store.write(request, session.owner);
        // A session sees what it has written itself.
        if (reply.result === 'done' && session.troubles.lag !== undefined) session.catchUp(this.store.copy());
        return reply;
      }
    }
  }

  over(session: Session): void {
    session.watched.clear();
    if (!session.troubles.ghost) this.store.dropOwner(session.owner);
  }

  // By an operator, at once.

  remove(id: MemberId): void {
    const { view } = this;
    if (view.positions.has(id)) this.overwrite(withoutMembers(view, new Set([id])));
  }

  /** By an operator, at once: whatever he orders. */
  overwrite(view: View): void {
    this.write(view);
  }

  /** Whatever the register holds, it holds this from now on. */
  write(view: View): void {
    const expected = this.store.values.get(VIEW_KEY)?.version ?? 0;
    this.store.write({ op: 'set', key: VIEW_KEY, value: { kind: 'view', view }, expected }, '');
  }

  // What goes wrong.

  /** Its process dies: the embedded service forgets its sessions, ZooKeeper's leader goes. */
  crash(reason: unknown): void {
    this.away.add(reason);
    for (const session of this.sessions) {
      session.hangUp();
      if (this.settings.kind === 'embedded') session.expire();
    }
  }

  /** Frozen: it answers nobody, and forgets nothing. */
  pause(reason: unknown): void {
    this.away.add(reason);
  }

  /** Back again: everybody's time starts anew. */
  comeBack(reason: unknown): void {
    this.away.delete(reason);
    for (const session of this.sessions) session.contactUs = this.kernel.nowUs;
  }

  strike(trouble: CoordinatorTrouble): Undo | undefined {
    if (trouble.kind === 'outage') {
      this.crash(trouble);
      return () => this.comeBack(trouble);
    }
    if (this.settings.kind === 'embedded' || !this.answers) return undefined;
    const coin = this.surroundings.random('coordinator leader');
    for (const session of this.sessions) session.changeLeader(coin);
    return () => undefined;
  }

  strikeSession(id: MemberId, trouble: SessionTrouble): Undo | undefined {
    const client = this.clients.get(id);
    const session = client?.session;
    if (session?.life !== 'alive') {
      if (client === undefined || trouble.kind !== 'lose-reply') return undefined;
      client.loseReplyTo = trouble.to;
      return () => {
        client.loseReplyTo = undefined;
      };
    }
    const { troubles } = session;
    switch (trouble.kind) {
      case 'expire':
        session.expire();
        return () => undefined;
      case 'disconnect':
        troubles.cut = true;
        session.breakDown();
        return () => {
          troubles.cut = false;
        };
      case 'lose-reply':
        troubles.loseReplyTo = trouble.to;
        return () => {
          troubles.loseReplyTo = undefined;
        };
      case 'lose-watch':
        troubles.loseWatch = true;
        return () => {
          troubles.loseWatch = false;
        };
      case 'delay-watch':
        troubles.delayWatchUs = trouble.byUs;
        return () => {
          troubles.delayWatchUs = 0;
        };
      case 'stale-read':
        if (this.settings.kind === 'embedded') return undefined;
        troubles.lag = { values: this.store.copy(), missed: new Set() };
        return () => session.catchUp(undefined);
      case 'ghost':
        troubles.ghost = true;
        return () => {
          troubles.ghost = false;
          if (session.life === 'over') this.store.dropOwner(session.owner);
        };
    }
  }

  private watch(session: Session, key: Key): void {
    session.watched.add(key);
    const watchers = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watchers.add(session));
    // Armed at a follower on a value that is old: it fires when the follower has seen the new one.
    const { lag } = session.troubles;
    if (lag !== undefined && lag.values.get(key) !== this.store.values.get(key)) lag.missed.add(key);
  }

  private changed(key: Key): void {
    if (key === VIEW_KEY) {
      for (const observer of this.surroundings.observers.viewWritten) observer.viewWritten(this.view);
    }
    const watchers = this.watchers.get(key);
    if (watchers === undefined) return;
    for (const session of [...watchers]) {
      session.fire(key);
      if (!session.watched.has(key)) watchers.delete(session);
    }
  }

  private lookLater(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    this.kernel.schedule(this.kernel.nowUs + LOOK_US, { run: () => this.look() });
  }

  private look(): void {
    this.isLooking = false;
    for (const session of this.sessions) {
      session.look();
      if (!session.hears && session.life !== 'alive') this.forget(session);
    }
    if (this.sessions.size > 0) this.lookLater();
  }

  private forget(session: Session): void {
    this.sessions.delete(session);
    for (const watchers of this.watchers.values()) watchers.delete(session);
  }
}

function viewIn(stored: Stored): View {
  if (stored.value.kind !== 'view') throw new Error('the register holds a view');
  return stored.value.view;
}
