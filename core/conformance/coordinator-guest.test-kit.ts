// A process that uses a coordinator: it asks, keeps what it hears, and holds the port to the rules that always hold.
import {
  type CallId,
  type CoordinatorReply,
  type CoordinatorRequest,
  type CoordinatorValue,
  type Key,
  type SessionNumber,
  type SessionState,
  type Stored,
  VIEW_KEY,
} from '../coordinator-port.js';
import type { CoordinatorInput, CoordinatorPort } from '../ports.js';
import type { View } from '../view/view.js';
import type { CoordinatorVisit, CoordinatorWorld } from './coordinator-world.test-kit.js';

/** A call goes to the session that is open at present. */
export class Guest {
  /** What the port did that no port may do. */
  readonly violations: string[] = [];
  /** What came, for people who look into a failure. */
  readonly heard: CoordinatorInput[] = [];
  readonly visit: CoordinatorVisit;
  session: SessionNumber = 0;
  owner = '';
  /** Of the present session. */
  states: SessionState[] = [];
  private isOpen = false;
  private isEnded = false;
  private lastCall: CallId = 0;
  /** Calls of the present session that wait for their answers, in the order of asking. */
  private waiting: CallId[] = [];
  private readonly replies = new Map<CallId, CoordinatorReply>();
  private readonly armed = new Map<Key, number>();
  private readonly fired = new Map<Key, number>();

  constructor(
    private readonly world: CoordinatorWorld,
    private readonly name: string,
  ) {
    this.visit = world.visit((input) => this.hear(input));
  }

  get port(): CoordinatorPort {
    return this.visit.port;
  }

  get state(): SessionState | undefined {
    return this.states[this.states.length - 1];
  }

  /** @returns without waiting for the connection. */
  open(): void {
    this.session++;
    this.isOpen = true;
    this.owner = '';
    this.states = [];
    this.waiting = [];
    this.armed.clear();
    this.fired.clear();
    this.port.carryOut({ kind: 'open-session', session: this.session });
  }

  async connect(): Promise<void> {
    this.open();
    await this.becomes('connected');
  }

  /** The session as it was, or another in its stead if it has expired. */
  async comeBack(): Promise<'kept' | 'another'> {
    await this.world.until(() => this.state === 'connected' || this.state === 'expired');
    if (this.state === 'connected') return 'kept';
    await this.connect();
    return 'another';
  }

  close(): void {
    this.isOpen = false;
    this.port.carryOut({ kind: 'close-session', session: this.session });
  }

  end(): void {
    this.isEnded = true;
    this.port.end();
  }

  becomes(state: SessionState): Promise<void> {
    return this.world.until(() => this.state === state);
  }

  send(request: CoordinatorRequest): CallId {
    const call = ++this.lastCall;
    this.waiting.push(call);
    if (request.op === 'read' && request.watch) this.armed.set(request.key, (this.armed.get(request.key) ?? 0) + 1);
    this.port.carryOut({ kind: 'call-coordinator', session: this.session, call, request });
    return call;
  }

  async replyTo(call: CallId): Promise<CoordinatorReply> {
    await this.world.until(() => this.replies.has(call));
    return this.replies.get(call) as CoordinatorReply;
  }

  ask(request: CoordinatorRequest): Promise<CoordinatorReply> {
    return this.replyTo(this.send(request));
  }

  async result(request: CoordinatorRequest): Promise<CoordinatorReply['result']> {
    return (await this.ask(request)).result;
  }

  read(key: Key, watch = false): Promise<CoordinatorReply> {
    return this.ask({ op: 'read', key, watch });
  }

  /** What is there; undefined: nothing. */
  async look(key: Key): Promise<Stored | undefined> {
    const reply = await this.read(key);
    return reply.result === 'value' ? reply.stored : undefined;
  }

  create(key: Key, value: CoordinatorValue, ephemeral = false): Promise<CoordinatorReply> {
    return this.ask({ op: 'create', key, value, ephemeral });
  }

  set(key: Key, value: CoordinatorValue, expected: number): Promise<CoordinatorReply> {
    return this.ask({ op: 'set', key, value, expected });
  }

  /** The register holds this from now on, whatever it held. */
  async writeView(view: View): Promise<void> {
    const value: CoordinatorValue = { kind: 'view', view };
    const there = await this.look(VIEW_KEY);
    if (there === undefined) await this.create(VIEW_KEY, value);
    else await this.set(VIEW_KEY, value, there.version);
  }

  /** Asks again and again until nothing is there. */
  async goes(key: Key): Promise<void> {
    while ((await this.look(key)) !== undefined) await this.world.pause();
  }

  firings(key: Key): number {
    return this.fired.get(key) ?? 0;
  }

  fires(key: Key, times = 1): Promise<void> {
    return this.world.until(() => this.firings(key) >= times);
  }

  /** Whatever was on its way to this session before has come: words of the service keep their order. */
  async fence(): Promise<void> {
    await this.ask({ op: 'sync' });
  }

  private hear(input: CoordinatorInput): void {
    this.heard.push(input);
    const complain = (what: string): void => {
      this.violations.push(`${this.name}: ${what}: ${JSON.stringify(input)}`);
    };
    if (this.isEnded) complain('heard after the end of its life');
    else if (input.session !== this.session || !this.isOpen) complain('of a session that is closed or forgotten');
    else if (this.state === 'expired') complain('of a session that has expired');
    else if (input.kind === 'session') this.hearState(input.state, input.owner, complain);
    else if (input.kind === 'coordinator-reply') this.hearReply(input.call, input.reply, complain);
    else this.hearFired(input.key, complain);
  }

  private hearState(state: SessionState, owner: string, complain: (what: string) => void): void {
    if (state === 'connected') {
      if (this.state === 'connected') complain('connected twice');
      if (owner === '') complain('connected, and the session has no name');
      if (this.owner !== '' && owner !== this.owner) complain(`the session was ${this.owner} before`);
      this.owner = owner;
    }
    this.states.push(state);
  }

  private hearReply(call: CallId, reply: CoordinatorReply, complain: (what: string) => void): void {
    if (this.waiting[0] !== call) complain(`the next answer is that of call ${this.waiting[0]}`);
    this.waiting.shift();
    this.replies.set(call, reply);
  }

  private hearFired(key: Key, complain: (what: string) => void): void {
    const times = this.firings(key) + 1;
    this.fired.set(key, times);
    if (times > (this.armed.get(key) ?? 0)) complain('a watch that was not armed, or has fired before');
  }
}
