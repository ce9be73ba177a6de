/**
 * One connection of a client, at the service: greets, says for which session it stands, asks. Everything it says is
 * checked here; what is no message of the protocol ends the connection, with a logged reason.
 * Must never answer before what the answer tells of is durable, nor read more calls than it may keep.
 */
import type { Socket } from 'node:net';
import type { CoordinatorReply, CoordinatorRequest, Key } from '../../../core/coordinator-port.js';
import { plainValue } from '../values.js';
import { FrameReader, frame } from './framing.js';
import {
  BACKLOG_BYTES_MAX,
  CALLS_MAX,
  FAREWELL_MS,
  GREETING_MS,
  REASON_LENGTH_MAX,
  REQUEST_BYTES_MAX,
  WATCHES_MAX,
} from './limits.js';
import { asRequest, type KeyCall, PROTOCOL, type Request, requestOf, VERSION } from './protocol.js';

/** What callers ask of the service. */
export interface Host {
  /** Names its state for good. */
  readonly service: string;
  readonly sessionMs: number;
  /** For the log: why a connection was closed, and whose it was. */
  refused(about: object): void;
  /** Made, and attached to this caller. @throws if there are too many. */
  open(caller: Caller): { readonly session: string; readonly secret: string };
  /** @returns whether there is such a session, and this its secret; then it goes on with this caller. */
  attach(caller: Caller, session: string, secret: string): boolean;
  alive(session: string): void;
  over(session: string): void;
  /** @throws if a bound would be passed. */
  serve(caller: Caller, session: string, request: CoordinatorRequest): CoordinatorReply;
  /** The count of all changes. */
  readonly changes: number;
  /** Armed; or fired at once, if the key has changed since `seen`. */
  watch(caller: Caller, key: Key, seen: number): void;
  whenDurable(run: () => void): void;
  gone(caller: Caller): void;
}

export class Caller {
  session: string | undefined;
  readonly watched = new Set<Key>();
  private readonly reader = new FrameReader(REQUEST_BYTES_MAX);
  private hasGreeted = false;
  /** Answers that wait for the disk. */
  private waiting = 0;
  private isPaused = false;
  private isOver = false;
  private readonly from: string;

