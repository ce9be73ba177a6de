/**
 * One session with the embedded coordinator, at the client: it is opened, attached again after every break for as long
 * as the service keeps it, and closed. Answers calls in the order of asking; what was under way when the connection
 * broke is answered `unknown`.
 * Must never say that a session is over unless the service did (the core keeps a lease of its own), nor repeat a call.
 */
import type {
  CallId,
  CoordinatorReply,
  CoordinatorRequest,
  Key,
  SessionNumber,
  SessionState,
} from '../../../core/coordinator-port.js';
import type { CoordinatorInput, Post } from '../../../core/ports.js';
import type { HostPort } from '../../leaves/host-port.js';
import { tcpUrl } from '../address.js';
import type { Log } from '../log.js';
import { Connection, type Greeting, type Listener } from './connection.js';
import { CALLS_UNDER_WAY_MAX, RECONNECT_MS } from './limits.js';
import { type Answer, callOf, coordinatorReply, type Reply } from './protocol.js';

/** A call on the wire; `done` takes its answer. */
interface Call {
  readonly wire: number;
  /** @returns what is to be done about this answer. @throws if it answers something else. */
  readonly done: (reply: Reply, seen: number) => () => void;
  /** Of the port; undefined: our own. */
  readonly asked: CallId | undefined;
}

/** Of the time before it is tried again; by then it is the longest. */
const DOUBLINGS_MAX = 16;
/** Looks so many times in the life of a session whether the service is still there. */
const LOOKS = 8;
/** Nothing heard for so much of it: the connection is dead. */
const SILENCE = 2 / 3;

export class Session implements Listener {
  private connection: Connection | undefined;
  private isConnected = false;
  private isOver = false;
  private opened: { readonly session: string; readonly secret: string } | undefined;
  private calls: Call[] = [];
  private lastWire = 0;
  /** Keys, with the count of all changes when their watch was armed. */
  private readonly watches = new Map<Key, number>();
  private attempts = 0;
  /** Counts dials: each is to the next one of the addresses. */
  private turn = 0;
  /** The one that is tried now, or was reached. */
  private address!: HostPort;
  private retry: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  private heardAtMs = 0;
  private lookedAtMs = 0;
  private lastTrouble = '';

  constructor(
    private readonly number: SessionNumber,
    private readonly addresses: () => readonly HostPort[],
    private readonly post: Post<CoordinatorInput>,
    private readonly log: Log,
  ) {
    this.dial();
  }

  call(call: CallId, request: CoordinatorRequest): void {
    if (this.isOver) return;
    if (!this.isConnected) {
      this.reply(call, { result: 'unknown' });
      return;
    }
    const done = (reply: Reply, seen: number) => {
      const translated = coordinatorReply(reply);
      return () => {
        if (request.op === 'read' && request.watch) this.watches.set(request.key, seen);
        this.reply(call, translated);
      };
    };
    this.ask((wire) => callOf(wire, request), done, call);
    if (this.calls.length > CALLS_UNDER_WAY_MAX) this.connection?.end('too many calls are under way');
  }

  /** Tells the service, if there is a connection. */
  close(): void {
    if (this.isConnected) this.connection?.send({ method: 'close' });
    this.forget();
  }

  /** Nothing more is heard of it; the service lets it expire. */
  forget(): void {
    this.isOver = true;
    clearTimeout(this.retry);
    clearInterval(this.looking);
    this.connection?.end();
  }

  // What the connection says.

  greeted({ sessionMs }: Greeting): void {
    this.lookedAtMs = performance.now();
    this.heardAtMs = this.lookedAtMs;
    clearInterval(this.looking);
    this.looking = setInterval(() => this.look(sessionMs), sessionMs / LOOKS);
    const { opened } = this;
    if (opened === undefined) {
      this.ask(
        (call) => ({ method: 'open', call }),
        (reply) => this.hearOpened(reply),
      );
      return;
    }
    const watches = [...this.watches].map(([key, seen]) => ({ key, seen }));
    this.ask(
      (call) => ({ method: 'attach', call, ...opened, watches }),
      (reply) => this.hearAttached(reply),
    );
  }

