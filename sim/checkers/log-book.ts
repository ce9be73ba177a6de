/**
 * Every log as its server told of it (ordered, appended, persisted), and the one log of each shard that is committed:
 * what several checkers compare. Notes contradictions between committed logs; judges nothing else.
 */
import type { LogEntry } from '../../core/file.js';
import {
  compareEntryIds,
  type EntryId,
  type Incarnation,
  type MemberId,
  NO_ENTRY,
  type ShardId,
} from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { Observer } from '../world-api.js';

/** An entry's identity as one number. */
const keyOf = (id: EntryId): number => id.epoch * 0x1_0000_0000 + id.sequence;

export class ToldLog {
  readonly entries: LogEntry[] = [];
  persisted: EntryId = NO_ENTRY;
  /** Entries of this log known to be committed. */
  committedCount = 0;
  readonly #places = new Map<number, number>();

  /** @returns false if it is there already. */
  add(entry: LogEntry): boolean {
    const key = keyOf(entry.id);
    if (this.#places.has(key)) return false;
    this.#places.set(key, this.entries.length);
    this.entries.push(entry);
    return true;
  }

  placeOf(id: EntryId): number | undefined {
    return this.#places.get(keyOf(id));
  }

  at(id: EntryId): LogEntry | undefined {
    const place = this.placeOf(id);
    return place === undefined ? undefined : this.entries[place];
  }
}

export const sameEntry = (a: LogEntry, b: LogEntry): boolean =>
  compareEntryIds(a.id, b.id) === 0 &&
  a.proposal.operation === b.proposal.operation &&
  a.outcome.result === b.outcome.result;

export class LogBook implements Observer {
  readonly #logs = new Map<MemberId, Map<Incarnation, Map<ShardId, ToldLog>>>();
  readonly #committed = new Map<ShardId, LogEntry[]>();
  readonly #byOperation = new Map<string, LogEntry>();
  readonly #contradictions: string[] = [];
  /** What the fact just heard committed for the first time. */
  newlyCommitted: readonly LogEntry[] = [];

  log(server: MemberId, incarnation: Incarnation, shard: ShardId): ToldLog | undefined {
    return this.#logs.get(server)?.get(incarnation)?.get(shard);
  }

  committed(shard: ShardId): readonly LogEntry[] {
    return this.#committed.get(shard) ?? [];
  }

  /** The first committed entry of an operation. */
  committedEntry(operation: string): LogEntry | undefined {
    return this.#byOperation.get(operation);
  }

  /** Places where two servers committed different entries. */
  get contradictions(): readonly string[] {
    return this.#contradictions;
  }

  fact(server: MemberId, incarnation: Incarnation, fact: Fact): void {
    switch (fact.fact) {
      case 'ordered':
      case 'appended':
        this.#open(server, incarnation, fact.shard).add(fact.entry);
        return;
      case 'persisted': {
        const log = this.#open(server, incarnation, fact.shard);
        if (compareEntryIds(fact.upTo, log.persisted) > 0) log.persisted = fact.upTo;
        return;
      }
      case 'committed':
        this.newlyCommitted = this.#commit(server, this.#open(server, incarnation, fact.shard), fact.shard, fact.upTo);
    }
  }

  #commit(server: MemberId, log: ToldLog, shard: ShardId, upTo: EntryId): readonly LogEntry[] {
    let committed = this.#committed.get(shard);
    if (committed === undefined) {
      committed = [];
      this.#committed.set(shard, committed);
    }
    const fresh: LogEntry[] = [];
    for (; log.committedCount < log.entries.length; log.committedCount++) {
      const entry = log.entries[log.committedCount] as LogEntry;
      if (compareEntryIds(entry.id, upTo) > 0) break;
      const known = committed[log.committedCount];
      if (known === undefined) {
        committed.push(entry);
        fresh.push(entry);
        const { operation } = entry.proposal;
        if (!this.#byOperation.has(operation)) this.#byOperation.set(operation, entry);
      } else if (!sameEntry(known, entry)) {
        this.#contradictions.push(
          `${server} committed ${entryText(entry)} in shard ${shard} where another committed ${entryText(known)}`,
        );
      }
    }
    return fresh;
  }

  #open(server: MemberId, incarnation: Incarnation, shard: ShardId): ToldLog {
    const lives = getOrMake(this.#logs, server, () => new Map<Incarnation, Map<ShardId, ToldLog>>());
    const shards = getOrMake(lives, incarnation, () => new Map<ShardId, ToldLog>());
    return getOrMake(shards, shard, () => new ToldLog());
  }
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** For people: identity, change and path. */
export function entryText({ id, proposal, outcome }: LogEntry): string {
  const { change, path, operation } = proposal;
  return `${id.epoch}.${id.sequence} ${change.kind} ${path} → ${outcome.result} (operation ${operation})`;
}
