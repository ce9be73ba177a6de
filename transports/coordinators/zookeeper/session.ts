/**
 * One session: one handle of the client, never used again after it. Its events as states of the session, its watches by
 * key. Knows no lease: the client does not tell of an expiry before it has reached the service again (hazard 3), so the
 * core keeps its own. Must never close a handle from within one of its callbacks.
 */
import type {
  CallId,
  CoordinatorReply,
  CoordinatorRequest,
  Key,
  SessionNumber,
} from '../../../core/coordinator-port.js';
import type { CoordinatorInput } from '../../../core/ports.js';
import { type Addon, CLOSED_AS_EXPIRED, Code, type Handle } from './addon.js';
import { resolveServers } from './addresses.js';
import { Answers } from './answers.js';
import { type CallContext, carryOut } from './calls.js';
import { Client } from './client.js';
import { makeFolders } from './folders.js';
import type { Note } from './messages.js';
import { keyOf } from './nodes.js';
import type { Place } from './options.js';

/** Calls of one session that wait for their answers; the core asks for a dozen at most. */
const CALLS_MAX = 1_000;
/** A service that does not answer is waited for so long, or until the client gives the connection up. */
const CLOSE_MS_MAX = 3_000;

const UNKNOWN: CoordinatorReply = { result: 'unknown' };

export interface SessionEar {
  say(input: CoordinatorInput): void;
  note(level: Note['level'], text: string, details: Note['details']): void;
  /** Its handle is closed, and nothing of it is left in the event loop. */
  gone(): void;
}

interface Asked {
  readonly request: CoordinatorRequest;
  readonly answer: (reply: CoordinatorReply) => void;
}

export class Session {
  /** settling: there is a connection, and its folders are seen to · closed: by us, or expired. */
  private phase: 'connecting' | 'settling' | 'connected' | 'disconnected' | 'closed' = 'connecting';
  private readonly handle: Handle;
  private readonly answers = new Answers();
  private readonly armed = new Set<Key>();
  private readonly context: CallContext;
  /** Asked behind a call whose second half has not left yet. */
  private line: Asked[] = [];
  private isHeld = false;
  private owner = '';
  private isSettled = false;
  private connections = 0;
  private isGone = false;
  private closing: NodeJS.Timeout | undefined;

  constructor(
    addon: Addon,
    private readonly place: Place,
    private readonly number: SessionNumber,
    private readonly ear: SessionEar,
  ) {
    this.handle = new addon();
    this.context = {
      ...{
        client: new Client(this.handle, () => this.onDisconnect()),
        root: place.root,
        isProtected: place.digest !== undefined,
      },
      note: (level, text, details) => ear.note(level, text, details),
      armed: (key) => this.armed.add(key),
    };
    this.listen();
    void this.connect();
  }

  call(call: CallId, request: CoordinatorRequest): void {
    if (this.phase === 'closed') return;
    const { number: session } = this;
    const answer = this.answers.expect((reply) => this.say({ kind: 'coordinator-reply', session, call, reply }));
    if (this.phase !== 'connected') {
      answer(UNKNOWN);
    } else if (this.answers.waiting > CALLS_MAX) {
      this.ear.note('error', 'too many calls wait for ZooKeeper', { waiting: this.answers.waiting, most: CALLS_MAX });
      answer(UNKNOWN);
    } else {
      this.line.push({ request, answer });
      this.work();
    }
  }

  /**
   * What it owns goes at once. The client blocks its thread for up to 1.5 s while it closes a session whose service does
   * not listen, and with it the heartbeats of other sessions: so something is asked first.
   */
  close(): void {
    if (this.phase === 'closed') return;
    const mayListen = this.phase === 'connected' || this.phase === 'settling';
    this.phase = 'closed';
    if (!mayListen) {
      this.closeSoon();
      return;
    }
    this.closing = setTimeout(() => this.closeSoon(), CLOSE_MS_MAX);
    void this.context.client.sync(this.place.root).then(() => this.closeSoon());
  }

  /** However long that blocks. */
  closeNow(): void {
    this.phase = 'closed';
    if (!this.isGone) this.handle.close();
    // A handle that was never begun does not tell.
    if (!this.isGone) this.onClose(0);
  }

  private closeSoon(): void {
    clearTimeout(this.closing);
    setImmediate(() => this.closeNow());
  }

