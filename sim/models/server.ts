/**
 * One simulated server: its process (a mailbox, the core's node, the effects of its outputs) and what outlives it.
 * The counterpart of the real driver. Must never post into the mailbox from an effect: all that effects cause comes
 * back through the kernel.
 */
import type { CallId, CoordinatorReply, Key, SessionNumber, SessionState } from '../../core/coordinator-port.js';
import type { Chunk } from '../../core/file.js';
import type { Frame } from '../../core/frame.js';
import type { EntryId, Incarnation, LinkId, MemberId, RequestId, ShardId, UploadId } from '../../core/ids.js';
import type { Input } from '../../core/input.js';
import { Mailbox } from '../../core/mailbox.js';
import { node, type Step, type Stepped } from '../../core/node.js';
import type { Output } from '../../core/output.js';
import { invariant } from '../../core/refusals.js';
import type { Identity, NodeState } from '../../core/state.js';
import { NOTHING_RECOVERED } from '../../core/store-port.js';
import type { Member } from '../../core/view/view.js';
import type { KernelEvent } from '../kernel.js';
import type { ClientMessage, ClientOutput, ServerHandle } from '../world-api.js';
import { Alarm } from './alarm.js';
import type { End, Host } from './connection.js';
import type { Client } from './coordinator/coordinator.js';
import type { Caller } from './coordinator/session.js';
import type { Disk, DiskUser } from './disk.js';
import type { Run } from './run.js';

/** The protocol under test; mutants put in another. */
export interface Machine {
  readonly step: Step;
  readonly initialState: (identity: Identity) => NodeState;
}

export type ClientListener = (output: ClientOutput | undefined) => void;

/** What surrounds a server. */
export interface Site {
  readonly disk: Disk;
  readonly coordinator: Client;
  dial(from: Server, member: Member): void;
}

/** Something that came while the process was paused. */
interface Late {
  readonly input: Input;
  /** Over which link it came. */
  readonly end: End | undefined;
}

export class Server implements ServerHandle, Host, Caller, DiskUser {
  readonly id: MemberId;
  /** Counts the starts of its process. */
  life = 0;
  process: 'running' | 'paused' | 'down' = 'down';
  state: NodeState;
  private site: Site | undefined;
  private mailbox = new Mailbox<Input>();
  private input: Input | undefined;
  private ends: End[] = [];
  private late: Late[] = [];
  private readonly listeners = new Map<RequestId, ClientListener>();
  private readonly alarm: Alarm;

  constructor(
    private readonly run: Run,
    private readonly index: number,
    private readonly machine: Machine,
    private readonly identity: Omit<Identity, 'incarnation' | 'seed'>,
  ) {
    this.id = identity.id;
    this.alarm = new Alarm(run.kernel, () => this.take({ kind: 'wake', now: run.nowMs }));
    this.state = this.fresh(0);
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
    return this.process !== 'down';
  }

  // The life of the process.

  /** The process begins its next life. */
  boot(): void {
    if (this.process !== 'down') return;
    this.life++;
    this.process = 'running';
    this.state = this.fresh(this.life);
    this.mailbox = new Mailbox<Input>();
    this.mailbox.stream.pipe(node(this.machine.step, this.state)).subscribe({
      next: (stepped) => this.carryOut(stepped),
      error: (error) => this.run.broke(this.id, error),
    });
  }

  start(): void {
    this.take({ kind: 'start', recovered: NOTHING_RECOVERED, carry: undefined, now: this.run.nowMs });
  }

  crash(): void {
    if (this.process === 'down') return;
    this.process = 'down';
    this.alarm.clear();
    const { ends, late } = this;
    this.ends = [];
    this.late = [];
    for (const { input, end } of late) if (input.kind === 'frame') end?.account(input.frame, false);
    for (const end of ends) end.crash();
    this.site?.disk.crash();
    this.site?.coordinator.crash();
    const listeners = [...this.listeners.values()];
    this.listeners.clear();
    for (const listener of listeners) listener(undefined);
  }

  pause(): void {
    if (this.process === 'running') this.process = 'paused';
  }

