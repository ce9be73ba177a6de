/**
 * Bytes in, frames out, as they come: whole, in pieces, many at once. Knows lengths and checksums, nothing of the
 * protocol. `target` says where the next bytes belong, so the kernel puts a chunk's bytes where they stay: into a slab
 * just large enough for one such frame, of which the payload is then a view; or into a buffer of their own.
 */
import { controlBytesOf, HEADER_BYTES, hasRightChecksum, payloadBytesOf, type RawFrame, rawFrame } from './header.js';
import { FRAME_LIMITS } from './limits.js';
import { Violation } from './violation.js';

/** A view keeps its whole slab alive: it has to be so much of it. */
const VIEW_SHARE_MIN = 7 / 8;

type ParserLimit = 'controlBytesMax' | 'chunkBytesMax' | 'scratchBytes' | 'slabRoomBytes';
export type ParserLimits = { readonly [L in ParserLimit]: number };

export class FrameParser {
  /** Bytes [from, to) were read and not parsed yet. */
  private slab: Buffer;
  private from = 0;
  private to = 0;
  /** Somebody holds a view of the slab: what is read next goes into another. */
  private isShared = false;
  private nextSlabBytes: number;
  /** The frame at `from` has a sound head, and its payload will be a view: so many bytes are needed. 0: no such frame. */
  private awaitedBytes = 0;
  /** Has a buffer of its own that is being filled: the payload that belongs to `head`, or (head undefined) a long head. */
  private piece: Buffer | undefined;
  private pieceBytes = 0;
  private head: Buffer | undefined;
  private violation: Violation | undefined;
  private stopped = false;

  constructor(
    private readonly onFrame: (frame: RawFrame) => void,
    private readonly limits: ParserLimits = FRAME_LIMITS,
  ) {
    this.slab = Buffer.allocUnsafeSlow(limits.scratchBytes);
    this.nextSlabBytes = limits.scratchBytes;
  }

  /** Where the next bytes are to be read to. Never empty. */
  target(): Uint8Array {
    if (this.piece !== undefined) return this.piece.subarray(this.pieceBytes);
    if (this.awaitedBytes === 0) this.makeRoom();
    return this.to === 0 ? this.slab : this.slab.subarray(this.to);
  }

  /** So many bytes were read to the target. Frames are handed over before this returns. */
  filled(bytes: number): Violation | undefined {
    if (this.stopped) return this.violation;
    if (this.piece === undefined) {
      this.to += bytes;
    } else {
      this.pieceBytes += bytes;
      if (this.pieceBytes === this.piece.length) this.takePiece(this.piece);
    }
    this.parse();
    return this.violation;
  }

  /** Bytes that were read elsewhere; they may be used again afterwards. */
  feed(bytes: Uint8Array): Violation | undefined {
    for (let at = 0; at < bytes.length && !this.stopped; ) {
      const target = this.target();
      const length = Math.min(target.length, bytes.length - at);
      target.set(bytes.subarray(at, at + length));
      at += length;
      this.filled(length);
    }
    return this.violation;
  }

  /** The connection has ended: was that between two frames? */
  end(): Violation | undefined {
    if (this.stopped || (this.piece === undefined && this.from === this.to)) return this.violation;
    return new Violation('truncated', 'the connection ended inside a frame');
  }

  /** Hands over nothing more, whatever comes. */
  stop(): void {
    this.stopped = true;
    this.piece = undefined;
    this.awaitedBytes = 0;
    this.from = 0;
    this.to = 0;
  }

  private parse(): void {
    while (!this.stopped && this.piece === undefined && this.to - this.from >= HEADER_BYTES) {
      if (this.awaitedBytes > 0 ? !this.takeAwaited() : !this.takeNext()) break;
    }
    if (this.from === this.to) {
      this.from = 0;
      this.to = 0;
    }
  }

  /** False: more bytes are needed. */
  private takeNext(): boolean {
    const { slab, from, to } = this;
    const controlBytes = controlBytesOf(slab, from);
    const payloadBytes = payloadBytesOf(slab, from);
    if (!this.areWithinLimits(controlBytes, payloadBytes)) return false;
    const headBytes = HEADER_BYTES + controlBytes;
    if (headBytes > slab.length) {
      this.begin(headBytes);
      return true;
    }
    if (to - from < headBytes) return false;
    if (this.isWorthAView(headBytes, payloadBytes)) return this.awaitView(headBytes, payloadBytes);
    const frameBytes = headBytes + payloadBytes;
    if (to - from >= frameBytes && payloadBytes >= frameBytes * VIEW_SHARE_MIN) {
      this.takeWhole(headBytes, frameBytes);
      return true;
    }
    // A copy: the head outlives the next read, and is sent on as it is.
    const head = Buffer.allocUnsafe(headBytes);
    slab.copy(head, 0, from, from + headBytes);
    this.from += headBytes;
    this.takeHead(head);
    return true;
  }