  private listen(): void {
    const { handle } = this;
    handle.on('connect', () => this.onConnect());
    handle.on('connecting', () => this.onDisconnect());
    handle.on('close', (_, code) => this.onClose(code));
    for (const event of ['created', 'changed', 'deleted', 'notwatching'] as const) {
      handle.on(event, (_, path) => this.onWatch(path));
    }
  }

  private async connect(): Promise<void> {
    const { sessionMs, digest } = this.place;
    const { addresses, reasons } = await resolveServers(this.place.servers);
    if (this.phase === 'closed') return;
    if (reasons.length > 0)
      this.ear.note('warn', 'servers of ZooKeeper without an address', { why: reasons.join('; ') });
    if (addresses.length === 0) {
      this.say({ kind: 'session', session: this.number, state: 'disconnected', owner: '' });
      return;
    }
    // The client shuffles them, so that the servers of a ring spread over the ensemble.
    const order = { connect: addresses.join(), host_order_deterministic: false };
    this.handle.init({ ...order, timeout: sessionMs, debug_level: 0 });
    if (digest === undefined) return;
    this.handle.add_auth('digest', digest, (code, text) => {
      if (code === Code.ok || this.phase === 'closed') return;
      this.ear.note('error', 'ZooKeeper does not take the user and password', { code, why: text });
    });
  }

  private onConnect(): void {
    if (this.phase === 'closed') return;
    this.owner = this.handle.client_id;
    this.phase = 'settling';
    void this.settle(++this.connections);
  }

  /**
   * Before anything is asked, there is a place for it; and something was answered: what was left unanswered on a
   * connection that broke without a word stands in the way of the next one until that breaks, too.
   */
  private async settle(connection: number): Promise<void> {
    const { client, root } = this.context;
    const wasSettled = this.isSettled;
    const isFine = wasSettled ? (await client.sync(root)).code === Code.ok : await makeFolders(this.context);
    // Or it was closed, or cut off, meanwhile; the next connection tries again.
    if (this.phase !== 'settling' || connection !== this.connections) return;
    if (isFine) {
      this.isSettled = true;
      this.phase = 'connected';
      if (!wasSettled) this.noteGrant();
      this.say({ kind: 'session', session: this.number, state: 'connected', owner: this.owner });
    } else if (!wasSettled) {
      this.say({ kind: 'session', session: this.number, state: 'disconnected', owner: '' });
    }
  }

  private noteGrant(): void {
    const { owner, handle, place } = this;
    this.ear.note('debug', 'a session with ZooKeeper', { session: owner, grantedMs: handle.timeout });
    if (handle.timeout === place.sessionMs) return;
    this.ear.note('warn', 'ZooKeeper grants another session time than was asked for (tickTime, minSessionTimeout)', {
      ...{ askedMs: place.sessionMs, grantedMs: handle.timeout },
    });
  }

  private onDisconnect(): void {
    if (this.phase === 'closed') {
      this.closeSoon();
      return;
    }
    if (this.phase === 'disconnected') return;
    const wasConnected = this.phase === 'connected';
    this.phase = 'disconnected';
    this.loseCalls();
    if (wasConnected) this.say({ kind: 'session', session: this.number, state: 'disconnected', owner: this.owner });
  }

  /** By the service, or by our own call. */
  private onClose(code: number): void {
    this.isGone = true;
    clearTimeout(this.closing);
    if (this.phase !== 'closed') {
      if (code !== CLOSED_AS_EXPIRED) this.ear.note('error', 'the client of ZooKeeper has given up', { code });
      this.loseCalls();
      const state = this.owner === '' ? 'disconnected' : 'expired';
      this.say({ kind: 'session', session: this.number, state, owner: this.owner });
      this.phase = 'closed';
    }
    // Its handles leave the loop at the end of this turn.
    setImmediate(() => setImmediate(() => this.ear.gone()));
  }

  private loseCalls(): void {
    this.line = [];
    this.answers.answerAll(UNKNOWN);
  }

  private onWatch(path: string): void {
    const key = keyOf(this.place.root, path);
    if (!this.armed.delete(key)) return;
    this.answers.add(() => this.say({ kind: 'watch-fired', session: this.number, key }));
  }

  private work(): void {
    while (!this.isHeld) {
      const asked = this.line.shift();
      if (asked === undefined) return;
      this.isHeld = true;
      let isLater = false;
      const left = (): void => {
        this.isHeld = false;
        if (isLater) this.work();
      };
      void carryOut(this.context, asked.request, left).then(asked.answer);
      isLater = true;
    }
  }

  private say(input: CoordinatorInput): void {
    if (this.phase !== 'closed') this.ear.say(input);
  }
}
