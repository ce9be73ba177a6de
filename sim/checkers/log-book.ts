/**
 * Every log as its server told of it (ordered, appended, persisted, learned), and the one log of each shard that is
 * committed: what several checkers compare. A chain that was lost and came back may lack what was committed at its end:
 * that is cut off here, for those who judge it. Notes contradictions between committed logs; judges nothing else.
 */
import type { LogEntry } from '../../core/file.js';
import {
  compareEntryIds,
  type EntryId,
  type Epoch,
  type Incarnation,
  type MemberId,
  type OperationId,
  type ShardId,
} from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { View } from '../../core/view/view.js';
import type { OperationRecord } from '../clients/operation.js';
import type { World } from '../world-api.js';
import type { Watcher } from './checker.js';
import { isRevived, lastId, livingMember, shardState } from './living.js';
import { ToldLog } from './told-log.js';

export const sameEntry = (a: LogEntry, b: LogEntry): boolean =>
  compareEntryIds(a.id, b.id) === 0 &&
  a.proposal.operation === b.proposal.operation &&
  a.outcome.result === b.outcome.result;

export class LogBook implements Watcher {
  /** That each server installed last. */
  readonly #epochs = new Map<MemberId, Epoch>();
  readonly #logs = new Map<MemberId, Map<Incarnation, Map<ShardId, ToldLog>>>();
  /** By sequence. */
  readonly #committed = new Map<ShardId, Map<number, LogEntry>>();
  readonly #byOperation = new Map<OperationId, LogEntry>();
  readonly #lost = new Map<OperationId, LogEntry>();
  readonly #lossy = new Set<ShardId>();
  readonly #acknowledged = new Set<OperationId>();
  readonly #contradictions: string[] = [];
  #view: View;
  /** What the fact just heard committed for the first time. */
  newlyCommitted: readonly LogEntry[] = [];

  constructor(private readonly world: World) {
    this.#view = world.view;
  }

  /** Undefined: it never told of this shard in that life, and cannot be asked any more. */
  log(server: MemberId, incarnation: Incarnation, shard: ShardId): ToldLog | undefined {
    const known = this.#logs.get(server)?.get(incarnation)?.get(shard);
    if (known !== undefined) return known;
    return this.world.servers.get(server)?.incarnation === incarnation
      ? this.#open(server, incarnation, shard)
      : undefined;
  }

  /** What a server holds at this place: told by itself, or part of what it began with. */
  entryOf(log: ToldLog, shard: ShardId, sequence: number): LogEntry | undefined {
    return sequence <= log.base.sequence ? this.#committed.get(shard)?.get(sequence) : log.at(sequence);
  }

