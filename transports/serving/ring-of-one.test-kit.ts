/**
 * The real core as a ring of one with a real store in memory: what stands behind a door in these tests. Only the
 * coordinator is played, as far as one server needs it; links and other servers there are none.
 */
import type { CoordinatorReply, CoordinatorRequest, Stored } from '../../core/coordinator-port.js';
import { VIEW_KEY } from '../../core/coordinator-port.js';
import type { Happening, Input } from '../../core/input.js';
import type { Limits } from '../../core/limits.js';
import { Mailbox } from '../../core/mailbox.js';
import { node } from '../../core/node.js';
import type { Fact, Output } from '../../core/output.js';
import type { StorePort } from '../../core/ports.js';
import { initialState, type NodeState } from '../../core/state.js';
import { step } from '../../core/step.js';
import { makeView } from '../../core/view/view.js';
import { openMemoryStore } from '../stores/memory-store.js';
import { type Conversations, createConversations } from './conversations.js';
import type { Door } from './door.js';

export interface RingOfOneOptions {
  readonly chunkBytes?: number;
  readonly limits?: Partial<Limits>;
  readonly onFact?: (fact: Fact) => void;
}

export class RingOfOne {
  readonly facts: Fact[] = [];
  state: NodeState;
  /** Writes are not durable, and reads of chunks are not answered, until it is let go. */
  private held: (() => void)[] | undefined;
  private readonly memory = openMemoryStore();
  private store: StorePort | undefined;
  private readonly stored = new Map<string, Stored>();
  private readonly mailbox = new Mailbox<Input>();
  private readonly conversations: Conversations;
  private alarm: NodeJS.Timeout | undefined;
  private isAlive = true;
  broken: unknown;
  private withheld: (() => void)[] | undefined;

  private constructor(private readonly options: RingOfOneOptions = {}) {
    const { chunkBytes = 1000, limits = {} } = options;
    const settings = { durability: 'memory', chainLength: 1, minReplicas: 1, shards: 4, transitSlots: 8 } as const;
    const member = { id: 'n1', incarnation: 1, address: 'n1:1' };
    const chain = { members: ['n1'], learners: [], lost: [] };
    const chains = [chain, chain, chain, chain];
    const value = { epoch: 7, clusterId: 'test', settings: { ...settings, chunkBytes }, ring: [member], chains };
    this.stored.set(VIEW_KEY, {
      ...{ key: VIEW_KEY, value: { kind: 'view', view: makeView(value) }, version: 0, owner: '' },
    });
    this.state = initialState({ ...member, clusterId: 'test', seed: 1, limits: { idleChunkMs: 0, ...limits } });
    this.conversations = createConversations(this.post, () => this.chunkBytes);
    this.mailbox.stream.pipe(node(step, this.state)).subscribe({
      next: ({ state, outputs }) => {
        this.state = state;
        for (const output of outputs) if (this.isAlive) this.effect(output);
      },
      error: (error) => {
        this.broken = error;
        this.end();
      },
    });
  }

  static async begin(options: RingOfOneOptions = {}): Promise<RingOfOne> {
    const ring = new RingOfOne(options);
    const store = await ring.memory.begin((input) => ring.whenStoreSpeaks(() => ring.post(input)));
    ring.store = store;
    ring.post({ kind: 'start', recovered: store.recovered, carry: undefined });
    return ring;
  }

  get door(): Door {
    return this.conversations.door;
  }

  get chunkBytes(): number {
    return this.state.view.epoch === 0 ? 0 : this.state.view.settings.chunkBytes;
  }

  /** The life is over. */
  end(): void {
    this.isAlive = false;
    clearTimeout(this.alarm);
    this.store?.end();
    this.conversations.end();
  }

  /** From here on the store is slow: it says nothing until `letGo`. */
  hold(): void {
    this.held = [];
  }

  letGo(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const work of held) work();
  }

  /** Uploads get no credits. */
  set stopAccepting(stop: boolean) {
    const withheld = this.withheld ?? [];
    this.withheld = stop ? withheld : undefined;
    if (!stop) for (const work of withheld) work();
  }

  /** That the store keeps. */
  get keptBytes(): number {
    return this.memory.figures.liveBytes;
  }

  private readonly post = (happening: Happening): void => {
    if (this.isAlive) this.mailbox.post({ ...happening, now: Date.now() });
  };

  private whenStoreSpeaks(work: () => void): void {
    if (this.held === undefined) work();
    else this.held.push(work);
  }

  private effect(output: Output): void {
    switch (output.kind) {
      case 'tell':
        this.facts.push(output.fact);
        this.options.onFact?.(output.fact);
        break;
      case 'wake-at':
        clearTimeout(this.alarm);
        this.alarm = setTimeout(() => this.post({ kind: 'wake' }), Math.max(0, output.at - Date.now()));
        break;
      case 'open-session':
        this.post({ kind: 'session', session: output.session, state: 'connected', owner: 'n1' });
        break;
      case 'call-coordinator': {
        const { session, call, request } = output;
        this.post({ kind: 'coordinator-reply', session, call, reply: this.coordinate(request) });
        break;
      }
      case 'client-accept':
        if (this.withheld === undefined) this.conversations.carryOut(output);
        else this.withheld.push(() => this.conversations.carryOut(output));
        break;
      case 'client-file':
      case 'client-data':
      case 'answer':
        this.conversations.carryOut(output);
        break;
      case 'send':
      case 'dial':
      case 'close':
      case 'close-session':
      case 'restart':
      case 'stop':
        break;
      default:
        this.store?.carryOut(output);
    }
  }

  private coordinate(request: CoordinatorRequest): CoordinatorReply {
    if (request.op === 'sync') return { result: 'done', version: 0 };
    if (request.op === 'list') {
      return { result: 'values', stored: [...this.stored.values()].filter(({ key }) => key.startsWith(request.under)) };
    }
    const present = this.stored.get(request.key);
    if (request.op === 'create') {
      if (present !== undefined) return { result: 'conflict' };
      const { key, value } = request;
      this.stored.set(key, { key, value, version: 0, owner: request.ephemeral ? 'n1' : '' });
      return { result: 'done', version: 0 };
    }
    if (present === undefined) return { result: 'absent' };
    if (request.op === 'read') return { result: 'value', stored: present };
    if (present.version !== request.expected) return { result: 'conflict' };
    if (request.op === 'delete') this.stored.delete(request.key);
    else this.stored.set(request.key, { ...present, value: request.value, version: present.version + 1 });
    return { result: 'done', version: present.version + 1 };
  }
}
