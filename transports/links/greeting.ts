/**
 * The dialling end's first words: waits for the peer's preface, agrees on a version, opens the link. One outcome, once.
 * Knows neither sockets nor HTTP.
 */
import { commonVersion, type Preface, PrefaceReader } from '../frames/preface.js';
import { Violation } from '../frames/violation.js';
import type { Attempt, Outcome } from './life.js';
import type { Carrier, Link } from './link.js';
import type { Site } from './site.js';

export class Greeting implements Attempt {
  private readonly reader = new PrefaceReader();
  private readonly timer: NodeJS.Timeout;
  /** The link is open, or will never be. */
  isOver = false;

  constructor(
    private readonly site: Site,
    private readonly carrier: Carrier,
    private readonly link: Link,
    private readonly outcome: Outcome,
  ) {
    this.timer = setTimeout(() => this.fail(), site.limits.dialMs);
  }

  /** Bytes from the peer; those behind the preface go to the link. */
  feed(bytes: Uint8Array): void {
    const read = this.reader.feed(bytes);
    if (read instanceof Violation) this.accuse(read.why);
    else if (read !== undefined) this.agree(read.preface, bytes.subarray(read.used));
  }

  private agree({ versions }: Preface, rest: Uint8Array): void {
    const version = commonVersion(this.site.versions, versions);
    if (version instanceof Violation) {
      this.accuse(version.why);
      return;
    }
    this.finish();
    this.outcome.opened();
    this.link.open(version);
    this.link.feed(rest);
  }

  /** Nobody answered, or not in time, or hung up. */
  fail(): void {
    if (this.isOver) return;
    this.abandon();
    this.outcome.failed();
  }

  abandon(): void {
    this.finish();
    this.carrier.destroy();
  }

  /** A peer that says what nobody here understands. */
  accuse(why: string): void {
    this.site.onViolation(this.carrier.where, why);
    this.fail();
  }

  private finish(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }
}
