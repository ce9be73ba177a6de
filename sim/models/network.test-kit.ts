// Servers that do nothing but note what their network tells them.
import type { Frame } from '../../core/frame.js';
import type { LinkId, MemberId } from '../../core/ids.js';
import { Kernel } from '../kernel.js';
import { RandomStreams } from '../random.js';
import type { NetworkSettings } from '../scenario/scenario.js';
import type { End, Host } from './connection.js';
import { Network } from './network.js';
import { Observers } from './observers.js';

/** A data frame of `bytes` bytes on the wire with a number to know it by. */
export function data(number: number, bytes = 1000): Frame {
  const chunk = { upload: 'u', index: number, length: bytes - 64, checksum: 0, payload: undefined };
  const route = { epoch: 1, origin: 'a', lastStop: 'b' };
  return { kind: 'chunk', purpose: 'upload', shard: 0, chunk, boarding: 0, served: 0, ...route };
}

/** A control frame with a number to know it by. */
export function control(number: number): Frame {
  return { kind: 'credit', epoch: 1, count: number };
}

export function numberOf(frame: Frame): number {
  if (frame.kind === 'chunk') return frame.chunk.index;
  return frame.kind === 'credit' ? frame.count : -1;
}

export class FakeHost implements Host {
  life = 1;
  listening = true;
  readonly links = new Map<LinkId, End>();
  readonly heard: string[] = [];
  /** Numbers of the frames that came. */
  readonly frames: number[] = [];
  readonly times: number[] = [];

  constructor(
    readonly id: MemberId,
    private readonly kernel: Kernel,
  ) {}

  attach(end: End): void {
    this.links.set(end.link, end);
  }

  linkUp(end: End): void {
    this.note(`up ${end.peer ?? '?'}`);
  }

  frameCame(end: End, frame: Frame): void {
    end.account(frame, true);
    this.frames.push(numberOf(frame));
    this.note(`frame ${numberOf(frame)}`);
  }

  frameDrained(): void {
    this.note('drained');
  }

  linkDown(end: End): void {
    if (end.state === 'up') this.note('down');
    end.state = 'down';
    this.links.delete(end.link);
  }

  dialFailed(peer: MemberId): void {
    this.note(`failed ${peer}`);
  }

  /** Its only link, or its latest. */
  get link(): End {
    return [...this.links.values()].at(-1) as End;
  }

  crash(): void {
    this.listening = false;
    for (const end of this.links.values()) end.crash();
    this.links.clear();
  }

  restart(): void {
    this.listening = true;
    this.life++;
  }

  private note(what: string): void {
    this.heard.push(what);
    this.times.push(this.kernel.nowUs);
  }
}

export class Books {
  sent = 0;
  delivered = 0;
  lost = 0;

  constructor(observers: Observers) {
    observers.add({
      sent: () => this.sent++,
      delivered: () => this.delivered++,
      lost: () => this.lost++,
    });
  }
}

const FIXED: NetworkSettings = { delay: { minUs: 1000, maxUs: 1000 }, bytesPerSecond: undefined };

/** Two servers, a and b, and an unanswered address c. */
export class TestNet {
  readonly kernel = new Kernel();
  readonly observers = new Observers();
  readonly books = new Books(this.observers);
  readonly network: Network;
  readonly a = new FakeHost('a', this.kernel);
  readonly b = new FakeHost('b', this.kernel);

  constructor(settings: Partial<NetworkSettings> = {}, seed = 1) {
    const streams = new RandomStreams(seed);
    this.network = new Network(this.kernel, this.observers, { ...FIXED, ...settings }, (name) => streams.named(name));
  }

  /** a dials b. */
  dial(): void {
    this.network.dial(this.a, 'b', this.b);
  }

  /** As above, and waits until both know of it; forgets what was heard so far. */
  connect(): this {
    this.dial();
    this.runAll();
    for (const host of [this.a, this.b]) {
      host.heard.length = 0;
      host.times.length = 0;
    }
    return this;
  }

  runAll(): void {
    while (this.kernel.runNext());
  }

  /** Runs all events before or at this time, and lets it become that late. */
  runTo(us: number): void {
    this.kernel.schedule(us, { run: () => undefined });
    while (this.kernel.nextUs !== undefined && this.kernel.nextUs <= us) this.kernel.runNext();
  }

  runFor(us: number): void {
    this.runTo(this.kernel.nowUs + us);
  }
}
