/**
 * What a server makes of its disk when it starts: tables from the last base and the sound entries behind it. A torn or
 * rotten record ends a log, and whatever is behind it is not trusted (hazard 7). Nothing recovered serves anybody: its
 * holder comes back as a learner, or brings a lost shard back (brief §3.3).
 */
import type { LogEntry } from '../file.js';
import { type EntryId, type Incarnation, NO_ENTRY, type ShardId, type UploadId } from '../ids.js';
import { SortedMap } from '../sorted-map.js';
import type { HeldUpload, ShardState } from '../state.js';
import { type Recovered, type RecoveredShard, trustedRecords } from '../store-port.js';
import { NEVER } from '../timers.js';
import { type Turn, tell } from '../turn.js';
import type { KeptLog } from '../view/registration.js';
import { retire } from './held.js';
import { FRESH_SHARD } from './shards.js';
import { applyEntry, type Tables, trimHistory } from './tables.js';

/** Fills the fresh state of a new life with what the last one left. */
export function recover(turn: Turn, recovered: Recovered): void {
  const { state } = turn;
  const { since = 0, incarnation: life = 0 } = recovered.identity ?? {};
  state.recovered = { since, life, suspectUpTo: recovered.suspectUpTo };
  let entries = 0;
  let cut = 0;
  for (const one of recovered.shards) {
    const trusted = trustedRecords(one).map(({ entry }) => entry);
    entries += trusted.length;
    cut += one.entries.length - trusted.length;
    state.shards = state.shards.set(one.shard, shardOf(turn, one, trusted));
  }
  keepNamed(turn, recovered);
  if (recovered.shards.length > 0) tell(turn, { fact: 'recovered', shards: recovered.shards.length, entries, cut });
}

function shardOf(turn: Turn, one: RecoveredShard, entries: readonly LogEntry[]): ShardState {
  const base = one.baseSound ? one.base : undefined;
  let tables: Tables = {
    files: base?.files ?? SortedMap.empty(),
    outcomes: base?.outcomes ?? SortedMap.empty(),
    floor: base?.floor ?? '',
  };
  let { history } = FRESH_SHARD;
  let last: EntryId = base?.at ?? NO_ENTRY;
  let sinceBase = 0;
  for (const entry of entries) {
    // Written twice, when a chunk of it had to be written again.
    if (entry.id.sequence <= last.sequence) continue;
    sinceBase += 1;
    tables = applyEntry(tables, entry, turn.state.limits.outcomesMax);
    history = trimHistory(history.set(entry.id.sequence, entry), turn.state.limits.historyEntriesMax);
    last = entry.id;
  }
  const isWhole = one.baseSound && one.entries.every(({ sound }) => sound);
  const durable = last.sequence;
  const isSuspect = one.suspect || !isWhole;
  const place = { last, committed: last, durable, written: durable, history, sinceBase, isSuspect };
  return { ...FRESH_SHARD, ...tables, ...place };
}

/** Chunks that a file names stay; all others go after a grace, in which somebody may still need them. */
function keepNamed(turn: Turn, recovered: Recovered): void {
  const named = new Map<UploadId, ShardId>();
  for (const [shard, { files }] of turn.state.shards.entries()) {
    for (const { manifest } of files.values()) named.set(manifest.upload, shard);
  }
  for (const { upload, shard, chunks } of recovered.uploads) {
    const held: HeldUpload = { shard, chunks, phase: 'kept', dropAtMs: NEVER };
    turn.state.held = turn.state.held.set(upload, held);
    if (!named.has(upload)) retire(turn, upload);
  }
}

/**
 * What this server has of a shard that names it, in that life, among its lost members. Undefined: its disk is not the one
 * that life had, or a copy of it from before; it must not speak for what was lost (hazard 9).
 */
export function keptLog(turn: Turn, shard: ShardId, lost: Incarnation): KeptLog | undefined {
  const { recovered, shards } = turn.state;
  if (recovered.life < lost || recovered.since > lost) return undefined;
  const own = shards.get(shard);
  return { shard, last: own?.last ?? NO_ENTRY, suspect: own?.isSuspect ?? lost <= recovered.suspectUpTo };
}