  constructor(
    private readonly host: Host,
    private readonly socket: Socket,
  ) {
    this.from = `${socket.remoteAddress}:${socket.remotePort}`;
    socket.setNoDelay(true);
    socket.setTimeout(GREETING_MS, () => this.refuse(`said nothing for ${GREETING_MS} ms`));
    socket.on('data', (bytes: Buffer) => this.take(bytes));
    socket.on('drain', () => this.goOn());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.closed());
  }

  heartbeat(number: number): void {
    if (this.session !== undefined) this.write({ heartbeat: number });
  }

  fire(key: Key): void {
    if (!this.watched.delete(key)) return;
    this.host.whenDurable(() => this.write({ fired: key }));
  }

  /** Ends the connection; says why, to the client and in the log. */
  refuse(reason: string): void {
    if (this.isOver) return;
    const why = reason.slice(0, REASON_LENGTH_MAX);
    this.host.refused({ from: this.from, session: this.session, why });
    this.write({ refused: why });
    this.end();
  }

  /** Ends the connection without a word. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.host.gone(this);
    // What was said last is to get out; a client that does not take it is not waited for.
    const patience = setTimeout(() => this.socket.destroy(), FAREWELL_MS);
    this.socket.once('close', () => clearTimeout(patience));
    this.socket.destroySoon();
  }

  private closed(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.host.gone(this);
  }

  private take(bytes: Buffer): void {
    if (this.isOver) return;
    this.reader.push(bytes);
    this.hearAll();
  }

  /** As many as may be answered now; the others are kept, and nothing more is read before they are heard. */
  private hearAll(): void {
    try {
      while (!this.isOver && !this.isFull) {
        const message = this.reader.next();
        if (message === undefined) return;
        this.hear(asRequest(message));
      }
    } catch (error) {
      this.refuse(error instanceof Error ? error.message : String(error));
    }
    if (this.isPaused || this.isOver) return;
    this.isPaused = true;
    this.socket.pause();
  }

  private hear(request: Request): void {
    if (request.method === 'hello') this.greet(request.protocol, request.version);
    else if (!this.hasGreeted) throw new Error('a client says hello first');
    else if (request.method === 'open') this.open(request.call);
    else if (request.method === 'attach') this.attach(request);
    else if (this.session === undefined)
      throw new Error('a client opens a session, or attaches to one, before it asks');
    else this.hearInSession(this.session, request);
  }

  private hearInSession(session: string, request: Exclude<Request, { method: 'hello' | 'open' | 'attach' }>): void {
    if (request.method === 'alive') this.host.alive(session);
    else if (request.method === 'close') this.close(session);
    else if (request.method === 'heartbeat') this.answer(request.call, { result: 'done', version: 0 });
    else this.serve(session, request);
  }

  private greet(protocol: string, version: number): void {
    if (protocol !== PROTOCOL)
      throw new Error(`this is a ${PROTOCOL}, and the client looks for a "${protocol.slice(0, 80)}"`);
    if (version !== VERSION) {
      throw new Error(
        `the coordinator speaks version ${VERSION}, and the client version ${version}: update the older one`,
      );
    }
    this.hasGreeted = true;
    const { service, sessionMs } = this.host;
    this.write({ hello: { version: VERSION, service, sessionMs } });
  }

  private open(call: number): void {
    if (this.session !== undefined) throw new Error('a connection stands for one session');
    const opened = this.host.open(this);
    this.session = opened.session;
    this.socket.setTimeout(0);
    this.answer(call, opened);
  }

  private attach({ call, session, secret, watches }: Extract<Request, { method: 'attach' }>): void {
    if (this.session !== undefined) throw new Error('a connection stands for one session');
    if (!this.host.attach(this, session, secret)) {
      this.answer(call, { result: 'expired' });
      return;
    }
    this.session = session;
    this.socket.setTimeout(0);
    this.answer(call, { result: 'attached' });
    for (const { key, seen } of watches) this.watch(key, seen);
  }

  private close(session: string): void {
    this.host.over(session);
    this.end();
  }

  private serve(session: string, call: KeyCall): void {
    const request = requestOf(call);
    const reply = this.host.serve(this, session, request);
    this.answer(call.call, reply, this.host.changes);
    if (request.op === 'read' && request.watch) this.watch(request.key, this.host.changes);
  }

  private watch(key: Key, seen: number): void {
    if (this.watched.size >= WATCHES_MAX) throw new Error(`a session watches ${WATCHES_MAX} keys at most`);
    this.watched.add(key);
    this.host.watch(this, key, seen);
  }

  private answer(call: number, reply: CoordinatorReply | object, seen?: number): void {
    this.waiting++;
    this.host.whenDurable(() => {
      this.waiting--;
      this.write({ call, reply: plainReply(reply), seen });
      this.goOn();
    });
  }

  private write(message: object): void {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(frame(message));
  }

  private get isFull(): boolean {
    return this.waiting >= CALLS_MAX || this.socket.writableLength > BACKLOG_BYTES_MAX;
  }

  private goOn(): void {
    if (!this.isPaused || this.isFull) return;
    this.isPaused = false;
    this.socket.resume();
    this.hearAll();
  }
}

function plainReply(reply: CoordinatorReply | object): object {
  if (!('result' in reply)) return reply;
  if (reply.result === 'value') return { ...reply, stored: { ...reply.stored, value: plainValue(reply.stored.value) } };
  if (reply.result !== 'values') return reply;
  return { ...reply, stored: reply.stored.map((each) => ({ ...each, value: plainValue(each.value) })) };
}
