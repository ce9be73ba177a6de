/**
 * The head of a chain: decides writes, in order. Whatever it decides about a file's state becomes a log entry; its
 * direct refusals rest only on missing chunks, too few replicas or space, never on the file (brief §3.4.2).
 */
import type { FileRecord, LogEntry, Outcome, Precondition, Proposal } from '../file.js';
import type { Append, HeadRefusalCode, Parcel } from '../frame.js';
import { type EntryId, versionText } from '../ids.js';
import { NO_RANGES, type Ranges } from '../ranges.js';
import type { ShardState } from '../state.js';
import { launch, type Turn, tell } from '../turn.js';
import { chainOf } from '../view/view.js';
import { missingOf } from './held.js';
import { appendEntries } from './replication.js';
import { changeShard, latestFile, placeIn, shardOfTurn } from './shards.js';
import { lacksSpace } from './space.js';

type Proposing = Append | Parcel;

/** An entry server proposes a write. Repetitions are looked up before anything else. */
export function onAppend(turn: Turn, frame: Proposing): void {
  if (placeIn(turn, frame.shard)?.isHead !== true) return;
  const shard = shardOfTurn(turn, frame.shard);
  const { operation, fingerprint } = frame.proposal;
  const remembered = shard.outcomes.get(operation);
  if (remembered !== undefined) {
    if (remembered.fingerprint !== fingerprint) refuse(turn, frame, 'operation-id-reused', NO_RANGES);
    else launch(turn, frame.origin, { kind: 'reminder', operation, outcome: remembered.outcome });
    return;
  }
  // In the log and not committed: the commit frame will answer. Saying more would reveal uncommitted state.
  if (shard.pendingOperations.has(operation)) return;
  const refusal = refusalOf(turn, frame, shard);
  if (refusal !== undefined) refuse(turn, frame, refusal.code, refusal.missing);
  else order(turn, frame, shard);
}

interface HeadRefusal {
  readonly code: HeadRefusalCode;
  readonly missing: Ranges;
}

function refusalOf(turn: Turn, frame: Proposing, shard: ShardState): HeadRefusal | undefined {
  const { view, limits } = turn.state;
  const { operation, change } = frame.proposal;
  const bound = shard.refused.get(operation);
  if (bound !== undefined && bound.attempt >= frame.attempt && bound.code !== 'missing-chunks') {
    return { code: bound.code, missing: NO_RANGES };
  }
  if (operation <= shard.floor) return { code: 'operation-too-old', missing: NO_RANGES };
  if (chainOf(view, frame.shard).members.length < view.settings.minReplicas) {
    return { code: 'too-few-replicas', missing: NO_RANGES };
  }
  if (shard.log.size >= limits.logEntriesMax) return { code: 'busy', missing: NO_RANGES };
  if (change.kind === 'put' && lacksSpace(turn, frame.shard)) return { code: 'no-space', missing: NO_RANGES };
  const missing = change.kind === 'put' ? missingOf(turn, change.manifest) : NO_RANGES;
  if (missing.length > 0 || (bound !== undefined && bound.attempt >= frame.attempt)) {
    return { code: 'missing-chunks', missing };
  }
  return undefined;
}

/** Not ordered, and bound to it: no attempt up to this one will be ordered in this epoch. */
function refuse(turn: Turn, frame: Proposing, code: HeadRefusalCode, missing: Ranges): void {
  const { operation } = frame.proposal;
  const shard = shardOfTurn(turn, frame.shard);
  // A refusal that cannot be remembered cannot be given: the entry server asks again.
  if (shard.refused.size >= turn.state.limits.refusalsMax && !shard.refused.has(operation)) return;
  const attempt = Math.max(frame.attempt, shard.refused.get(operation)?.attempt ?? 0);
  changeShard(turn, frame.shard, { refused: shard.refused.set(operation, { attempt, code }) });
  tell(turn, { fact: 'refused', operation, code });
  launch(turn, frame.origin, { kind: 'refusal', operation, attempt, code, missing });
}

function order(turn: Turn, frame: Proposing, shard: ShardState): void {
  const id: EntryId = { epoch: turn.state.view.epoch, sequence: shard.last.sequence + 1 };
  const outcome = decide(frame.proposal, id, latestFile(shard, frame.proposal.path));
  const entry: LogEntry = { id, proposal: frame.proposal, outcome };
  tell(turn, { fact: 'ordered', shard: frame.shard, entry });
  changeShard(turn, frame.shard, { refused: shard.refused.delete(frame.proposal.operation) });
  appendEntries(turn, frame.shard, [entry]);
}

function decide(proposal: Proposal, id: EntryId, present: FileRecord | undefined): Outcome {
  if (!holds(proposal.precondition, present)) return { result: 'precondition-failed' };
  if (proposal.change.kind === 'delete') return { result: 'deleted', found: present !== undefined };
  return { result: 'stored', version: id, upload: proposal.change.manifest.upload };
}

function holds(precondition: Precondition, present: FileRecord | undefined): boolean {
  if (precondition === undefined) return true;
  if (precondition === 'none') return present === undefined;
  if (precondition === 'any') return present !== undefined;
  return present !== undefined && versionText(present.version) === precondition;
}
