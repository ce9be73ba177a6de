/**
 * The body of one put, whatever protocol brings it: pieces of any size become chunks, sent as the core takes them, with
 * the sha256 of the whole. Knows no protocol. Holds at most one chunk and one piece that the core does not take yet.
 */
import { createHash } from 'node:crypto';
import type { Conversation } from './door.js';

export interface BodyEvents {
  /** After `write` said that there is no room: now there is. */
  room(): void;
  /** All is with the core, and this is its sha256. @returns whether it is the right one; else nothing is stored. */
  complete(sha256: string): boolean;
}

export class Body {
  private readonly hash = createHash('sha256');
  private readonly waiting: Buffer[] = [];
  private chunk: Buffer | undefined;
  private filledBytes = 0;
  private sentBytes = 0;
  private credits = 0;
  private isEnded = false;
  private lacksRoom = false;
  private isPumping = false;

  /** @param lengthBytes of the whole, if it was announced; the caller sees to it that no more and no less comes */
  constructor(
    private readonly conversation: Conversation,
    private readonly chunkBytes: number,
    private readonly lengthBytes: number | undefined,
    private readonly events: BodyEvents,
  ) {}

  /** The core takes so many more chunks. */
  accept(chunks: number): void {
    this.credits += chunks;
    // Credits may come while a chunk is being sent: the loop that sends it goes on with them.
    if (this.isPumping) return;
    this.pump();
    if (!this.lacksRoom || this.waiting.length > 0) return;
    this.lacksRoom = false;
    this.events.room();
  }

  /** @param piece given away. @returns whether there is room for more. */
  write(piece: Buffer): boolean {
    if (piece.length > 0) this.waiting.push(piece);
    this.pump();
    this.lacksRoom = this.waiting.length > 0;
    return !this.lacksRoom;
  }

  /** No more will be written. */
  end(): void {
    this.isEnded = true;
    this.pump();
  }

  private pump(): void {
    this.isPumping = true;
    const isAllTaken = this.takeAll();
    this.isPumping = false;
    if (isAllTaken && this.isEnded) this.finish();
  }

  /** @returns whether no piece waits, nor a full chunk. */
  private takeAll(): boolean {
    for (;;) {
      if (this.filledBytes > 0 && this.filledBytes === this.chunk?.length) {
        if (this.credits === 0) return false;
        this.sendFilled();
      }
      const piece = this.waiting[0];
      if (piece === undefined) return true;
      const rest = this.take(piece);
      if (rest.length > 0) this.waiting[0] = rest;
      else this.waiting.shift();
    }
  }

  /** @returns what is left of the piece when the chunk is full. */
  private take(piece: Buffer): Buffer {
    if (this.chunk === undefined) {
      const room = this.nextChunkBytes();
      // A piece that holds a whole chunk is not copied.
      if (piece.length >= room && this.credits > 0) {
        this.send(piece.length === room ? piece : piece.subarray(0, room));
        return piece.subarray(room);
      }
      this.chunk = Buffer.allocUnsafeSlow(room);
    }
    const taken = piece.copy(this.chunk, this.filledBytes);
    this.filledBytes += taken;
    return piece.subarray(taken);
  }

  private nextChunkBytes(): number {
    return this.lengthBytes === undefined
      ? this.chunkBytes
      : Math.max(1, Math.min(this.chunkBytes, this.lengthBytes - this.sentBytes));
  }

  private sendFilled(): void {
    const { chunk, filledBytes } = this;
    if (chunk === undefined) return;
    this.chunk = undefined;
    this.filledBytes = 0;
    if (filledBytes === chunk.length) {
      this.send(chunk);
      return;
    }
    // A short last chunk of unknown length must not keep the memory of a whole one.
    const short = Buffer.allocUnsafeSlow(filledBytes);
    chunk.copy(short, 0, 0, filledBytes);
    this.send(short);
  }

  private send(chunk: Buffer): void {
    this.credits--;
    this.sentBytes += chunk.length;
    this.hash.update(chunk);
    this.conversation.send(chunk);
  }

  private finish(): void {
    if (this.chunk !== undefined && this.credits === 0) return;
    // Credits that come while the last chunk is sent must not finish it a second time.
    this.isEnded = false;
    this.sendFilled();
    const sha256 = this.hash.digest('hex');
    if (this.events.complete(sha256)) this.conversation.finish(sha256);
    else this.conversation.leave();
  }
}