  /** In order. */
  committed(shard: ShardId): readonly LogEntry[] {
    return [...(this.#committed.get(shard)?.values() ?? [])].sort((a, b) => a.id.sequence - b.id.sequence);
  }

  committedAt(shard: ShardId, sequence: number): LogEntry | undefined {
    return this.#committed.get(shard)?.get(sequence);
  }

  /** The first committed entry of an operation. */
  committedEntry(operation: OperationId): LogEntry | undefined {
    return this.#byOperation.get(operation);
  }

  /** It was committed, and its whole chain was lost and came back without it. */
  lostEntry(operation: OperationId): LogEntry | undefined {
    return this.#lost.get(operation);
  }

  /** Something committed was lost with the whole chain of this shard. */
  isLossy(shard: ShardId): boolean {
    return this.#lossy.has(shard);
  }

  /** Places where two servers committed different entries. */
  get contradictions(): readonly string[] {
    return this.#contradictions;
  }

  operationEnded({ answer, operation }: OperationRecord): void {
    if (answer?.result === 'done' && operation !== undefined) this.#acknowledged.add(operation);
  }

  fact(server: MemberId, incarnation: Incarnation, fact: Fact): void {
    switch (fact.fact) {
      case 'view-installed':
        this.#epochs.set(server, fact.epoch);
        return;
      case 'recovered':
        // A new life, whatever its number is by now: what it holds is in its state.
        this.#logs.get(server)?.delete(incarnation);
        return;
      case 'ordered':
      case 'appended':
        this.#open(server, incarnation, fact.shard, fact.entry.id.sequence).add(fact.entry);
        return;
      case 'persisted':
        this.#open(server, incarnation, fact.shard).persistedTo(fact.upTo);
        return;
      case 'learned': {
        const shards = this.#shardsOf(server, incarnation);
        const epoch = this.#epochs.get(server) ?? 0;
        const state = this.#stateOf(server, incarnation, fact.shard);
        shards.set(fact.shard, ToldLog.taught(state, fact.upTo, epoch, shards.get(fact.shard)));
        return;
      }
      case 'committed':
        this.newlyCommitted = this.#commit(server, this.#open(server, incarnation, fact.shard), fact.shard, fact.upTo);
    }
  }

  viewWritten(view: View): void {
    const before = this.#view;
    this.#view = view;
    view.chains.forEach(({ members }, shard) => {
      const old = before.chains[shard];
      if (old?.members === members) return;
      const [head] = members;
      if (head !== undefined && isRevived(before, view, shard)) this.#cut(view, shard, head);
      // Before they commit what they hold already: afterwards it could not be told from what they were taught.
      for (const id of members) {
        const member = livingMember(this.world, view, id);
        if (member !== undefined) this.#open(id, member.incarnation, shard);
      }
    });
  }

  /** The chain comes back with what its head has: what that lacks is lost, and what it has is committed by that. */
  #cut(view: View, shard: ShardId, head: MemberId): void {
    const server = livingMember(this.world, view, head);
    if (server === undefined) return;
    const committed = getOrMake(this.#committed, shard, () => new Map<number, LogEntry>());
    const last = lastId(server.state, shard);
    for (const [sequence, entry] of committed) {
      if (compareEntryIds(entry.id, last) <= 0) continue;
      const { operation } = entry.proposal;
      committed.delete(sequence);
      this.#lost.set(operation, entry);
      this.#lossy.add(shard);
      // Whoever was told of it will not repeat it: only what nobody was told of may be executed again.
      if (!this.#acknowledged.has(operation)) this.#byOperation.delete(operation);
    }
    const history = shardState(server.state, shard)?.history;
    for (let sequence = 1; sequence <= last.sequence; sequence++) {
      if (committed.has(sequence)) continue;
      const entry = history?.get(sequence) ?? this.#toldBefore(head, shard, sequence);
      if (entry === undefined) {
        this.#contradictions.push(`${head} brought shard ${shard} back with entry ${sequence}, of which it never told`);
        continue;
      }
      committed.set(sequence, entry);
      const { operation } = entry.proposal;
      if (!this.#byOperation.has(operation)) this.#byOperation.set(operation, entry);
    }
  }

  /**
   * An entry that this server has recovered, and forgotten again: it keeps only the latest ones apart from its tables. The
   * last life that told of this place wrote what stands there.
   */
  #toldBefore(server: MemberId, shard: ShardId, sequence: number): LogEntry | undefined {
    const lives = [...(this.#logs.get(server) ?? [])].sort(([a], [b]) => b - a);
    for (const [, shards] of lives) {
      const entry = shards.get(shard)?.at(sequence);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  #commit(server: MemberId, log: ToldLog, shard: ShardId, upTo: EntryId): readonly LogEntry[] {
    const committed = getOrMake(this.#committed, shard, () => new Map<number, LogEntry>());
    const fresh: LogEntry[] = [];
    for (; log.committedTo < upTo.sequence; log.committedTo++) {
      const sequence = log.committedTo + 1;
      const entry = log.at(sequence);
      if (entry === undefined) continue;
      const known = committed.get(sequence);
      if (known === undefined) {
        committed.set(sequence, entry);
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

  #open(server: MemberId, incarnation: Incarnation, shard: ShardId, before?: number): ToldLog {
    const make = () => ToldLog.of(this.#stateOf(server, incarnation, shard), before);
    return getOrMake(this.#shardsOf(server, incarnation), shard, make);
  }

  #shardsOf(server: MemberId, incarnation: Incarnation): Map<ShardId, ToldLog> {
    const lives = getOrMake(this.#logs, server, () => new Map<Incarnation, Map<ShardId, ToldLog>>());
    return getOrMake(lives, incarnation, () => new Map<ShardId, ToldLog>());
  }

  #stateOf(server: MemberId, incarnation: Incarnation, shard: ShardId) {
    const handle = this.world.servers.get(server);
    return handle?.incarnation === incarnation ? shardState(handle.state, shard) : undefined;
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
