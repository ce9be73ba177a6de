/**
 * What a store still owes its server: answers in the order of asking, each given when its writes are done. An entry
 * may be told durable only when all that was asked of its shard before it is.
 */
import type { EntryId, ShardId, UploadId } from '../../core/ids.js';
import type { Post, StoreInput } from '../../core/ports.js';

/** A write and those done with it have one number; it grows. */
type Group = number;

interface Written {
  /** The shard of which it says something; undefined: the identity. */
  readonly shard: ShardId | undefined;
  readonly answer: StoreInput;
  /** Undefined: not all of it is handed over yet. */
  group: Group | undefined;
}

/** For a base that is written in several parts: says when the last one is handed over. */
export type Settle = (group: Group) => void;

export class Answers {
  private owed: (Written | StoreInput)[] = [];
  /** The last group that is as durable as it has to be. */
  private doneGroup: Group = 0;

  constructor(private readonly post: Post<StoreInput>) {}

  get isEmpty(): boolean {
    return this.owed.length === 0;
  }

  persisted(shard: ShardId, upTo: EntryId, group: Group | undefined): Settle {
    const one: Written = { shard, answer: { kind: 'persisted', shard, upTo }, group };
    this.owed.push(one);
    return (settled) => {
      one.group = settled;
    };
  }

  identityPersisted(group: Group): void {
    this.owed.push({ shard: undefined, answer: { kind: 'identity-persisted' }, group });
  }

  /** Told before any `persisted` that may count on the chunk, also when it is the write itself that found no room. */
  unwritten(upload: UploadId, index: number): void {
    this.owed.push({ kind: 'chunk-unwritten', upload, index });
  }

  space(full: boolean): void {
    this.owed.push({ kind: 'store-space', full });
  }

  /** This group and all before it are as durable as they have to be. */
  done(group: Group): void {
    this.doneGroup = Math.max(this.doneGroup, group);
  }

  /** Gives all answers that may be given. */
  release(): void {
    if (this.owed.length === 0) return;
    const news: StoreInput[] = [];
    const ready: StoreInput[] = [];
    const held = new Set<ShardId | undefined>();
    this.owed = this.owed.filter((one) => {
      if ('kind' in one) {
        news.push(one);
        return false;
      }
      const { shard, answer, group } = one;
      if (group === undefined || group > this.doneGroup || held.has(shard)) {
        held.add(shard);
        return true;
      }
      ready.push(answer);
      return false;
    });
    for (const input of news) this.post(input);
    for (const input of ready) this.post(input);
  }

  /** They will never be given. */
  forget(): void {
    this.owed = [];
  }
}
