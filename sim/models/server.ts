/**
 * One simulated server: its process (a mailbox, the core's node, the effects of its outputs) and what outlives it.
 * The counterpart of the real driver. Must never post into the mailbox from an effect: all that effects cause comes
 * back through the kernel.
 */
import type { CallId, CoordinatorReply, Key, SessionNumber, SessionState } from '../../core/coordinator-port.js';
import type { Chunk } from '../../core/file.js';
import type { Frame } from '../../core/frame.js';
import type { EntryId, Incarnation, LinkId, MemberId, ShardId, UploadId } from '../../core/ids.js';
import type { Input } from '../../core/input.js';
import { Mailbox } from '../../core/mailbox.js';
import { node, type Step, type Stepped } from '../../core/node.js';
import type { Output } from '../../core/output.js';
import { invariant } from '../../core/refusals.js';
import type { Identity, NodeState } from '../../core/state.js';
import { type Carry, NOTHING_RECOVERED } from '../../core/store-port.js';
import type { Member } from '../../core/view/view.js';
import type { KernelEvent } from '../kernel.js';
import type { ClientMessage, ServerHandle } from '../world-api.js';
import { Alarm } from './alarm.js';
import { Clock } from './clock.js';
import type { End, Host } from './connection.js';
import { Conversations, type Hearer } from './conversations.js';
import type { Client } from './coordinator/coordinator.js';
import type { Caller } from './coordinator/session.js';
import type { Disk, DiskUser } from './disk/disk.js';
import type { Run } from './run.js';

/** The protocol under test; mutants put in another. */
export interface Machine {
  readonly step: Step;
  readonly initialState: (identity: Identity) => NodeState;
}

/** What surrounds a server. */
export interface Site {
  readonly disk: Disk;
  readonly coordinator: Client;
  dial(from: Server, member: Member): void;
  lifeEnded(server: Server): void;
}

/** Something that came while the process was paused. */
interface Late {
  readonly input: Input;
  /** Over which link it came. */
  readonly end: End | undefined;
}

export class Server implements ServerHandle, Host, Caller, DiskUser, Hearer {
  readonly id: MemberId;
  /** Lives that were begun. The protocol's own number of the present one is `incarnation`. */
  life = 0;
  process: 'running' | 'paused' | 'down' = 'down';
  state: NodeState;
  readonly clock: Clock;
  readonly conversations = new Conversations();
  private site: Site | undefined;
  private mailbox = new Mailbox<Input>();
  private input: Input | undefined;
  private ends: End[] = [];
  private late: Late[] = [];
  private readonly alarm: Alarm;
  /** Not between two lives of a process either. */
  private isAlive = false;
  private nextLife: NextLife | undefined;

  constructor(
    private readonly run: Run,
    private readonly index: number,
    private readonly machine: Machine,
    private readonly identity: Omit<Identity, 'incarnation' | 'seed'>,
  ) {
    this.id = identity.id;
    this.clock = new Clock(run);
    this.alarm = new Alarm(run.kernel, this.clock, () => this.take({ kind: 'wake', now: this.clock.nowMs }));
    this.state = this.fresh();
  }

  settle(site: Site): void {
    this.site = site;
  }

  /** The number that the coordinator gave to this life; 0 before. */
  get incarnation(): Incarnation {
    return this.state.incarnation;
  }

  get running(): boolean {
    return this.process === 'running';
  }

  get listening(): boolean {
    return this.isAlive;
  }

  // The life of the process.

  /** The process is there, and begins a life. */
  boot(): void {
    if (this.process !== 'down') return;
    this.process = 'running';
    this.clock.boot();
    this.begin();
  }

  /** The first input of a life. */
  start(carry?: Carry): void {
    const recovered = this.site?.disk.recover() ?? NOTHING_RECOVERED;
    this.take({ kind: 'start', recovered, carry, now: this.clock.nowMs });
  }

  /** @param power the machine dies, too. */
  crash(power = false): void {
    const wasThere = this.process !== 'down';
    this.process = 'down';
    this.nextLife = undefined;
    if (this.isAlive) this.endLife((link) => link.crash());
    if (power) this.site?.disk.losePower();
    else if (wasThere) this.site?.disk.crash();
    if (wasThere) this.conversations.endAll();
  }

