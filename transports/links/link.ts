/**
 * One link: frames out to a stream, bytes in from it. Whatever ends it, its life is told at most once, and not at all if
 * it closed the link itself. Knows streams and frames; neither sockets nor HTTP, nor what a frame says.
 */
import { type Frame, isData } from '../../core/frame.js';
import type { LinkId, MemberId } from '../../core/ids.js';
import type { LinkInput } from '../../core/ports.js';
import { decodeFrame, encodeFrame } from '../frames/codec.js';
import type { RawFrame } from '../frames/header.js';
import { FrameParser } from '../frames/parser.js';
import { Violation } from '../frames/violation.js';
import { Outbox, type Outgoing } from './outbox.js';
import type { Site } from './site.js';

let lastLink: LinkId = 0;

/** The life that a link belongs to. */
export interface Owner {
  tell(input: LinkInput): void;
  /** This link is up: it takes outputs from now on. */
  attach(link: Link): void;
  /** It is no more. */
  detach(link: Link): void;
}

/** What a link lies on. */
export interface Carrier {
  readonly out: Outgoing;
  /** Ends it at once, whatever is under way; may be called again. */
  destroy(): void;
  /** For messages to people. */
  readonly where: string;
}

export class Link {
  readonly id: LinkId = ++lastLink;
  /** `closed`: by its own life; what was sent is still on its way. */
  private state: 'opening' | 'up' | 'closed' | 'down' = 'opening';
  private version = 0;
  private readonly parser = new FrameParser((raw) => this.arrived(raw));
  private readonly outbox: Outbox;
  private linger: NodeJS.Timeout | undefined;

  constructor(
    private readonly site: Site,
    private readonly owner: Owner,
    private readonly carrier: Carrier,
    /** Known to the end that dialled. */
    private readonly peer: MemberId | undefined,
  ) {
    this.outbox = new Outbox(carrier.out, {
      gatherBytes: site.limits.gatherBytes,
      onSent: (bytes) => {
        site.traffic.sentBytes += bytes;
      },
      onTaken: (frames) => {
        if (this.state === 'up') owner.tell({ kind: 'link-drained', link: this.id, frames });
      },
    });
  }

  /** Both prefaces were exchanged. */
  open(version: number): void {
    if (this.state !== 'opening') return;
    this.state = 'up';
    this.version = version;
    this.owner.attach(this);
    this.owner.tell({ kind: 'link-up', link: this.id, peer: this.peer });
  }

  send(frame: Frame): void {
    if (this.state !== 'up') return;
    const { head, payload } = encodeFrame(frame, this.version);
    this.outbox.add(head, payload === undefined && isData(frame));
    if (payload !== undefined) this.outbox.add(payload, isData(frame));
    const { sendBufferBytesMax } = this.site.limits;
    if (this.outbox.bytes > sendBufferBytesMax)
      this.break(`it does not take what it is sent (${this.outbox.bytes} bytes)`);
  }

  /** By its own life, which hears no more of it; the peer gets what was sent, if it takes it soon. */
  close(): void {
    if (this.state === 'closed' || this.state === 'down') return;
    const wasUp = this.state === 'up';
    this.state = 'closed';
    this.parser.stop();
    this.owner.detach(this);
    if (wasUp) {
      this.outbox.finish();
      this.linger = setTimeout(() => this.carrier.destroy(), this.site.limits.lingerMs);
    } else {
      this.carrier.destroy();
    }
  }

  // What comes in. After it is closed, the rest is read and thrown away, so that the peer can finish.

  /** Where the next bytes are to be read to. */
  target(): Uint8Array {
    return this.parser.target();
  }

  /** So many bytes were read there. */
  filled(bytes: number): void {
    this.site.traffic.receivedBytes += bytes;
    this.judge(this.parser.filled(bytes));
  }

  /** Bytes that were read elsewhere. */
  feed(bytes: Uint8Array): void {
    this.site.traffic.receivedBytes += bytes.length;
    this.judge(this.parser.feed(bytes));
  }

  /** Nothing more will come: the peer has closed its end, or the connection is broken. May be said again. */
  ended(): void {
    clearTimeout(this.linger);
    this.down();
  }

  /** A peer that breaks the rules is hung up on. */
  private break(why: string): void {
    if (this.state !== 'up') return;
    this.site.onViolation(this.peer === undefined ? this.carrier.where : `${this.peer} at ${this.carrier.where}`, why);
    this.down();
  }

  private down(): void {
    const wasUp = this.state === 'up';
    this.state = 'down';
    this.parser.stop();
    this.outbox.drop();
    this.carrier.destroy();
    if (!wasUp) return;
    this.owner.detach(this);
    this.owner.tell({ kind: 'link-down', link: this.id });
  }

  private judge(violation: Violation | undefined): void {
    if (violation !== undefined) this.break(violation.why);
  }

  private arrived(raw: RawFrame): void {
    if (this.state !== 'up') return;
    const frame = decodeFrame(raw, this.version);
    if (frame instanceof Violation) this.break(frame.why);
    else if (frame !== undefined) this.owner.tell({ kind: 'frame', link: this.id, frame });
  }
}
