/**
 * One session, both its ends: what the server's client library does by itself (it keeps the session alive, notices that
 * the connection is gone, connects anew), and what the service keeps of it. Calls are answered in order.
 * Must never tell a server anything but through the kernel, nor decide what the service holds (coordinator.ts).
 */
import type {
  CallId,
  CoordinatorReply,
  CoordinatorRequest,
  Key,
  SessionNumber,
  SessionState,
  Stored,
} from '../../../core/coordinator-port.js';
import type { MemberId } from '../../../core/ids.js';
import type { Kernel } from '../../kernel.js';
import { drawUs } from '../../random.js';
import type { Span } from '../../scenario/scenario.js';
import type { RandomStream } from '../../world-api.js';
import type { Path } from '../path.js';
import { TimedQueue } from '../timed-queue.js';

/** What meets a cut is repeated so often, µs. */
const RETRY_US = 50_000;
/** A client whose connection broke tries again after so long, µs. */
const RECONNECT: Span = { minUs: 10_000, maxUs: 100_000 };

/** A server as the coordinator sees it. */
export interface Caller {
  readonly id: MemberId;
  /** Its process runs: a paused one keeps no session alive. */
  readonly running: boolean;
  sessionChanged(session: SessionNumber, state: SessionState, owner: string): void;
  coordinatorReplied(session: SessionNumber, call: CallId, reply: CoordinatorReply): void;
  watchFired(session: SessionNumber, key: Key): void;
}

/** The service, as its sessions see it. */
export interface Service {
  readonly kernel: Kernel;
  readonly answers: boolean;
  readonly sessionUs: number;
  opened(session: Session): string;
  /** Carried out for this session. */
  served(session: Session, request: CoordinatorRequest): CoordinatorReply;
  over(session: Session): void;
}

/** One server's way to the coordinator: shared by its sessions, one after the other. */
export interface Way {
  readonly caller: Caller;
  readonly there: Path;
  readonly back: Path;
  readonly calls: RandomStream;
  readonly notices: RandomStream;
  readonly delay: Span;
  readonly notice: Span;
}

type Message =
  | { readonly kind: 'open' | 'again' | 'close' }
  | { readonly kind: 'call'; readonly call: CallId; readonly request: CoordinatorRequest; readonly backUs: number };
type Word =
  | { readonly kind: 'state'; readonly state: SessionState }
  | { readonly kind: 'reply'; readonly call: CallId; readonly reply: CoordinatorReply }
  | { readonly kind: 'fired'; readonly key: Key };

class Channel<T> extends TimedQueue<T> {
  constructor(
    kernel: Kernel,
    private readonly isCut: () => boolean,
    private readonly done: (item: T) => void,
  ) {
    super(kernel);
  }

  protected override blockedUs(): number {
    return this.isCut() ? RETRY_US : 0;
  }

  protected override arrive(item: T): void {
    this.done(item);
  }
}

/** What a lagging follower has seen, and which keys have changed since. */
interface Lag {
  values: ReadonlyMap<Key, Stored>;
  readonly missed: Set<Key>;
}

/** What is wrong with a session: struck from outside, read by the service. */
export interface Troubles {
  cut: boolean;
  loseReplyTo: 'create' | 'set' | 'delete' | 'any' | undefined;
  loseWatch: boolean;
  delayWatchUs: number;
  lag: Lag | undefined;
  ghost: boolean;
}

export class Session {
  owner = '';
  /** At the service. */
  life: 'new' | 'alive' | 'over' = 'new';
  /** The process that opened it still listens. */
  hears = true;
  /** The service counts the session's time from here. */
  contactUs: number;
  readonly watched = new Set<Key>();
  readonly troubles: Troubles = {
    ...{ cut: false, loseReplyTo: undefined, loseWatch: false, delayWatchUs: 0, lag: undefined, ghost: false },
  };
  /** The client believes in a connection. */
  private connected = false;
  private readonly underWay = new Set<CallId>();
  private readonly requests: Channel<Message>;
  private readonly replies: Channel<Word>;
  private readonly lateNotices: Channel<Word>;
  /** What the client library says by itself: no way leads there. */
  private readonly news: Channel<Word>;

