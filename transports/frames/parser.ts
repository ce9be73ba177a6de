/**
 * Bytes in, frames out, as they come: whole, in pieces, many at once. Knows lengths and checksums, nothing of the
 * protocol. A chunk's bytes are read straight into a buffer of exactly their size: `target` says where the next bytes
 * belong, so the kernel fills that buffer and they are not copied again.
 */
import { controlBytesOf, HEADER_BYTES, hasRightChecksum, payloadBytesOf, type RawFrame, rawFrame } from './header.js';
import { FRAME_LIMITS } from './limits.js';
import { Violation } from './violation.js';

export type ParserLimits = Pick<typeof FRAME_LIMITS, 'controlBytesMax' | 'chunkBytesMax' | 'scratchBytes'>;

export class FrameParser {
  private readonly scratch: Buffer;
  /** Scratch bytes [from, to) were read and not parsed yet. */
  private from = 0;
  private to = 0;
  /** Something longer that is being filled: the payload that belongs to `head`, or (head undefined) a long head. */
  private piece: Buffer | undefined;
  private pieceBytes = 0;
  private head: Buffer | undefined;
  private violation: Violation | undefined;
  private stopped = false;

  constructor(
    private readonly onFrame: (frame: RawFrame) => void,
    private readonly limits: { readonly [K in keyof ParserLimits]: number } = FRAME_LIMITS,
  ) {
    this.scratch = Buffer.allocUnsafeSlow(limits.scratchBytes);
  }

  /** Where the next bytes are to be read to. Never empty. */
  target(): Uint8Array {
    if (this.piece !== undefined) return this.piece.subarray(this.pieceBytes);
    if (this.to === 0) return this.scratch;
    // What is left of the scratch buffer may be too little for the rest of a head.
    if (this.from > 0) {
      this.scratch.copyWithin(0, this.from, this.to);
      this.to -= this.from;
      this.from = 0;
    }
    return this.scratch.subarray(this.to);
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
    this.from = 0;
    this.to = 0;
  }

  private parse(): void {
    while (!this.stopped && this.piece === undefined && this.to - this.from >= HEADER_BYTES) {
      const { scratch, from } = this;
      const controlBytes = controlBytesOf(scratch, from);
      if (!this.fit(controlBytes, payloadBytesOf(scratch, from))) return;
      const headBytes = HEADER_BYTES + controlBytes;
      if (headBytes > scratch.length) {
        this.begin(headBytes);
      } else if (this.to - from < headBytes) {
        return;
      } else {
        // A copy: the head outlives the next read, and is sent on as it is.
        const head = Buffer.allocUnsafe(headBytes);
        scratch.copy(head, 0, from, from + headBytes);
        this.from += headBytes;
        this.takeHead(head);
      }
    }
    if (this.from === this.to) {
      this.from = 0;
      this.to = 0;
    }
  }

  /** Looked at before anything is set aside for them. */
  private fit(controlBytes: number, payloadBytes: number): boolean {
    const { controlBytesMax, chunkBytesMax } = this.limits;
    if (controlBytes > controlBytesMax) {
      this.fail(new Violation('too-long', `a control part of ${controlBytes} bytes, ${controlBytesMax} at most`));
    } else if (payloadBytes > chunkBytesMax) {
      this.fail(new Violation('too-long', `a chunk of ${payloadBytes} bytes, ${chunkBytesMax} at most`));
    }
    return !this.stopped;
  }

  /** The next bytes go into a buffer of their own, what is here of them already first. */
  private begin(bytes: number): void {
    const piece = Buffer.allocUnsafeSlow(bytes);
    const here = Math.min(bytes, this.to - this.from);
    this.scratch.copy(piece, 0, this.from, this.from + here);
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
    if (!hasRightChecksum(head)) {
      this.fail(new Violation('checksum', 'a frame with a wrong checksum'));
      return;
    }
    const payloadBytes = payloadBytesOf(head);
    if (payloadBytes === 0) {
      this.onFrame(rawFrame(head, undefined));
    } else {
      this.head = head;
      this.begin(payloadBytes);
    }
  }

  private fail(violation: Violation): void {
    this.violation = violation;
    this.stop();
  }
}
