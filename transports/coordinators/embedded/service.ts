/**
 * The embedded coordinator: one process that keeps the few keys of a ring when there is no ZooKeeper. Sessions live as
 * long as their clients answer its heartbeats; keys survive its restart, and sessions where it ends by itself
 * (journal.ts).
 * Must never judge what it keeps: the first compare-and-set wins.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { CoordinatorReply, CoordinatorRequest, Key } from '../../../core/coordinator-port.js';
import { tellFew } from '../../leaves/few-lines.js';
import { type HostPort, parseHostPort } from '../../leaves/host-port.js';
import { connectionsWithin, openFilesMax } from '../../leaves/open-files.js';
import { ADDRESS_FILE, readAddressFile, tcpUrl, writeAddressFile } from '../address.js';
import type { Log } from '../log.js';
import { Caller, type Host } from './caller.js';
import { greetingOf } from './connection.js';
import { openState, serviceIn } from './folder.js';
import { Journal } from './journal.js';
import { Leases } from './leases.js';
import { CONNECTIONS_MAX, KEYS_MAX, SESSION_MS, SESSIONS_MAX, VALUES_BYTES_MAX } from './limits.js';
import type { Change } from './state.js';

export interface CoordinatorServiceOptions {
  /** Where its state is kept, and its address left. */
  readonly folder: string;
  /** Port 0: any free one. */
  readonly listen: HostPort;
  readonly sessionMs?: number;
  /** Its address is left in this folder too. */
  readonly addressFolder?: string;
  readonly log: Log;
}

export interface CoordinatorService {
  readonly at: HostPort;
  /** `tcp://127.0.0.1:7100` */
  readonly name: string;
  /** Its disk failed, or another one took its state over: it answers nobody any more. */
  readonly broken: Promise<Error>;
  /** By an operator: this session is over now. */
  expire(session: string): void;
  close(): Promise<void>;
}

/** Looks at its sessions so many times in the life of one. */
const LOOKS = 8;

/** @throws with a sentence for the operator. */
export async function startCoordinatorService(options: CoordinatorServiceOptions): Promise<CoordinatorService> {
  const { folder, listen, log } = options;
  const server = createServer();
  // Whoever comes before the state is read comes again.
  const turnAway = (socket: Socket): void => void socket.destroy();
  server.on('connection', turnAway);
  await checkNobodyRuns(folder);
  const at = await listening(server, listen);
  try {
    const opened = openState(folder);
    for (const note of opened.notes) log.warn({ coordinator: tcpUrl(at) }, note);
    const service = new Service(server, at, options, (broke) => new Journal(folder, opened, broke));
    server.off('connection', turnAway);
    for (const each of new Set([folder, options.addressFolder ?? folder])) await writeAddressFile(each, service.name);
    const { keys, sessionCount: sessions } = service.state;
    log.info({ coordinator: service.name, folder, keys, sessions }, 'the coordinator listens');
    return service;
  } catch (error) {
    server.close();
    throw error;
  }
}

/** No lock (folder.ts makes two owners harmless), but a clear word before one is driven out. */
async function checkNobodyRuns(folder: string): Promise<void> {
  const service = serviceIn(folder);
  const addressFile = join(folder, ADDRESS_FILE);
  if (service === undefined || !existsSync(addressFile)) return;
  const url = readAddressFile(addressFile);
  const address = parseHostPort(url.replace(/^tcp:\/\//, ''));
  const greeting = address === undefined ? undefined : await greetingOf(address);
  if (greeting?.service === service) throw new Error(`the coordinator of ${folder} is running already, at ${url}`);
}

function listening(server: Server, { host, port }: HostPort): Promise<HostPort> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = tcpUrl({ host, port });
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken
          ? new Error(`${where} is in use: is the coordinator running already?`)
          : new Error(`cannot listen at ${where}: ${error.message}`),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
      else resolve({ host, port: address.port });
    });
  });
}