  constructor(
    private readonly service: Service,
    private readonly way: Way,
    readonly number: SessionNumber,
  ) {
    const { kernel } = service;
    const cutBack = (): boolean => this.hears && (way.back.silenced || way.back.held);
    const hear = (word: Word): void => this.hear(word);
    this.contactUs = kernel.nowUs;
    this.requests = new Channel<Message>(
      kernel,
      () => this.hears && !this.reaches,
      (message) => this.arrive(message),
    );
    this.replies = new Channel(kernel, cutBack, hear);
    this.lateNotices = new Channel(kernel, cutBack, hear);
    this.news = new Channel<Word>(kernel, () => false, hear);
    this.send({ kind: 'open' }, drawUs(way.calls, way.delay) >> 1);
  }

  call(call: CallId, request: CoordinatorRequest): void {
    this.underWay.add(call);
    if (!this.connected) {
      this.news.push(this.service.kernel.nowUs, { kind: 'reply', call, reply: { result: 'unknown' } });
      return;
    }
    const delayUs = drawUs(this.way.calls, this.way.delay);
    const thereUs = Math.floor(delayUs / 2);
    this.send({ kind: 'call', call, request, backUs: delayUs - thereUs }, thereUs);
  }

  /** For good; if the service cannot be told now, it never is. */
  close(): void {
    this.detach();
    if (this.connected) this.send({ kind: 'close' }, drawUs(this.way.calls, this.way.delay) >> 1);
  }

  /** The process is gone, or wants nothing more of this session: calls on their way may still strike. */
  detach(): void {
    this.hears = false;
    for (const queue of [this.replies, this.lateNotices, this.news]) queue.cut(0);
  }

  /** Looks whether there is contact, and what follows if there is none. */
  look(): void {
    const { kernel, sessionUs } = this.service;
    if (this.connected && this.hears && this.isInContact) {
      this.contactUs = kernel.nowUs;
      if (this.life === 'over') this.breakDown();
      return;
    }
    const quietUs = kernel.nowUs - this.contactUs;
    if (this.life === 'alive' && this.service.answers && quietUs >= sessionUs) this.expire();
    if (this.connected && this.way.caller.running && 3 * quietUs >= 2 * sessionUs) this.breakDown();
  }

  /** Over at the service; the client hears of it when it gets there again. */
  expire(): void {
    if (this.life !== 'alive') return;
    this.life = 'over';
    this.service.over(this);
    if (this.reaches) this.breakDown();
  }

  /** The service closes the connection, or its machine is gone. */
  hangUp(): void {
    if (this.reachesMachine) this.breakDown();
  }

  /** A new leader: what was on its way to the old one may have reached the others. */
  changeLeader(coin: RandomStream): void {
    for (const message of this.requests.cut(0)) {
      if (message.kind === 'call' && coin.int(0, 1) === 1) this.service.served(this, message.request);
      else if (message.kind === 'open' || message.kind === 'again')
        this.requests.push(this.service.kernel.nowUs, message);
    }
    this.contactUs = this.service.kernel.nowUs;
    this.breakDown();
  }

  /** The connection is gone, with all that was on it; the client notices, and connects anew. */
  breakDown(): void {
    if (!this.connected) return;
    const { kernel } = this.service;
    this.connected = false;
    this.requests.cut(0);
    this.replies.cut(0);
    if (!this.hears) return;
    for (const call of this.underWay)
      this.news.push(kernel.nowUs, { kind: 'reply', call, reply: { result: 'unknown' } });
    this.news.push(kernel.nowUs, { kind: 'state', state: 'disconnected' });
    this.send({ kind: 'again' }, drawUs(this.way.calls, RECONNECT));
  }