  heard(answer: Answer): void {
    this.heardAtMs = performance.now();
    if ('heartbeat' in answer) {
      this.connection?.send({ method: 'alive', heartbeat: answer.heartbeat });
    } else if ('fired' in answer) {
      if (this.watches.delete(answer.fired))
        this.post({ kind: 'watch-fired', session: this.number, key: answer.fired });
    } else if ('call' in answer) {
      this.hearAnswer(answer);
    }
  }

  ended(why: string): void {
    if (this.isOver) return;
    clearInterval(this.looking);
    this.connection = undefined;
    const wasConnected = this.isConnected;
    this.isConnected = false;
    this.complain(why);
    this.turn++;
    const lost = this.calls;
    this.calls = [];
    for (const { asked } of lost) if (asked !== undefined) this.reply(asked, { result: 'unknown' });
    if (wasConnected) this.say('disconnected');
    this.dialLater();
  }

  private hearAnswer({ call, reply, seen = 0 }: Extract<Answer, { call: number }>): void {
    const [first] = this.calls;
    let act: () => void;
    try {
      if (first?.wire !== call) throw new Error('an answer to another call');
      act = first.done(reply, seen);
    } catch (error) {
      this.connection?.end(error instanceof Error ? error.message : String(error));
      return;
    }
    this.calls.shift();
    act();
  }

  private hearOpened(reply: Reply): () => void {
    if (!('session' in reply)) throw new Error('an answer to another call');
    return () => {
      this.opened = reply;
      this.connected(reply.session);
    };
  }

  private hearAttached(reply: Reply): () => void {
    if (!('result' in reply)) throw new Error('an answer to another call');
    return () => {
      if (reply.result === 'attached') {
        this.connected(this.opened?.session ?? '');
      } else {
        this.say('expired');
        this.forget();
      }
    };
  }

  private connected(owner: string): void {
    this.isConnected = true;
    this.attempts = 0;
    if (this.lastTrouble !== '') this.log.info({ coordinator: this.where }, 'the coordinator is there again');
    this.lastTrouble = '';
    this.say('connected', owner);
  }

  /** The next word of ours; heartbeats too: they prove that the way there and back is whole. */
  private ask(message: (wire: number) => object, done: Call['done'], asked?: CallId): void {
    const wire = ++this.lastWire;
    this.calls.push({ wire, done, asked });
    this.connection?.send(message(wire));
  }

  private look(sessionMs: number): void {
    const now = performance.now();
    const isLate = now - this.lookedAtMs > (2 * sessionMs) / LOOKS;
    this.lookedAtMs = now;
    // When we stood still ourselves, what has come meanwhile is still to be read.
    if (!isLate && now - this.heardAtMs > SILENCE * sessionMs) {
      this.connection?.end(`heard nothing for ${Math.round(now - this.heardAtMs)} ms`);
    } else if (this.calls.length === 0) {
      this.ask(
        (call) => ({ method: 'heartbeat', call }),
        () => () => undefined,
      );
    }
  }

  private dialLater(): void {
    const { first, longest } = RECONNECT_MS;
    const longestNow = Math.min(longest, first * 2 ** this.attempts);
    this.attempts = Math.min(this.attempts + 1, DOUBLINGS_MAX);
    // Servers that lost the service together do not come back in one moment.
    this.retry = setTimeout(() => this.dial(), longestNow * (0.5 + Math.random() / 2));
  }

  private dial(): void {
    this.calls = [];
    const addresses = this.addresses();
    this.address = addresses[this.turn % addresses.length] as HostPort;
    this.connection = new Connection(this.address, this);
  }

  private get where(): string {
    return tcpUrl(this.address);
  }

  private complain(why: string): void {
    if (this.lastTrouble === why) return;
    this.lastTrouble = why;
    this.log.warn({ coordinator: this.where, why }, 'no connection to the coordinator');
  }

  private say(state: SessionState, owner = this.opened?.session ?? ''): void {
    if (!this.isOver) this.post({ kind: 'session', session: this.number, state, owner });
  }

  private reply(call: CallId, reply: CoordinatorReply): void {
    if (!this.isOver) this.post({ kind: 'coordinator-reply', session: this.number, call, reply });
  }
}
