/**
 * The entry server's dealings with the head: proposing, and proposing again until an answer is certain (brief §3.4).
 * "Refused" is said only when the head has bound itself for the latest attempt; otherwise the outcome is unknown.
 */
import type { Outcome, Proposal } from '../file.js';
import type { Commit, Refusal, Reminder } from '../frame.js';
import type { UploadId } from '../ids.js';
import { launch, revolutionMs, type Turn, wakeBy } from '../turn.js';
import { chainOf, headOf } from '../view/view.js';
import type { WriteOperation } from '../writes-state.js';
import {
  answerOperation,
  changeOperation,
  endOperation,
  finishOperation,
  operationOf,
  refuseOperation,
} from './operations.js';
import { sendParcel } from './parcels.js';

/** Sends the write to the head: with its bytes (a parcel), behind its chunks (`data`), being their marker, or past all data. */
export function propose(turn: Turn, operation: WriteOperation, lane: 'control' | 'data'): void {
  const { view, incarnation } = turn.state;
  const { shard } = operation;
  const attempt = operation.attempt + 1;
  changeOperation(turn, operation, { phase: 'proposed', attempt, refusal: undefined, ringAtMs: turn.now });
  const proposal = proposalOf(operation);
  wakeBy(turn, 'uploads', turn.now + revolutionMs(turn));
  const head = headOf(view, shard);
  // Nobody keeps the shard at present: asked again in time, and of the next view.
  if (head === undefined) return;
  // Once only. What is proposed again may be stored already, and replaced: a member taught since would keep bytes that nobody
  // refers to and nobody abandons. If the head lacks them, it says so.
  const chunk = operation.isParcel && attempt === 1 ? operation.window.get(0) : undefined;
  if (chunk !== undefined) {
    sendParcel(turn, { shard, entryIncarnation: incarnation, attempt, proposal, chunk });
    return;
  }
  launch(turn, head, { kind: 'append', lane, shard, entryIncarnation: incarnation, attempt, proposal });
}

function proposalOf(operation: WriteOperation): Proposal {
  const { operation: id, path, precondition, manifest } = operation;
  const condition = precondition ?? '';
  if (manifest === undefined) {
    const fingerprint = `delete ${condition} ${path}`;
    return { operation: id, path, change: { kind: 'delete' }, precondition, fingerprint };
  }
  const fingerprint = `put ${condition} ${manifest.length} ${manifest.sha256} ${manifest.contentType} ${path}`;
  return { operation: id, path, change: { kind: 'put', manifest }, precondition, fingerprint };
}

/** The head says no, and is bound to it up to this attempt. */
export function onRefusal(turn: Turn, frame: Refusal): readonly [WriteOperation, Refusal] | undefined {
  const operation = operationOf(turn, frame.operation);
  if (operation === undefined || operation.phase !== 'proposed' || frame.attempt < operation.attempt) return undefined;
  switch (frame.code) {
    case 'missing-chunks':
      return [operation, frame];
    case 'busy':
      // Asked again by the timer; refused in the end if it stays so.
      changeOperation(turn, operation, { refusal: 'busy', ringAtMs: turn.now });
      return undefined;
    case 'operation-too-old': {
      const unknown = { result: 'unknown', code: frame.code, operation: operation.operation } as const;
      endOperation(turn, answerOperation(turn, operation, unknown), undefined);
      return undefined;
    }
    default:
      refuseOperation(turn, operation, frame.code);
      return undefined;
  }
}

/** A commit frame passes: perhaps one of our clients waits for it. Facts of older epochs may answer, too. */
export function onCommit(turn: Turn, frame: Commit): void {
  if (turn.state.operations.size === 0) return;
  for (const { operation: id, outcome } of frame.outcomes) {
    const operation = operationOf(turn, id);
    if (operation === undefined || operation.shard !== frame.shard) continue;
    // Another attempt's outcome: the head compares the arguments before it says that it is ours, too.
    if (isOfThis(operation, outcome)) settle(turn, id, outcome, frame.chainLength);
    else if (operation.phase === 'proposed') propose(turn, operation, 'control');
  }
}

function isOfThis(operation: WriteOperation, outcome: Outcome): boolean {
  if (outcome.result === 'stored') return outcome.upload === operation.upload;
  return outcome.result === 'precondition-failed' || operation.kind === 'delete';
}

export function onReminder(turn: Turn, frame: Reminder): void {
  const operation = operationOf(turn, frame.operation);
  if (operation === undefined) return;
  settle(turn, frame.operation, frame.outcome, chainOf(turn.state.view, operation.shard).members.length);
}

function storedBy(outcome: Outcome | undefined): UploadId | undefined {
  return outcome?.result === 'stored' ? outcome.upload : undefined;
}

function settle(turn: Turn, id: WriteOperation['operation'], outcome: Outcome, chainLength: number): void {
  const operation = operationOf(turn, id);
  // A client that repeats a write is still sending: its own proposal will bring the outcome.
  if (operation === undefined || operation.phase !== 'proposed') return;
  if (chainLength < turn.state.view.settings.minReplicas) {
    // Nobody may be told yet; where nobody waits any more, there is nothing left to do.
    if (operation.request !== undefined) changeOperation(turn, operation, { withheld: outcome });
    else endOperation(turn, operation, storedBy(outcome));
    return;
  }
  finishOperation(turn, operation, outcome);
}

/** The uploads timer, for a proposed write: ask again; give the client an honest answer in time. */
export function sweepProposed(turn: Turn, operation: WriteOperation): void {
  const { limits } = turn.state;
  const waitedMs = turn.now - operation.clientAtMs;
  const deadlineMs = limits.operationMs + 2 * limits.hopMs * turn.state.view.ring.length;
  if (waitedMs >= 2 * deadlineMs || (operation.withheld !== undefined && operation.request === undefined)) {
    endOperation(turn, operation, storedBy(operation.withheld));
    return;
  }
  if (waitedMs >= deadlineMs && operation.request !== undefined) {
    if (operation.refusal !== undefined && operation.refusal !== 'missing-chunks') {
      refuseOperation(turn, operation, operation.refusal);
      return;
    }
    const code = operation.withheld === undefined ? 'timeout' : 'too-few-replicas';
    answerOperation(turn, operation, { result: 'unknown', code, operation: operation.operation });
  }
  const current = operationOf(turn, operation.operation) as WriteOperation;
  const backOff = Math.min(4, Math.max(0, current.attempt - 1));
  if (turn.now - current.ringAtMs < revolutionMs(turn) << backOff) return;
  // Chunks that nobody has confirmed may still wait for credits: past them the head would only find them missing.
  propose(turn, current, current.received > current.confirmed ? 'data' : 'control');
}
