/**
 * The real driver of one server: what comes from sockets, coordinator, disk, clients and the alarm goes into the mailbox,
 * through the very machine that the simulator runs, and what the machine asks for is carried out.
 * Translates nothing and decides nothing.
 */
import type { Happening, Input } from '../../core/input.js';
import { Mailbox } from '../../core/mailbox.js';
import { node } from '../../core/node.js';
import type { Fact, Output } from '../../core/output.js';
import type { ClientInput, ClientOutput, CoordinatorPort, LinkPort, Post, StorePort } from '../../core/ports.js';
import { type Identity, initialState, type NodeState } from '../../core/state.js';
import { step } from '../../core/step.js';
import type { Carry } from '../../core/store-port.js';
import type { Coordinator } from '../coordinators/coordinator.js';
import type { RingPort } from '../links/links.js';
import type { Conversations } from '../serving/conversations.js';
import type { Door } from '../serving/door.js';
import type { Store } from '../stores/store.js';
import { Alarm, type Clock } from './clock.js';

/** What surrounds a server and outlives its lives. */
export interface Site {
  readonly identity: Omit<Identity, 'seed'>;
  readonly ring: RingPort;
  readonly store: Store;
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  /** Of each life's random numbers. */
  seed(): number;
  openClients(post: Post<ClientInput>, chunkBytes: () => number): Conversations;
  tell(fact: Fact): void;
  /** No other life is wanted: it has left, or may not take part. */
  stopped(why: string): void;
  /** A broken invariant, or a store that cannot be opened: the process must end, loudly. */
  broke(error: unknown): void;
}

/** What a life has. */
interface Ports {
  readonly links: LinkPort;
  readonly coordinator: CoordinatorPort;
  readonly clients: Conversations;
  readonly store: StorePort;
}

export class Driver {
  /** Undefined before the first life. */
  state: NodeState | undefined;
  /** Number of the life that goes on, 0 between two: what comes of a life that is over is not heard. */
  private life = 0;
  private lives = 0;
  private wantsToLeave = false;
  private mailbox = new Mailbox<Input>();
  private ports: Ports | undefined;
  private nextLife: NodeJS.Timeout | undefined;
  private readonly alarm: Alarm;
  private forClients: ClientOutput[] = [];
  private readonly tellClients = (): void => {
    const words = this.forClients;
    this.forClients = [];
    for (const word of words) this.ports?.clients.carryOut(word);
  };

  constructor(private readonly site: Site) {
    this.alarm = new Alarm(site.clock, () => this.post(this.life, { kind: 'wake' }));
  }

  /** Undefined between two lives. */
  get door(): Door | undefined {
    return this.ports?.clients.door;
  }

  /** Begins a life. @throws if the store cannot be opened */
  async begin(carry?: Carry): Promise<void> {
    const { site } = this;
    const life = ++this.lives;
    this.life = life;
    const post = (happening: Happening): void => this.post(life, happening);
    const store = await site.store.begin(post);
    if (this.life !== life) {
      store.end();
      return;
    }
    const state = initialState({ ...site.identity, seed: site.seed() });
    this.state = state;
    this.mailbox = new Mailbox<Input>();
    this.mailbox.stream.pipe(node(step, state)).subscribe({
      next: (stepped) => {
        this.state = stepped.state;
        for (const output of stepped.outputs) if (this.life === life) this.carryOut(output);
      },
      error: (error) => this.fail(error),
    });
    const clients = site.openClients(post, () => this.state?.view.settings.chunkBytes ?? 0);
    const links = site.ring.begin(site.identity.id, post);
    this.ports = { links, coordinator: site.coordinator.begin(post), clients, store };
    post({ kind: 'start', recovered: store.recovered, carry });
    // It was said between two lives, or while this one began.
    if (this.wantsToLeave) post({ kind: 'leave' });
  }

  /** An operator lets it leave in good order; `stopped` tells when it has. */
  leave(): void {
    this.wantsToLeave = true;
    this.post(this.life, { kind: 'leave' });
  }

  /** Ends whatever life goes on, as a crash would: its place in the ring is left to the others. */
  end(): void {
    this.life = 0;
    clearTimeout(this.nextLife);
    this.alarm.clear();
    // The machine has given these answers: they are not to be called lost.
    this.tellClients();
    const { ports } = this;
    this.ports = undefined;
    for (const port of [ports?.links, ports?.coordinator, ports?.clients, ports?.store]) port?.end();
  }

  private fail(error: unknown): void {
    this.end();
    this.site.broke(error);
  }

  private post(life: number, happening: Happening): void {
    if (life !== this.life || life === 0) return;
    // Each is made for this call: the time is put in, not copied along with the rest.
    const input = happening as Happening & { now: number };
    input.now = this.site.clock();
    this.mailbox.post(input);
  }

  private restart(afterMs: number, carry: Carry): void {
    this.end();
    this.nextLife = setTimeout(() => this.begin(carry).catch((error) => this.fail(error)), afterMs);
  }

  private carryOut(output: Output): void {
    const { ports } = this;
    if (ports === undefined) return;
    switch (output.kind) {
      case 'send':
      case 'dial':
      case 'close':
        ports.links.carryOut(output);
        break;
      case 'store-chunk':
      case 'persist':
      case 'write-base':
      case 'write-identity':
      case 'forget-shard':
      case 'read-chunk':
      case 'drop-upload':
        ports.store.carryOut(output);
        break;
      case 'open-session':
      case 'close-session':
      case 'call-coordinator':
        ports.coordinator.carryOut(output);
        break;
      case 'client-accept':
      case 'client-file':
      case 'client-data':
      case 'answer':
        // Behind the frames of this turn of the event loop, which leave at its end: for those the whole ring waits.
        if (this.forClients.push(output) === 1) queueMicrotask(this.tellClients);
        break;
      case 'wake-at':
        this.alarm.set(output.at);
        break;
      case 'tell':
        this.site.tell(output.fact);
        break;
      case 'restart':
        this.restart(output.afterMs, output.carry);
        break;
      case 'stop':
        this.end();
        this.site.stopped(output.why);
        break;
    }
  }
}
