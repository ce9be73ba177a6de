/**
 * The coordinator for people and their tools: calls as promises, over sessions that are opened again as often as it takes.
 * Must never repeat a write by itself: whoever asked decides what an `unknown` means.
 */
import type { CallId, CoordinatorReply, CoordinatorRequest, SessionNumber } from '../../core/coordinator-port.js';
import type { CoordinatorInput, CoordinatorPort } from '../../core/ports.js';
import type { Coordinator } from './coordinator.js';

export interface OperatorOptions {
  /** How long a call may take, connecting included. */
  readonly timeoutMs?: number;
}

export interface Operator {
  /** For messages to people. */
  readonly name: string;
  /** The coordinator's name for the present session; empty while there is none. */
  readonly owner: string;
  /** @throws if the coordinator was not reached in time. Then a write may have happened, or may happen yet. */
  call(request: CoordinatorRequest): Promise<CoordinatorReply>;
  /** Its session ends, not the coordinator. */
  close(): void;
}

export class NotReached extends Error {
  override readonly name = 'NotReached';
}

const TIMEOUT_MS = 5_000;
/** Calls that wait for a connection or an answer. */
const CALLS_MAX = 256;

interface Waiting {
  /** Once it was sent. */
  call?: CallId;
  readonly request: CoordinatorRequest;
  readonly settle: (reply: CoordinatorReply) => void;
}

export function openOperator(coordinator: Coordinator, { timeoutMs = TIMEOUT_MS }: OperatorOptions = {}): Operator {
  return new OperatorSession(coordinator, timeoutMs);
}

class OperatorSession implements Operator {
  readonly name: string;
  owner = '';
  private readonly port: CoordinatorPort;
  private session: SessionNumber = 0;
  private lastCall: CallId = 0;
  private isClosed = false;
  /** Not sent yet. */
  private readonly queue = new Set<Waiting>();
  private readonly underWay = new Map<CallId, Waiting>();

  constructor(
    coordinator: Coordinator,
    private readonly timeoutMs: number,
  ) {
    this.name = coordinator.name;
    this.port = coordinator.begin((input) => this.hear(input));
    this.open();
  }

  call(request: CoordinatorRequest): Promise<CoordinatorReply> {
    return new Promise((resolve, reject) => {
      const notReached = (why: string): void => {
        this.queue.delete(waiting);
        // Nobody waits for its answer any more.
        if (waiting.call !== undefined) this.underWay.delete(waiting.call);
        reject(new NotReached(`the coordinator at ${this.name} ${why}`));
      };
      const seconds = this.timeoutMs / 1000;
      const patience = setTimeout(
        () => notReached(`did not answer within ${seconds} s: is it running?`),
        this.timeoutMs,
      );
      const settle = (reply: CoordinatorReply): void => {
        clearTimeout(patience);
        resolve(reply);
      };
      const waiting: Waiting = { request, settle };
      if (this.isClosed || this.queue.size + this.underWay.size >= CALLS_MAX) {
        clearTimeout(patience);
        notReached(this.isClosed ? 'is not asked any more' : `has ${CALLS_MAX} calls to answer already`);
        return;
      }
      this.queue.add(waiting);
      this.sendAll();
    });
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.port.carryOut({ kind: 'close-session', session: this.session });
    this.port.end();
    for (const { settle } of [...this.queue, ...this.underWay.values()]) settle({ result: 'unknown' });
    this.queue.clear();
    this.underWay.clear();
  }

  private open(): void {
    this.owner = '';
    this.session++;
    this.port.carryOut({ kind: 'open-session', session: this.session });
  }

  private sendAll(): void {
    if (this.owner === '') return;
    for (const waiting of this.queue) {
      this.queue.delete(waiting);
      const call = ++this.lastCall;
      waiting.call = call;
      this.underWay.set(call, waiting);
      this.port.carryOut({ kind: 'call-coordinator', session: this.session, call, request: waiting.request });
    }
  }

  private hear(input: CoordinatorInput): void {
    if (input.session !== this.session || this.isClosed) return;
    if (input.kind === 'coordinator-reply') this.answer(input.call, input.reply);
    else if (input.kind === 'session') this.changed(input.state, input.owner);
  }

  private changed(state: 'connected' | 'disconnected' | 'expired', owner: string): void {
    this.owner = state === 'connected' ? owner : '';
    if (state === 'connected') this.sendAll();
    for (const call of state === 'connected' ? [] : [...this.underWay.keys()]) this.answer(call, { result: 'unknown' });
    if (state === 'expired') this.open();
  }

  /** What changes nothing is asked again; there is time for it, or its own patience ends it. */
  private answer(call: CallId, reply: CoordinatorReply): void {
    const waiting = this.underWay.get(call);
    if (waiting === undefined) return;
    this.underWay.delete(call);
    const { op } = waiting.request;
    const isHarmless = op === 'read' || op === 'list' || op === 'sync';
    if (reply.result !== 'unknown' || !isHarmless) waiting.settle(reply);
    else this.queue.add(waiting);
  }
}
