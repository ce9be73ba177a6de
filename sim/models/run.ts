/**
 * What all servers of one run share: time, hash, counts, observers, and whether the run is still whole.
 * Knows no server. Must never hold anything that a run with the same seed would not have.
 */
import type { MemberId } from '../../core/ids.js';
import { hashText, TraceHash } from '../hash.js';
import { Kernel } from '../kernel.js';
import { RandomStreams } from '../random.js';
import type { RandomStream } from '../world-api.js';
import { Observers } from './observers.js';

/** The first of January 2026: virtual time 0, in milliseconds since 1970. */
const BIRTH_MS = 1_767_225_600_000;

export class Run {
  readonly kernel = new Kernel();
  readonly observers = new Observers();
  readonly hash = new TraceHash();
  readonly birthMs = BIRTH_MS;
  /** Inputs that went through step. */
  events = 0;
  /** An invariant broke: nothing more happens. */
  broken = false;
  private readonly streams: RandomStreams;

  constructor(private readonly seed: number) {
    this.streams = new RandomStreams(seed);
  }

  readonly random = (name: string): RandomStream => this.streams.named(name);

  /** A seed of its own for everybody who has a name. */
  seedFor(name: string): number {
    return hashText(`${this.seed}/${name}`);
  }

  /** What the servers' clocks show, ms since 1970. */
  get nowMs(): number {
    return this.birthMs + Math.floor(this.kernel.nowUs / 1000);
  }

  broke(server: MemberId, error: unknown): void {
    this.broken = true;
    for (const observer of this.observers.broke) observer.broke(server, error);
  }
}
