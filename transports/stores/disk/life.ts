/**
 * One life's port to the disk: what is asked for becomes records of the log, and what becomes of them becomes inputs.
 * What one turn of the event loop asks for is written together.
 */
import type { Chunk } from '../../../core/file.js';
import type { ShardId } from '../../../core/ids.js';
import type { Post, StoreInput, StoreOutput, StorePort } from '../../../core/ports.js';
import type { RefusedChunks } from '../../../core/refused-chunks.js';
import type { Recovered, StoreIdentity } from '../../../core/store-port.js';
import type { Durability } from '../../../core/view/view.js';
import { Answers } from '../answers.js';
import { checked } from '../checked.js';
import { BaseWriter } from './base-writer.js';
import type { ChunkReads } from './chunk-reads.js';
import { chunkDraft, dropDraft, entryDraft, forgetDraft, identityDraft } from './drafts.js';
import type { Index } from './index.js';
import type { DiskLimits } from './limits.js';
import type { Log } from './log.js';
import type { Draft } from './record.js';

export interface LifeParts {
  readonly log: Log;
  readonly index: Index;
  readonly reads: ChunkReads;
  readonly limits: DiskLimits;
  readonly durability: Durability;
  readonly refused: RefusedChunks;
  /** Whether the disk is too full for chunks. */
  readonly isFull: () => boolean;
  readonly nextLsn: () => number;
}

export class Life implements StorePort {
  private readonly answers: Answers;
  private readonly bases: BaseWriter;
  private isScheduled = false;
  private isOver = false;
  private isAsking = false;
  private isBroken = false;

  constructor(
    private readonly parts: LifeParts,
    readonly recovered: Recovered,
    private readonly post: Post<StoreInput>,
  ) {
    this.answers = new Answers((input) => this.tell(input));
    this.bases = new BaseWriter(parts.limits.basePartItems, (draft) => parts.log.append(draft));
  }

  /** Somebody waits for something to be durable. */
  get isWaiting(): boolean {
    return !this.answers.isEmpty;
  }

  carryOut(output: StoreOutput): void {
    if (this.isOver) return;
    this.isAsking = true;
    this.ask(output);
    this.isAsking = false;
    this.schedule();
  }

  private ask(output: StoreOutput): void {
    const { log, index, refused, nextLsn } = this.parts;
    switch (output.kind) {
      case 'store-chunk':
        this.storeChunk(output.shard, output.chunk);
        break;
      case 'persist': {
        let group = 0;
        for (const entry of output.entries) {
          group = log.append(entryDraft(nextLsn(), output.shard, entry, refused.isHollow(entry)));
        }
        const last = output.entries[output.entries.length - 1];
        if (last !== undefined && !this.isBroken) this.answers.persisted(output.shard, last.id, group);
        break;
      }
      case 'write-base':
        if (this.isBroken) break;
        this.bases.begin(
          ...([output.shard, output.base, nextLsn()] as const),
          this.answers.persisted(output.shard, output.base.at, undefined),
        );
        break;
      case 'write-identity':
        this.writeIdentity(output.identity);
        break;
      case 'forget-shard':
        log.append(forgetDraft(nextLsn(), output.shard));
        break;
      case 'read-chunk': {
        const { upload, index: chunkIndex } = output;
        const answer = (chunk: Chunk | undefined): void =>
          this.tell({ kind: 'chunk-read', upload, index: chunkIndex, chunk });
        this.parts.reads.ask({ upload, index: chunkIndex, after: log.latest, answer });
        break;
      }
      case 'drop-upload':
        refused.drop(output.upload);
        // Its chunks may still be on their way to the disk.
        if (log.latest > log.written || index.uploads.has(output.upload)) {
          log.append(dropDraft(nextLsn(), output.upload));
        }
        break;
    }
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    // Nobody was told that they are durable.
    this.bases.forget();
    this.answers.forget();
    this.parts.reads.forget();
    this.parts.log.flush();
  }

  // What the log and the disk tell.

  refused(draft: Draft): void {
    this.answers.unwritten(draft.text, draft.first);
    this.schedule();
  }

  space(full: boolean): void {
    this.answers.space(full);
    this.schedule();
  }

  done(group: number, synced: boolean): void {
    const { reads, log, durability } = this.parts;
    if (synced || durability !== 'fsync') this.answers.done(group);
    // A large request may have been written at once; it is answered later, as all are.
    if (this.isAsking) return;
    this.answers.release();
    reads.go(log.written);
  }

  broken(why: string): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.answers.forget();
    this.bases.forget();
    this.tell({ kind: 'store-broken', why });
  }

  private storeChunk(shard: ShardId, chunk: Chunk): void {
    const { log, limits, refused, isFull, nextLsn } = this.parts;
    const canTake = !this.isBroken && !isFull() && log.waitingBytes < limits.waitingBytesMax;
    const sound = canTake ? checked(chunk) : undefined;
    const { upload, index } = chunk;
    if (sound === undefined) {
      refused.refuse(upload, index);
      this.answers.unwritten(upload, index);
    } else {
      refused.take(upload, index);
      log.append(chunkDraft(nextLsn(), shard, sound));
    }
  }

  private writeIdentity(identity: StoreIdentity): void {
    const { log, nextLsn } = this.parts;
    const group = log.append(identityDraft(nextLsn(), identity));
    if (!this.isBroken) this.answers.identityPersisted(group);
  }

  private tell(input: StoreInput): void {
    if (!this.isOver) this.post(input);
  }

  private schedule(): void {
    if (this.isScheduled || this.isOver) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      if (!this.isOver) this.turn();
    });
  }

  /** Behind all that one turn of the event loop has asked for. */
  private turn(): void {
    const { log, reads } = this.parts;
    this.bases.work();
    log.flush();
    this.answers.release();
    reads.go(log.written);
    if (!this.bases.isIdle) this.schedule();
  }
}