/** Whoever reads its address on this machine can dial it. */
function dialable({ host, port }: HostPort): HostPort {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return host === '::' ? { host: '::1', port } : { host, port };
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

class Service implements CoordinatorService, Host {
  readonly name: string;
  readonly sessionMs: number;
  readonly log: Log;
  readonly broken: Promise<Error>;
  private readonly journal: Journal;
  private readonly leases: Leases;
  private readonly callers = new Set<Caller>();
  /** Its journal and its folder are opened again and again. */
  private readonly connectionsMax = connectionsWithin(openFilesMax(), CONNECTIONS_MAX, 1);
  private readonly bySession = new Map<string, Caller>();
  private readonly watchers = new Map<Key, Set<Caller>>();
  private readonly looking: NodeJS.Timeout;
  private heartbeats = 0;
  /** What strangers can have written as often as they like. */
  readonly refused = this.few('warn', 'a connection was closed');
  private readonly tellTooMany = this.few('warn', 'too many connections');
  private readonly tellExpired = this.few('info', 'a session has expired');

  constructor(
    private readonly server: Server,
    readonly at: HostPort,
    { sessionMs = SESSION_MS, log }: CoordinatorServiceOptions,
    journal: (broke: (error: Error) => void) => Journal,
  ) {
    this.name = tcpUrl(dialable(at));
    this.sessionMs = sessionMs;
    this.log = log;
    let tell: (error: Error) => void = () => undefined;
    this.broken = new Promise((resolve) => {
      tell = resolve;
    });
    this.journal = journal((error) => {
      log.error({ coordinator: this.name, why: error.message }, 'the coordinator cannot keep its state, and stops');
      this.stop();
      tell(error);
    });
    this.leases = new Leases(sessionMs, sessionMs / LOOKS, () => performance.now());
    // Nobody could be heard while it was away.
    for (const session of this.state.sessions) this.leases.renew(session);
    this.looking = setInterval(() => this.look(), sessionMs / LOOKS);
    server.on('connection', (socket) => this.accept(socket));
  }

  get state() {
    return this.journal.state;
  }

  get service(): string {
    return this.state.service;
  }

  get changes(): number {
    return this.state.changes;
  }

  expire(session: string): void {
    if (!this.leases.has(session)) return;
    const caller = this.bySession.get(session);
    this.over(session);
    this.tellExpired({ session });
    caller?.end();
  }

  async close(): Promise<void> {
    this.stop();
    await this.journal.close();
  }

  // What callers ask for.

  open(caller: Caller): { session: string; secret: string } {
    if (this.state.sessionCount >= SESSIONS_MAX) throw new Error(`there are ${SESSIONS_MAX} sessions already`);
    const number = this.state.sessionsEver + 1;
    const session = `${this.state.service}-${number}`;
    const secret = randomBytes(16).toString('hex');
    this.make({ opened: session, number, secretHash: hashOf(secret) });
    this.leases.renew(session);
    this.bySession.set(session, caller);
    return { session, secret };
  }

  attach(caller: Caller, session: string, secret: string): boolean {
    const hash = this.state.secretHash(session);
    if (hash === undefined || !isSame(hash, hashOf(secret))) return false;
    const before = this.bySession.get(session);
    this.bySession.set(session, caller);
    before?.end();
    this.leases.renew(session);
    return true;
  }

  alive(session: string): void {
    if (this.leases.has(session)) this.leases.renew(session);
  }

  over(session: string): void {
    this.leases.end(session);
    this.bySession.delete(session);
    for (const change of this.state.endOf(session)) this.make(change);
  }

  serve(_caller: Caller, session: string, request: CoordinatorRequest): CoordinatorReply {
    switch (request.op) {
      case 'read':
      case 'list':
        return this.state.read(request);
      case 'sync':
        return { result: 'done', version: 0 };
      default: {
        if (request.op !== 'delete' && this.state.valueBytes >= VALUES_BYTES_MAX)
          throw new Error('the coordinator is full');
        if (request.op === 'create' && this.state.keys >= KEYS_MAX)
          throw new Error(`there are ${KEYS_MAX} keys already`);
        const { reply, change } = this.state.decide(request, session);
        if (change !== undefined) this.make(change);
        return reply;
      }
    }
  }

  watch(caller: Caller, key: Key, seen: number): void {
    const watchers = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watchers.add(caller));
    if (this.state.changedAt(key) > seen) this.fire(key, caller);
  }

  whenDurable(run: () => void): void {
    this.journal.whenDurable(run);
  }

  gone(caller: Caller): void {
    this.callers.delete(caller);
    for (const key of caller.watched) this.forgetWatcher(key, caller);
    if (caller.session !== undefined && this.bySession.get(caller.session) === caller)
      this.bySession.delete(caller.session);
  }

  private accept(socket: Socket): void {
    if (this.callers.size >= this.connectionsMax) {
      this.tellTooMany({ connections: this.callers.size });
      socket.destroy();
      return;
    }
    this.callers.add(new Caller(this, socket));
  }

  private make(change: Change): void {
    this.journal.change(change);
    const key = 'put' in change ? change.put.key : 'gone' in change ? change.gone : undefined;
    if (key === undefined) return;
    for (const caller of [...(this.watchers.get(key) ?? [])]) this.fire(key, caller);
  }

  private fire(key: Key, caller: Caller): void {
    this.forgetWatcher(key, caller);
    caller.fire(key);
  }

  private forgetWatcher(key: Key, caller: Caller): void {
    const watchers = this.watchers.get(key);
    watchers?.delete(caller);
    if (watchers?.size === 0) this.watchers.delete(key);
  }

  private few(level: 'warn' | 'info', message: string): (about: object) => void {
    return tellFew((about) => this.log[level]({ coordinator: this.name, ...about }, message));
  }

  private look(): void {
    for (const session of this.leases.overdue()) this.expire(session);
    this.heartbeats++;
    for (const caller of this.bySession.values()) caller.heartbeat(this.heartbeats);
  }

  private stop(): void {
    clearInterval(this.looking);
    this.server.close();
    for (const caller of [...this.callers]) caller.end();
  }
}