  pause(): void {
    if (this.process === 'running') this.process = 'paused';
  }

  /** Hears what it missed, in order, before anything else. */
  resume(): void {
    if (this.process !== 'paused') return;
    this.process = 'running';
    const { late, life } = this;
    this.late = [];
    for (const { input, end } of late) {
      if (this.isAlive && this.life === life) this.comeIn({ ...input, now: this.clock.nowMs }, end);
      else if (input.kind === 'frame') end?.account(input.frame, false);
    }
    if (this.nextLife?.isDue === true) this.beginNext(this.nextLife);
  }

  beginNext(next: NextLife): void {
    if (this.nextLife !== next) return;
    next.isDue = true;
    if (this.process !== 'running') return;
    this.nextLife = undefined;
    this.begin();
    this.start(next.carry);
  }

  private begin(): void {
    this.life++;
    this.isAlive = true;
    this.state = this.fresh();
    this.mailbox = new Mailbox<Input>();
    this.mailbox.stream.pipe(node(this.machine.step, this.state)).subscribe({
      next: (stepped) => this.carryOut(stepped),
      error: (error) => this.run.broke(this.id, error),
    });
  }

  /** The life is over; what becomes of the disk and the clients is up to the caller. */
  private endLife(cut: (link: End) => void): void {
    this.isAlive = false;
    this.alarm.clear();
    const { ends, late } = this;
    this.ends = [];
    this.late = [];
    for (const { input, end } of late) if (input.kind === 'frame') end?.account(input.frame, false);
    for (const end of ends) cut(end);
    this.site?.lifeEnded(this);
  }

  /** By its own wish: the process stays, and what it keeps in memory. */
  private restart(afterMs: number, carry: Carry): void {
    const { kernel } = this.run;
    this.endLife((link) => link.close());
    this.site?.disk.endLife();
    this.nextLife = new NextLife(this, carry);
    kernel.schedule(kernel.nowUs + Math.max(0, Math.round(afterMs * 1000)), this.nextLife);
    this.conversations.endAll();
  }

  /** By its own wish: the process ends. */
  private stop(): void {
    this.process = 'down';
    this.endLife((link) => link.close());
    this.site?.disk.crash();
    this.conversations.endAll();
  }

  /** An operator lets it leave in good order. */
  leave(): void {
    this.take({ kind: 'leave', now: this.clock.nowMs });
  }

  // What comes from the network.

  attach(end: End): void {
    this.ends.push(end);
  }

  linkUp(end: End): void {
    this.take({ kind: 'link-up', link: end.link, peer: end.peer, now: this.clock.nowMs }, end);
  }

  frameCame(end: End, frame: Frame): void {
    this.take({ kind: 'frame', link: end.link, frame, now: this.clock.nowMs }, end);
  }

  frameDrained(end: End): void {
    this.take({ kind: 'link-drained', link: end.link, frames: 1, now: this.clock.nowMs }, end);
  }

  linkDown(end: End): void {
    this.take({ kind: 'link-down', link: end.link, now: this.clock.nowMs }, end);
  }

  dialFailed(peer: MemberId): void {
    this.take({ kind: 'dial-failed', peer, now: this.clock.nowMs });
  }

  // What comes from the coordinator, the disk and the clients.

  sessionChanged(session: SessionNumber, state: SessionState, owner: string): void {
    this.take({ kind: 'session', session, state, owner, now: this.clock.nowMs });
  }

  coordinatorReplied(session: SessionNumber, call: CallId, reply: CoordinatorReply): void {
    this.take({ kind: 'coordinator-reply', session, call, reply, now: this.clock.nowMs });
  }

  watchFired(session: SessionNumber, key: Key): void {
    this.take({ kind: 'watch-fired', session, key, now: this.clock.nowMs });
  }

  persisted(shard: ShardId, upTo: EntryId): void {
    this.take({ kind: 'persisted', shard, upTo, now: this.clock.nowMs });
  }

  identityPersisted(): void {
    this.take({ kind: 'identity-persisted', now: this.clock.nowMs });
  }

  chunkRead(upload: UploadId, index: number, chunk: Chunk | undefined): void {
    this.take({ kind: 'chunk-read', upload, index, chunk, now: this.clock.nowMs });
  }

