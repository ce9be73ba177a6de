/**
 * Invariant: what was acknowledged is on every living in-sync member of its chain: durable when the client hears of it,
 * kept by every later view, had by whoever brings a lost chain back, and in the table, with all its bytes, at the end.
 * Where the scenario says that a chain lost as a whole may lose, what is gone when it comes back is counted instead.
 */
import { chunkCount, type FileRecord, type LogEntry } from '../../core/file.js';
import {
  compareEntryIds,
  type EntryId,
  type MemberId,
  type ShardId,
  type UploadId,
  versionText,
} from '../../core/ids.js';
import { countOf, missingIn, type Ranges } from '../../core/ranges.js';
import { chainOf, shardOf, type View } from '../../core/view/view.js';
import { type OperationRecord, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { ServerHandle, World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { committedId, isRevived, lastId, livingChain, livingMember, shardState } from './living.js';
import { entryText, type LogBook } from './log-book.js';

export class AcknowledgedDurable implements Checker {
  readonly name = 'acknowledged-durable';
  /** Acknowledged writes that went with a whole chain, where they may. */
  losses = 0;
  readonly #found: Findings;
  /** In order of identity; logs are prefixes of one another, so that the last one stands for all. */
  readonly #acknowledged = new Map<ShardId, LogEntry[]>();
  readonly #paths = new Set<string>();
  #view: View;

  constructor(
    private readonly world: World,
    private readonly logs: LogBook,
    private readonly mayLose = false,
  ) {
    this.#found = new Findings(this.name, () => world.nowUs);
    this.#view = world.view;
  }

  /** Paths with an acknowledged put or delete, in order. */
  paths(): readonly string[] {
    return [...this.#paths].sort();
  }

  operationEnded(record: OperationRecord): void {
    const { answer, operation, client, order } = record;
    if (order.purpose === 'audit') {
      this.#isReadable(record);
      return;
    }
    if (answer?.result !== 'done' || operation === undefined) return;
    this.#paths.add(targetOf(order.action));
    const what = `${order.action.kind} ${targetOf(order.action)}`;
    const lost = this.logs.lostEntry(operation);
    if (lost !== undefined) {
      this.#isLost(lost, `client ${client} was told of its ${what}, which had gone with its whole chain`);
      return;
    }
    const entry = this.logs.committedEntry(operation);
    if (entry === undefined) {
      this.#found.add(`client ${client} was told ${answer.outcome.result} of its ${what}, which nobody committed`);
      return;
    }
    const { view } = this.world;
    const shard = shardOf(entry.proposal.path, view.settings.shards);
    for (const { id, incarnation } of livingChain(this.world, view, shard)) {
      const log = this.logs.log(id, incarnation, shard);
      if (log !== undefined && compareEntryIds(log.persisted, entry.id) >= 0) continue;
      this.#found.add(`client ${client} was told of its ${what} before it was durable at ${id}`, [entryText(entry)]);
    }
    this.#remember(shard, entry);
  }

  viewWritten(view: View): void {
    const before = this.#view;
    this.#view = view;
    for (const shard of this.#acknowledged.keys()) {
      const [head] = chainOf(view, shard).members;
      if (head !== undefined && isRevived(before, view, shard)) this.#comesBack(view, shard, head);
      this.#isThere(view, shard);
    }
  }

  finish(world: World): readonly Violation[] {
    for (const shard of this.#acknowledged.keys()) {
      this.#isThere(world.view, shard);
      for (const server of livingChain(world, world.view, shard)) this.#holdsFiles(server, shard);
    }
    return this.#found.all();
  }

  #remember(shard: ShardId, entry: LogEntry): void {
    const entries = this.#acknowledged.get(shard) ?? [];
    let place = entries.length;
    while (place > 0 && compareEntryIds((entries[place - 1] as LogEntry).id, entry.id) > 0) place -= 1;
    entries.splice(place, 0, entry);
    this.#acknowledged.set(shard, entries);
  }

  /** A lost chain comes back with what its head has: what that lacks is lost now, and for good. */
  #comesBack(view: View, shard: ShardId, head: MemberId): void {
    const server = livingMember(this.world, view, head);
    if (server === undefined) return;
    const last = lastId(server.state, shard);
    const entries = this.#acknowledged.get(shard) ?? [];
    while (entries.length > 0) {
      const entry = entries[entries.length - 1] as LogEntry;
      if (compareEntryIds(entry.id, last) <= 0) return;
      entries.pop();
      this.#isLost(entry, `acknowledged, and gone when ${head} brought shard ${shard} back in view ${view.epoch}`);
    }
  }

  #isLost(entry: LogEntry, message: string): void {
    if (this.mayLose) this.losses += 1;
    else this.#found.add(message, [entryText(entry)]);
  }

  /** The runner's last look: as long as one member of the chain lives in the ring, somebody must answer. */
  #isReadable({ answer, order, server }: OperationRecord): void {
    if (answer?.result !== 'refused' && answer?.result !== 'unknown') return;
    const path = targetOf(order.action);
    const { view } = this.world;
    const holders = livingChain(this.world, view, shardOf(path, view.settings.shards)).map(({ id }) => id);
    if (holders.length === 0) return;
    this.#found.add(`${path} cannot be read at the end: ${server} answers ${answer.result} (${answer.code})`, [
      `living members of its chain: ${holders.join(', ')}`,
    ]);
  }

  /** Whether a living member of the path's chain has one of these chunks. */
  #isAnywhere(path: string, upload: UploadId, missing: Ranges): boolean {
    const { view } = this.world;
    const chain = livingChain(this.world, view, shardOf(path, view.settings.shards));
    return chain.some(({ state }) => {
      const chunks = state.held.get(upload)?.chunks ?? [];
      return missing.some(({ from, to }) => countOf(missingIn(chunks, from, to)) < to - from);
    });
  }

  #isThere(view: View, shard: ShardId): void {
    const entries = this.#acknowledged.get(shard);
    const entry = entries?.[entries.length - 1];
    if (entry === undefined) return;
    for (const { id, state } of livingChain(this.world, view, shard)) {
      const last = lastId(state, shard);
      if (compareEntryIds(last, entry.id) >= 0) continue;
      this.#found.add(`acknowledged, but not at ${id} in view ${view.epoch}: ${entryText(entry)}`, [
        `the log of shard ${shard} at ${id} ends at ${versionText(last)}`,
      ]);
    }
  }

  /** The table must be what the committed log makes of it, and the bytes must be there. */
  #holdsFiles({ id, state }: ServerHandle, shard: ShardId): void {
    const upTo = committedId(state, shard);
    const files = shardState(state, shard)?.files;
    const expected = replay(this.logs.committed(shard), upTo);
    for (const [path, entry] of expected) {
      const file = files?.get(path);
      const isSame =
        entry === undefined ? file === undefined : file?.version !== undefined && isVersion(file, entry.id);
      if (!isSame) {
        const found = file === undefined ? 'no file' : `version ${versionText(file.version)}`;
        const wanted = entry === undefined ? 'no file' : `version ${versionText(entry.id)}`;
        this.#found.add(`${id} has ${found} at ${path}, committed is ${wanted}`);
      } else if (file !== undefined)
        this.#holdsBytes(id, state.held.get(file.manifest.upload)?.chunks ?? [], path, file);
    }
  }

  #holdsBytes(id: string, chunks: Parameters<typeof missingIn>[0], path: string, { manifest }: FileRecord): void {
    const missing = missingIn(chunks, 0, chunkCount(manifest));
    if (missing.length === 0) return;
    if (this.mayLose && !this.#isAnywhere(path, manifest.upload, missing)) {
      this.losses += 1;
      return;
    }
    const ranges = missing.map(({ from, to }) => `${from} to ${to - 1}`).join(', ');
    this.#found.add(`${id} lacks bytes of ${path}: chunks ${ranges} of ${manifest.upload}`);
  }
}

const isVersion = (file: FileRecord, id: EntryId): boolean => compareEntryIds(file.version, id) === 0;

/** Path → the entry that wrote its file, undefined if it is deleted. */
function replay(log: readonly LogEntry[], upTo: EntryId): Map<string, LogEntry | undefined> {
  const table = new Map<string, LogEntry | undefined>();
  for (const entry of log) {
    if (compareEntryIds(entry.id, upTo) > 0) break;
    const { result } = entry.outcome;
    if (result === 'stored') table.set(entry.proposal.path, entry);
    else if (result === 'deleted') table.set(entry.proposal.path, undefined);
  }
  return table;
}