  /** A key it watches has changed: told once. */
  fire(key: Key): void {
    const { troubles, way } = this;
    if (troubles.lag !== undefined) {
      troubles.lag.missed.add(key);
      return;
    }
    if (!this.watched.delete(key) || !this.connected || !this.hears) return;
    if (troubles.loseWatch) {
      troubles.loseWatch = false;
      return;
    }
    const atUs = this.service.kernel.nowUs + this.legUs(way.back, drawUs(way.notices, way.notice));
    if (troubles.delayWatchUs === 0) this.replies.push(atUs, { kind: 'fired', key });
    else this.lateNotices.push(atUs + troubles.delayWatchUs, { kind: 'fired', key });
    troubles.delayWatchUs = 0;
  }

  /** The follower has seen everything up to now; watches that it armed on old values fire. */
  catchUp(values: ReadonlyMap<Key, Stored> | undefined): void {
    const { lag } = this.troubles;
    if (lag === undefined) return;
    this.troubles.lag = undefined;
    for (const key of lag.missed) this.fire(key);
    if (values !== undefined) this.troubles.lag = { values, missed: new Set() };
  }

  private get isInContact(): boolean {
    const { caller, back } = this.way;
    return this.reaches && caller.running && !back.silenced && !back.held;
  }

  private get reaches(): boolean {
    return this.service.answers && this.reachesMachine && !this.troubles.cut;
  }

  private get reachesMachine(): boolean {
    return !this.way.there.silenced && !this.way.there.held;
  }

  private send(message: Message, us: number): void {
    this.requests.push(this.service.kernel.nowUs + this.legUs(this.way.there, us), message);
  }

  private legUs(path: Path, us: number): number {
    return path.delayIsFault ? path.drawDelayUs() : us;
  }

  private arrive(message: Message): void {
    // Nobody repeats what a process sent that is gone.
    if (!this.reaches) return;
    const { nowUs } = this.service.kernel;
    switch (message.kind) {
      case 'open':
        if (!this.hears) return;
        this.life = 'alive';
        this.owner = this.service.opened(this);
        this.connect();
        return;
      case 'again':
        if (!this.hears) return;
        if (this.life === 'alive') this.connect();
        else this.say({ kind: 'state', state: 'expired' }, drawUs(this.way.calls, this.way.delay) >> 1);
        return;
      case 'close':
        this.expire();
        return;
      case 'call':
        if (this.life !== 'alive') {
          this.breakDown();
          return;
        }
        this.contactUs = nowUs;
        this.serve(message);
    }
  }

  private connect(): void {
    this.contactUs = this.service.kernel.nowUs;
    this.connected = true;
    this.say({ kind: 'state', state: 'connected' }, drawUs(this.way.calls, this.way.delay) >> 1);
  }

  private serve({ call, request, backUs }: Extract<Message, { kind: 'call' }>): void {
    const reply = this.service.served(this, request);
    if (!this.hears || this.life !== 'alive') return;
    const { troubles } = this;
    const isWrite = request.op === 'create' || request.op === 'set' || request.op === 'delete';
    if (isWrite && (troubles.loseReplyTo === 'any' || troubles.loseReplyTo === request.op)) {
      troubles.loseReplyTo = undefined;
      this.breakDown();
      return;
    }
    this.say({ kind: 'reply', call, reply }, backUs);
  }

  private say(word: Word, us: number): void {
    this.replies.push(this.service.kernel.nowUs + this.legUs(this.way.back, us), word);
  }

  private hear(word: Word): void {
    if (!this.hears) return;
    const { caller } = this.way;
    switch (word.kind) {
      case 'state':
        caller.sessionChanged(this.number, word.state, this.owner);
        return;
      case 'reply':
        this.underWay.delete(word.call);
        caller.coordinatorReplied(this.number, word.call, word.reply);
        return;
      case 'fired':
        caller.watchFired(this.number, word.key);
    }
  }
}
