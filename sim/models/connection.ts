/**
 * One connection like TCP: two ends, and a half for each direction. In each half things come in order; a break loses
 * a suffix of what is on its way, and the end is told after what is left of it.
 * Knows paths and who is told. Must never tell a server anything but through its host.
 */
import { type Frame, frameBytes, isData } from '../../core/frame.js';
import type { LinkId, MemberId } from '../../core/ids.js';
import type { Kernel, KernelEvent } from '../kernel.js';
import type { Observers } from './observers.js';
import type { Path, Traveller } from './path.js';
import { TimedQueue } from './timed-queue.js';

/** A server as its connections see it. What it is told while it is paused, it hears later, in order. */
export interface Host {
  readonly id: MemberId;
  /** Grows with every life. */
  readonly life: number;
  /** Its kernel takes dials: a life goes on, running or paused. */
  readonly listening: boolean;
  /** This end is its own from now on, though it hears of it with link-up only. */
  attach(end: End): void;
  linkUp(end: End): void;
  frameCame(end: End, frame: Frame): void;
  frameDrained(end: End): void;
  /** Still `opening`: it never heard of this link, and never will. */
  linkDown(end: End): void;
  dialFailed(peer: MemberId): void;
}

/** What connections share: the run they live in. */
export interface Wire {
  readonly kernel: Kernel;
  readonly observers: Observers;
}

/** In a half among the frames: the handshake is over. */
const OPEN = { mark: 'open' } as const;
/** The last thing in a half. */
const END = { mark: 'end' } as const;
type Item = Frame | typeof OPEN | typeof END;

const isFrame = (item: Item): item is Frame => item !== OPEN && item !== END;

/** One end of a connection: what a server calls a link. */
export class End {
  /** `down`: the server was told, or closed it, or is dead. */
  state: 'opening' | 'up' | 'down' = 'opening';
  private incoming: Half | undefined;
  private outgoing: Half | undefined;

  constructor(
    readonly link: LinkId,
    readonly host: Host,
    /** Known to the end that dialled. */
    readonly peer: MemberId | undefined,
  ) {}

  join(incoming: Half, outgoing: Half): void {
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  send(frame: Frame): void {
    if (this.state === 'up') this.outgoing?.send(frame);
  }

  /** By its own server, which hears no more of it; the peer gets what was sent. */
  close(): void {
    if (this.state === 'down') return;
    this.state = 'down';
    this.incoming?.drop();
    this.outgoing?.finish(false);
  }

  /** Its process died: some of what was sent dies too. */
  crash(): void {
    this.state = 'down';
    this.incoming?.drop();
    this.outgoing?.finish(true);
  }

  /** Its server has taken this frame in; or (false) was no longer there to do so. */
  account(frame: Frame, delivered: boolean): void {
    if (delivered) this.incoming?.noteDelivered(frame);
    else this.incoming?.lose(frame);
  }

  breakBothWays(): void {
    this.outgoing?.finish(true);
    this.incoming?.finish(true);
  }
}

/** Tells the sender that a data frame has left its transmitter. */
class Drained implements KernelEvent {
  constructor(private readonly sender: End) {}

  run(): void {
    if (this.sender.state === 'up') this.sender.host.frameDrained(this.sender);
  }
}

export class Half extends TimedQueue<Item> implements Traveller {
  /** When the transmitter has sent all it was given. */
  private freeAtUs = 0;
  /** Nothing more will pass. */
  private ended = false;
  /** The end itself was lost in silence. */
  private untold = false;
  /** Something was lost in silence: TCP cannot go on after that. */
  private torn = false;
  private readonly drained: Drained;
  private readonly clockwise: boolean;

  constructor(
    private readonly wire: Wire,
    private readonly path: Path,
    sender: End,
    private readonly receiver: End,
  ) {
    super(wire.kernel);
    this.drained = new Drained(sender);
    this.clockwise = sender.peer === undefined;
    path.enter(this);
  }

  send(frame: Frame): void {
    const { path, wire } = this;
    const bytes = frameBytes(frame);
    for (const observer of wire.observers.sent) observer.sent(path.from, path.to, frame, bytes, this.clockwise);
    const leavesUs = Math.max(this.freeAtUs, this.kernel.nowUs) + path.transmissionUs(bytes);
    this.freeAtUs = leavesUs;
    if (isData(frame)) this.kernel.schedule(leavesUs, this.drained);
    if (this.ended) this.lose(frame);
    else this.carry(leavesUs, frame);
  }

  /** The handshake's last word, from the end that dialled. */
  open(): void {
    this.carry(this.kernel.nowUs, OPEN);
  }

  /** Nothing more is sent; the receiver hears of it after what is on its way, or (lossy) after a part of that. */
  finish(lossy: boolean): void {
    if (this.ended) return;
    this.ended = true;
    if (lossy) this.loseAllBut(this.path.drawSurvivors(this.size));
    this.sendEnd();
  }

  /** The receiver is gone: what is on its way to it is lost, and nobody is left to be told. */
  drop(): void {
    this.ended = true;
    this.untold = false;
    this.loseAllBut(0);
    this.path.leave(this);
  }

  silenceEnded(): void {
    if (this.untold) this.sendEnd();
    else if (this.torn) this.reset();
  }

  reset(): void {
    this.receiver.breakBothWays();
  }

  protected override blockedUs(): number {
    return this.path.held ? Number.POSITIVE_INFINITY : 0;
  }

  protected override arrive(item: Item): void {
    const { receiver } = this;
    if (isFrame(item)) {
      receiver.host.frameCame(receiver, item);
    } else if (item === OPEN) {
      receiver.state = 'up';
      receiver.host.linkUp(receiver);
    } else {
      this.path.leave(this);
      receiver.host.linkDown(receiver);
    }
  }

  noteDelivered(frame: Frame): void {
    this.wire.observers.frameDelivered(this.path.from, this.path.to, frame);
  }

  lose(frame: Frame): void {
    this.wire.observers.frameLost(this.path.from, this.path.to, frame);
  }

  private carry(leavesUs: number, item: Item): void {
    if (this.path.silenced) {
      this.torn = true;
      if (isFrame(item)) this.lose(item);
    } else {
      this.push(leavesUs + this.path.drawDelayUs(), item);
    }
  }

  private sendEnd(): void {
    this.untold = this.path.silenced;
    if (!this.untold) this.push(Math.max(this.freeAtUs, this.kernel.nowUs) + this.path.drawDelayUs(), END);
  }

  private loseAllBut(survivors: number): void {
    for (const item of this.cut(survivors)) if (isFrame(item)) this.lose(item);
  }
}