  storeBroken(why: string): void {
    this.take({ kind: 'store-broken', why, now: this.clock.nowMs });
  }

  chunkUnwritten(upload: UploadId, index: number): void {
    this.take({ kind: 'chunk-unwritten', upload, index, now: this.clock.nowMs });
  }

  storeSpace(full: boolean): void {
    this.take({ kind: 'store-space', full, now: this.clock.nowMs });
  }

  /** @param life to which the client spoke. */
  clientSaid(message: ClientMessage, life: number): void {
    if (this.isAlive && life === this.life) {
      this.take({ ...message, now: this.clock.nowMs });
    } else {
      this.conversations.word(message.request, undefined);
    }
  }

  // One input at a time.

  private take(input: Input, end?: End): void {
    if (this.isAlive && this.process === 'running') this.comeIn(input, end);
    else if (this.isAlive) this.late.push({ input, end });
    else if (input.kind === 'frame') end?.account(input.frame, false);
  }

  private comeIn(input: Input, end: End | undefined): void {
    if (end !== undefined) {
      if (input.kind === 'link-down') {
        const known = end.state === 'up';
        this.detach(end);
        if (!known) return;
      } else if (input.kind === 'frame') {
        end.account(input.frame, end.state === 'up');
      }
      if (end.state === 'down' && input.kind !== 'link-down') return;
    }
    this.input = input;
    this.mailbox.post(input);
  }

  private detach(end: End): void {
    end.state = 'down';
    const at = this.ends.indexOf(end);
    if (at >= 0) this.ends.splice(at, 1);
  }

  private carryOut({ state, outputs }: Stepped): void {
    const { run, input } = this;
    invariant(input !== undefined, 'a step has an input');
    this.state = state;
    run.events++;
    run.hash.addInput(run.kernel.nowUs, this.index, input, outputs.length);
    for (const observer of run.observers.stepped) observer.stepped(this, input, outputs);
    for (let i = 0; i < outputs.length && this.isAlive; i++) this.effect(outputs[i] as Output);
  }

  private effect(output: Output): void {
    switch (output.kind) {
      case 'send':
        this.end(output.link)?.send(output.frame);
        break;
      case 'wake-at':
        this.alarm.set(output.at);
        break;
      case 'tell':
        for (const observer of this.run.observers.fact) observer.fact(this.id, this.incarnation, output.fact);
        break;
      case 'dial':
        this.site?.dial(this, output.member);
        break;
      case 'close':
        this.close(output.link);
        break;
      case 'store-chunk':
        this.site?.disk.store(output.shard, output.chunk);
        break;
      case 'persist':
        this.site?.disk.persist(output.shard, output.entries);
        break;
      case 'read-chunk':
        this.site?.disk.read(output.upload, output.index);
        break;
      case 'drop-upload':
        this.site?.disk.drop(output.upload);
        break;
      case 'write-base':
        this.site?.disk.writeBase(output.shard, output.base);
        break;
      case 'write-identity':
        this.site?.disk.writeIdentity(output.identity);
        break;
      case 'forget-shard':
        this.site?.disk.forgetShard(output.shard);
        break;
      case 'restart':
        this.restart(output.afterMs, output.carry);
        break;
      case 'stop':
        this.stop();
        break;
      case 'client-accept':
      case 'client-file':
      case 'client-data':
      case 'answer':
        this.conversations.word(output.request, output);
        break;
      case 'open-session':
      case 'close-session':
      case 'call-coordinator':
        this.site?.coordinator.carryOut(output);
        break;
    }
  }

  private end(link: LinkId): End | undefined {
    for (const end of this.ends) if (end.link === link) return end;
    return undefined;
  }

  private close(link: LinkId): void {
    const end = this.end(link);
    if (end === undefined) return;
    end.close();
    this.detach(end);
  }

  private fresh(): NodeState {
    const { life } = this;
    const seed = this.run.seedFor(`server ${this.id} ${life}`);
    return this.machine.initialState({ ...this.identity, seed });
  }
}

/** The next life of a process whose last one has ended by its own wish. */
class NextLife implements KernelEvent {
  /** Its time came while the process was paused. */
  isDue = false;

  constructor(
    private readonly server: Server,
    readonly carry: Carry,
  ) {}

  run(): void {
    this.server.beginNext(this);
  }
}
