/**
 * The network between servers: dials, connections and their faults, by the names of servers.
 * Knows paths and connections. Must never look into a frame, nor at what a server does with it.
 */
import type { LinkId, MemberId } from '../../core/ids.js';
import type { Kernel, KernelEvent } from '../kernel.js';
import type { NetworkSettings } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';
import { End, Half, type Host, type Wire } from './connection.js';
import type { Observers } from './observers.js';
import { Path, type Waiting } from './path.js';

export class Network implements Wire {
  private readonly paths = new Map<MemberId, Map<MemberId, Path>>();
  private lastLink: LinkId = 0;

  constructor(
    readonly kernel: Kernel,
    readonly observers: Observers,
    private readonly settings: NetworkSettings,
    private readonly random: (name: string) => RandomStream,
  ) {}

  /** What `from` sends to `to`. */
  path(from: MemberId, to: MemberId): Path {
    const ways = this.paths.get(from) ?? new Map<MemberId, Path>();
    if (ways.size === 0) this.paths.set(from, ways);
    const path = ways.get(to) ?? new Path(from, to, this.settings, this.random);
    ways.set(to, path);
    return path;
  }

  /** `to` undefined: nobody has this name. */
  dial(from: Host, peer: MemberId, to: Host | undefined): void {
    new Dial(this, from, peer, to).start();
  }

  connect(dialler: Host, acceptor: Host): void {
    const near = new End(++this.lastLink, dialler, acceptor.id);
    const far = new End(++this.lastLink, acceptor, undefined);
    const there = new Half(this, this.path(dialler.id, acceptor.id), near, far);
    const back = new Half(this, this.path(acceptor.id, dialler.id), far, near);
    near.join(back, there);
    far.join(there, back);
    dialler.attach(near);
    acceptor.attach(far);
    near.state = 'up';
    there.open();
    dialler.linkUp(near);
  }

  heal(): void {
    for (const ways of this.paths.values()) for (const path of ways.values()) path.heal();
  }

  /** All connections between two servers break. */
  reset(a: MemberId, b: MemberId): void {
    this.path(a, b).reset();
    this.path(b, a).reset();
  }
}

/** A dial on its way: out, and back with the answer. Lost in silence, it is never answered: the core has its timeout. */
class Dial implements KernelEvent, Waiting {
  private way: Path;
  private back = false;
  private readonly dialler: number;
  /** The life that took the dial; undefined: nobody did. */
  private acceptor: number | undefined;

  constructor(
    private readonly network: Network,
    private readonly from: Host,
    private readonly peer: MemberId,
    private readonly to: Host | undefined,
  ) {
    this.way = network.path(from.id, peer);
    this.dialler = from.life;
  }

  start(): void {
    if (!this.way.silenced) this.after(this.way.drawDelayUs());
  }

  resume(): void {
    this.after(0);
  }

  run(): void {
    if (this.way.held) this.way.waitForRelease(this);
    else if (this.back) this.answer();
    else this.turnBack();
  }

  private turnBack(): void {
    this.acceptor = this.livingAcceptor();
    this.back = true;
    this.way = this.network.path(this.peer, this.from.id);
    this.start();
  }

  private answer(): void {
    if (!this.from.listening || this.from.life !== this.dialler) return;
    const { to } = this;
    if (to === undefined || this.acceptor === undefined || this.acceptor !== this.livingAcceptor()) {
      this.from.dialFailed(this.peer);
    } else {
      this.network.connect(this.from, to);
    }
  }

  private livingAcceptor(): number | undefined {
    return this.to?.listening === true ? this.to.life : undefined;
  }

  private after(us: number): void {
    const { kernel } = this.network;
    kernel.schedule(kernel.nowUs + us, this);
  }
}