  /** Hears what it missed, in order, before anything else. */
  resume(): void {
    if (this.process !== 'paused') return;
    this.process = 'running';
    for (let i = 0; i < this.late.length && this.process === 'running'; i++) {
      const { input, end } = this.late[i] as Late;
      this.comeIn({ ...input, now: this.run.nowMs }, end);
    }
    if (this.process === 'running') this.late = [];
  }

  // What comes from the network.

  attach(end: End): void {
    this.ends.push(end);
  }

  linkUp(end: End): void {
    this.take({ kind: 'link-up', link: end.link, peer: end.peer, now: this.run.nowMs }, end);
  }

  frameCame(end: End, frame: Frame): void {
    this.take({ kind: 'frame', link: end.link, frame, now: this.run.nowMs }, end);
  }

  frameDrained(end: End): void {
    this.take({ kind: 'link-drained', link: end.link, frames: 1, now: this.run.nowMs }, end);
  }

  linkDown(end: End): void {
    this.take({ kind: 'link-down', link: end.link, now: this.run.nowMs }, end);
  }

  dialFailed(peer: MemberId): void {
    this.take({ kind: 'dial-failed', peer, now: this.run.nowMs });
  }

  // What comes from the coordinator, the disk and the clients.

  sessionChanged(session: SessionNumber, state: SessionState, owner: string): void {
    this.take({ kind: 'session', session, state, owner, now: this.run.nowMs });
  }

  coordinatorReplied(session: SessionNumber, call: CallId, reply: CoordinatorReply): void {
    this.take({ kind: 'coordinator-reply', session, call, reply, now: this.run.nowMs });
  }

  watchFired(session: SessionNumber, key: Key): void {
    this.take({ kind: 'watch-fired', session, key, now: this.run.nowMs });
  }

  persisted(shard: ShardId, upTo: EntryId): void {
    this.take({ kind: 'persisted', shard, upTo, now: this.run.nowMs });
  }

  chunkRead(upload: UploadId, index: number, chunk: Chunk | undefined): void {
    this.take({ kind: 'chunk-read', upload, index, chunk, now: this.run.nowMs });
  }

  /** @param life the one to which the client spoke. */
  clientSaid(message: ClientMessage, life: number): void {
    if (this.listening && life === this.life) {
      this.take({ ...message, now: this.run.nowMs });
    } else {
      this.word(message.request, undefined);
    }
  }

  listen(request: RequestId, listener: ClientListener): void {
    this.listeners.set(request, listener);
  }

  // One input at a time.

  private take(input: Input, end?: End): void {
    if (this.process === 'running') this.comeIn(input, end);
    else if (this.process === 'paused') this.late.push({ input, end });
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
    for (let i = 0; i < outputs.length && this.process !== 'down'; i++) this.effect(outputs[i] as Output);
  }

  private effect(output: Output): void {
    switch (output.kind) {
      case 'send':
        this.end(output.link)?.send(output.frame);
        break;
      case 'wake-at':
        this.alarm.set((output.at - this.run.birthMs) * 1000);
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
        this.site?.disk.store(output.chunk);
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
      case 'client-accept':
      case 'client-file':
      case 'client-data':
      case 'answer':
        this.word(output.request, output);
        break;
      case 'open-session':
      case 'close-session':
      case 'call-coordinator':
        this.site?.coordinator.carryOut(output);
        break;
      case 'write-base':
      case 'write-identity':
      case 'forget-shard':
      case 'restart':
      case 'stop':
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

  private word(request: RequestId, output: ClientOutput | undefined): void {
    const listener = this.listeners.get(request);
    if (listener === undefined) return;
    if (output === undefined || output.kind === 'answer') this.listeners.delete(request);
    listener(output);
  }

  private fresh(life: number): NodeState {
    const seed = this.run.seedFor(`server ${this.id} ${life}`);
    return this.machine.initialState({ ...this.identity, seed });
  }
}

/** A client's message on its way: no delay, but never inside another event. */
export class ClientWords implements KernelEvent {
  private readonly life: number;

  constructor(
    private readonly server: Server,
    private readonly message: ClientMessage,
  ) {
    this.life = server.life;
  }

  run(): void {
    this.server.clientSaid(this.message, this.life);
  }
}
