/**
 * The body of a put: chunks as the server accepts them, at the client's own pace, then the end; or going away midway.
 * Knows its conversation only.
 */
import type { ClientAction } from '../scenario/scenario.js';
import { contentChunk, type PutContent } from './content.js';
import type { Conversation } from './conversation.js';
import type { OperationRecord } from './operation.js';

type PutAction = Extract<ClientAction, { kind: 'put' }>;

/** Microseconds that so many bytes take; at least one, so that time goes on. */
export function transferUs(bytes: number, bytesPerSecond: number): number {
  return Math.max(1, Math.ceil((bytes * 1_000_000) / bytesPerSecond));
}

export class Sender {
  endSent = false;
  /** Waits for its own slowness, not for the server. */
  pacing = false;
  readonly #content: PutContent;
  readonly #count: number;
  #window = 0;
  #next = 0;
  #sentBytes = 0;
  #scheduled = false;

  constructor(
    private readonly conversation: Conversation,
    private readonly action: PutAction,
    record: OperationRecord,
    private readonly chunkBytes: number,
  ) {
    if (record.content === undefined) throw new Error('a put has content');
    this.#content = record.content;
    this.#count = Math.ceil(this.#content.length / chunkBytes);
  }

  start(): void {
    if (this.#count === 0) this.#schedule();
  }

  accept(chunks: number): void {
    this.#window += chunks;
    this.#schedule();
  }

  /** Later, never inside the server's own words: they may not have been said to the end. */
  #schedule(): void {
    const isWaiting = this.#next < this.#count && this.#window === 0;
    if (this.#scheduled || this.endSent || isWaiting) return;
    const { world } = this.conversation;
    const rate = this.action.clientBytesPerSecond;
    const length = Math.min(this.chunkBytes, this.#content.length - this.#next * this.chunkBytes);
    this.pacing = rate !== undefined && length > 0;
    const delayUs = this.pacing ? transferUs(length, rate as number) : 0;
    this.#scheduled = true;
    world.at(world.nowUs + delayUs, () => {
      this.#scheduled = false;
      this.pacing = false;
      this.#send(rate === undefined ? this.#window : 1);
    });
  }

  #send(most: number): void {
    for (let sent = 0; sent < most && this.#next < this.#count; sent++) {
      if (this.#goesAway() || this.conversation.over) return;
      const chunk = { upload: '', ...contentChunk(this.#content, this.#next, this.chunkBytes) };
      this.conversation.say({ kind: 'client-chunk', request: this.conversation.request, chunk });
      this.#window -= 1;
      this.#next += 1;
      this.#sentBytes += chunk.length;
    }
    if (this.conversation.over || this.#goesAway()) return;
    if (this.#next < this.#count) {
      this.#schedule();
      return;
    }
    if (this.action.abandonAfterBytes !== undefined) {
      this.conversation.abandon();
      return;
    }
    this.endSent = true;
    const { length, sha256 } = this.#content;
    this.conversation.say({ kind: 'client-end', request: this.conversation.request, length, sha256 });
  }

  #goesAway(): boolean {
    const limit = this.action.abandonAfterBytes;
    if (limit === undefined || this.#sentBytes < limit) return false;
    if (!this.conversation.over) this.conversation.abandon();
    return true;
  }
}
