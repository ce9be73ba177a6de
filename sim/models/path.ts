/**
 * What one server sends to another goes this way: its delays, its rate and its present faults. One per pair and
 * direction, shared by all connections between the two.
 * Knows no frames. Must never decide what a fault does to a connection: that is connection.ts.
 */
import type { MemberId } from '../../core/ids.js';
import { drawUs } from '../random.js';
import type { NetworkSettings, Span } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';

/** Stops before a held path and goes on when it is released. */
export interface Waiting {
  resume(): void;
}

/** One direction of a living connection that goes this way. */
export interface Traveller extends Waiting {
  silenceEnded(): void;
  /** The connection breaks, both ways. */
  reset(): void;
}

const NOBODY: readonly Traveller[] = [];

export class Path {
  private lost = false;
  private waits = false;
  private delay: Span;
  private bytesPerSecond: number | undefined;
  /** Oldest first. Most of the many pairs of a large cluster have none: they share the empty list. */
  private travellers = NOBODY;
  private waiting: readonly Waiting[] = NOBODY;
  private delayStream: RandomStream | undefined;
  private lossStream: RandomStream | undefined;

  constructor(
    readonly from: MemberId,
    readonly to: MemberId,
    private readonly settings: NetworkSettings,
    private readonly random: (name: string) => RandomStream,
  ) {
    this.delay = settings.delay;
    this.bytesPerSecond = settings.bytesPerSecond;
  }

  /** What is sent vanishes, and nobody is told. */
  get silenced(): boolean {
    return this.lost;
  }

  /** What was sent waits. */
  get held(): boolean {
    return this.waits;
  }

  /** A fault has set a delay of its own. */
  get delayIsFault(): boolean {
    return this.delay !== this.settings.delay;
  }

  drawDelayUs(): number {
    this.delayStream ??= this.random(`delay ${this.from}>${this.to}`);
    return drawUs(this.delayStream, this.delay);
  }

  /** How many of so many frames on their way a break lets through. */
  drawSurvivors(count: number): number {
    this.lossStream ??= this.random(`loss ${this.from}>${this.to}`);
    return this.lossStream.int(0, count);
  }

  /** How long the sender's transmitter is busy with so many bytes, whole µs; 0 without a rate. */
  transmissionUs(bytes: number): number {
    return this.bytesPerSecond === undefined ? 0 : Math.ceil((bytes * 1e6) / this.bytesPerSecond);
  }

  /** Undefined: as the scenario's network says. What is on its way keeps its time. */
  setDelay(delay: Span | undefined): void {
    this.delay = delay === undefined ? this.settings.delay : { ...delay };
  }

  setRate(bytesPerSecond: number | undefined): void {
    this.bytesPerSecond = bytesPerSecond ?? this.settings.bytesPerSecond;
  }

  silence(on: boolean): void {
    const ends = this.lost && !on;
    this.lost = on;
    if (ends) for (const traveller of this.travellers) traveller.silenceEnded();
  }

  hold(on: boolean): void {
    this.waits = on;
    if (on) return;
    const waiting = [...this.travellers, ...this.waiting];
    this.waiting = NOBODY;
    for (const one of waiting) one.resume();
  }

  heal(): void {
    this.setDelay(undefined);
    this.setRate(undefined);
    this.silence(false);
    this.hold(false);
  }

  reset(): void {
    for (const traveller of this.travellers) traveller.reset();
  }

  waitForRelease(waiting: Waiting): void {
    this.waiting = [...this.waiting, waiting];
  }

  enter(traveller: Traveller): void {
    this.travellers = [...this.travellers, traveller];
  }

  leave(traveller: Traveller): void {
    this.travellers = this.travellers.filter((other) => other !== traveller);
  }
}