  /** Small, and here already: in one piece it is allocated once, and goes on with one write. */
  private takeWhole(headBytes: number, frameBytes: number): void {
    const { slab, from } = this;
    const bytes = Buffer.allocUnsafeSlow(frameBytes);
    slab.copy(bytes, 0, from, from + frameBytes);
    this.from += frameBytes;
    const head = bytes.subarray(0, headBytes);
    if (this.isSound(head)) this.onFrame(rawFrame(head, bytes.subarray(headBytes)));
  }

  private isWorthAView(headBytes: number, payloadBytes: number): boolean {
    const { nextSlabBytes } = this;
    return payloadBytes >= nextSlabBytes * VIEW_SHARE_MIN && headBytes + payloadBytes <= nextSlabBytes;
  }

  /** False: what is left of this slab is too little for it; the next one has room (see target). */
  private awaitView(headBytes: number, payloadBytes: number): boolean {
    const { slab, from } = this;
    if (from + headBytes + payloadBytes > slab.length) return false;
    if (this.isSound(slab.subarray(from, from + headBytes))) this.awaitedBytes = headBytes + payloadBytes;
    return true;
  }

  private takeAwaited(): boolean {
    const { slab, from, awaitedBytes } = this;
    if (this.to - from < awaitedBytes) return false;
    this.awaitedBytes = 0;
    this.from += awaitedBytes;
    this.isShared = true;
    const headBytes = HEADER_BYTES + controlBytesOf(slab, from);
    const head = slab.subarray(from, from + headBytes);
    this.onFrame(rawFrame(head, slab.subarray(from + headBytes, from + awaitedBytes)));
    return true;
  }

  /** Looked at before anything is set aside for them. */
  private areWithinLimits(controlBytes: number, payloadBytes: number): boolean {
    const { controlBytesMax, chunkBytesMax } = this.limits;
    if (controlBytes > controlBytesMax) {
      this.fail(new Violation('too-long', `a control part of ${controlBytes} bytes, ${controlBytesMax} at most`));
    } else if (payloadBytes > chunkBytesMax) {
      this.fail(new Violation('too-long', `a chunk of ${payloadBytes} bytes, ${chunkBytesMax} at most`));
    }
    return !this.stopped;
  }

  private isSound(head: Buffer): boolean {
    if (!hasRightChecksum(head)) this.fail(new Violation('checksum', 'a frame with a wrong checksum'));
    return !this.stopped;
  }

  /** The next bytes go into a buffer of their own, what is here of them already first. */
  private begin(bytes: number): void {
    const piece = Buffer.allocUnsafeSlow(bytes);
    const here = Math.min(bytes, this.to - this.from);
    this.slab.copy(piece, 0, this.from, this.from + here);
    this.from += here;
    this.piece = piece;
    this.pieceBytes = here;
    if (here === bytes) this.takePiece(piece);
  }

  private takePiece(piece: Buffer): void {
    const { head } = this;
    this.piece = undefined;
    this.head = undefined;
    if (head === undefined) this.takeHead(piece);
    else this.onFrame(rawFrame(head, piece));
  }

  private takeHead(head: Buffer): void {
    if (!this.isSound(head)) return;
    const payloadBytes = payloadBytesOf(head);
    if (payloadBytes === 0) {
      this.onFrame(rawFrame(head, undefined));
    } else {
      this.head = head;
      this.nextSlabBytes = Math.max(this.nextSlabBytes, payloadBytes + this.limits.slabRoomBytes);
      this.begin(payloadBytes);
    }
  }

  /** For the rest of the frame at `from`. */
  private makeRoom(): void {
    if (this.isShared || this.nextSlabBytes > this.slab.length) this.changeSlab();
    else if (this.from > 0) this.move(this.slab);
  }

  /** What was read and not parsed goes along. */
  private changeSlab(): void {
    const slab = Buffer.allocUnsafeSlow(this.nextSlabBytes);
    this.move(slab);
    this.slab = slab;
    this.isShared = false;
  }

  private move(slab: Buffer): void {
    this.slab.copy(slab, 0, this.from, this.to);
    this.to -= this.from;
    this.from = 0;
  }

  private fail(violation: Violation): void {
    this.violation = violation;
    this.stop();
  }
}
