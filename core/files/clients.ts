/** The door for clients: what they ask is checked here, once; and the timers that end what takes too long. */
import { lacksSpace } from '../chain/space.js';
import type { OperationId, RequestId } from '../ids.js';
import type { ClientOperation } from '../input.js';
import type { Reader } from '../reads-state.js';
import type { RefusalCode } from '../refusals.js';
import { SortedMap } from '../sorted-map.js';
import { put, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { chainOf, shardOf } from '../view/view.js';
import type { WriteOperation } from '../writes-state.js';
import { forgetLister, startList, sweepLists } from './lists.js';
import { isOperationId, makeOperationId } from './operation-ids.js';
import {
  answerOperation,
  changeOperation,
  endOperation,
  operationOf,
  refuseOperation,
  sayAbandoned,
} from './operations.js';
import { isPath, isPrefix } from './paths.js';
import { propose, sweepProposed } from './proposals.js';
import { finishReader, forgetReader } from './readers.js';
import { sweepReadings } from './readings.js';
import { queueReader, sweepShuttles } from './shuttles.js';
import { markAgain } from './uploads.js';
import { answerAsKnown } from './wants.js';

type WriteWish = Extract<ClientOperation, { kind: 'put' | 'delete' }>;

export function onClientRequest(turn: Turn, request: RequestId, wish: ClientOperation): void {
  const refusal = refusalFor(turn, wish);
  if (refusal !== undefined) {
    put(turn, { kind: 'answer', request, answer: { result: 'refused', code: refusal } });
    return;
  }
  if (wish.kind === 'list') startList(turn, request, wish);
  else if (wish.kind === 'put' || wish.kind === 'delete') startWrite(turn, request, wish);
  else startRead(turn, request, wish);
}

function refusalFor(turn: Turn, wish: ClientOperation): RefusalCode | undefined {
  const { status, operations, reads, limits, membership } = turn.state;
  if (status !== 'member') return 'not-a-member';
  if (membership.leaving !== 'no') return 'leaving';
  if (wish.kind === 'list' ? !isList(wish) : !isPath(wish.path)) return 'bad-path';
  if (operations.size + reads.readers.size + reads.listers.size >= limits.operationsMax) return 'busy';
  const isRepetition = (wish.kind === 'put' || wish.kind === 'delete') && wish.operation !== undefined;
  // A write that is repeated may have happened: it is not refused for what is so only now.
  if (!isRepetition && isLost(turn, wish)) return 'unavailable';
  if (wish.kind === 'get') {
    const isRange = Number.isSafeInteger(wish.from) && wish.from >= 0 && (wish.to === undefined || wish.to > wish.from);
    return isRange ? undefined : 'bad-range';
  }
  return wish.kind === 'put' || wish.kind === 'delete' ? refusalForWrite(turn, wish) : undefined;
}

/** Both travel round the ring, so both are bounded. */
const isList = ({ prefix, after }: Extract<ClientOperation, { kind: 'list' }>): boolean =>
  isPrefix(prefix) && (after === '' || isPrefix(after));

/** Nobody keeps what is asked for: waiting would not help before somebody brings it back (see status). */
function isLost(turn: Turn, wish: ClientOperation): boolean {
  const { chains, settings } = turn.state.view;
  if (wish.kind === 'list') return chains.some(({ members }) => members.length === 0);
  return chains[shardOf(wish.path, settings.shards)]?.members.length === 0;
}

function refusalForWrite(turn: Turn, wish: WriteWish): RefusalCode | undefined {
  const { view, limits, operations } = turn.state;
  const { operation } = wish;
  if (operation !== undefined) {
    if (!isOperationId(operation, turn.now, limits.operationAheadMs)) return 'bad-operation-id';
    // The same write is under way here already: its first attempt will settle it.
    if (operations.has(operation)) return 'busy';
  }
  // A repetition goes to the head all the same: it may have an outcome to be reminded of.
  if (operation !== undefined) return undefined;
  const shard = shardOf(wish.path, view.settings.shards);
  if (chainOf(view, shard).members.length < view.settings.minReplicas) return 'too-few-replicas';
  return wish.kind === 'put' && lacksSpace(turn, shard) ? 'no-space' : undefined;
}

function startWrite(turn: Turn, request: RequestId, wish: WriteWish): void {
  const { self, incarnation, uploadCount, view, limits } = turn.state;
  const id: OperationId = wish.operation ?? makeOperationId(turn);
  const isPut = wish.kind === 'put';
  const operation: WriteOperation = {
    operation: id,
    request,
    path: wish.path,
    shard: shardOf(wish.path, view.settings.shards),
    kind: wish.kind,
    precondition: wish.precondition,
    contentType: isPut ? wish.contentType : '',
    modifiedMs: isPut ? wish.modifiedMs : 0,
    upload: isPut ? `${self}.${incarnation}.${uploadCount + 1}` : '',
    isParcel: false,
    phase: 'uploading',
    window: SortedMap.empty(),
    received: 0,
    receivedBytes: 0,
    confirmed: 0,
    marked: 0,
    manifest: undefined,
    attempt: 0,
    refusal: undefined,
    clientAtMs: turn.now,
    ringAtMs: turn.now,
    withheld: undefined,
  };
  turn.state.operations = turn.state.operations.set(id, operation);
  turn.state.requests = turn.state.requests.set(request, id);
  wakeBy(turn, 'uploads', turn.now + revolutionMs(turn));
  if (!isPut) {
    propose(turn, operation, 'control');
    return;
  }
  turn.state.uploadCount = uploadCount + 1;
  tell(turn, { fact: 'upload-started', upload: operation.upload, path: wish.path, operation: id });
  put(turn, { kind: 'client-accept', request, chunks: 2 * limits.uploadWindowChunks });
}

function startRead(turn: Turn, request: RequestId, wish: Extract<ClientOperation, { kind: 'get' | 'stat' }>): void {
  const reader: Reader = {
    request,
    kind: wish.kind,
    path: wish.path,
    from: wish.kind === 'get' ? wish.from : 0,
    to: wish.kind === 'get' ? wish.to : undefined,
    next: 0,
    end: 0,
    upload: undefined,
    by: 'ride',
    credits: 0,
    activeAtMs: turn.now,
  };
  if (wish.consistency === 'eventual' && answerAsKnown(turn, reader)) return;
  queueReader(turn, reader);
}

/** The client went away: an upload is given up; what was proposed is brought to its end without it. */
export function onClientGone(turn: Turn, request: RequestId): void {
  forgetReader(turn, request);
  forgetLister(turn, request);
  const id = turn.state.requests.get(request);
  const operation = id === undefined ? undefined : operationOf(turn, id);
  if (operation === undefined) return;
  if (operation.phase === 'uploading') {
    endOperation(turn, operation, undefined);
    return;
  }
  turn.state.requests = turn.state.requests.delete(request);
  changeOperation(turn, operation, { request: undefined });
}

/** The uploads timer. */
export function sweepOperations(turn: Turn): void {
  const { limits } = turn.state;
  for (const operation of turn.state.operations.values()) {
    if (operation.phase === 'proposed') {
      sweepProposed(turn, operation);
    } else if (turn.now - operation.clientAtMs >= limits.clientIdleMs) {
      refuseOperation(turn, operation, 'upload-stalled');
    } else if (operation.received > operation.confirmed && turn.now - operation.ringAtMs >= revolutionMs(turn)) {
      if (operation.marked > operation.confirmed) markAgain(turn, operation);
    }
  }
  const overdueMs = turn.now - revolutionMs(turn);
  for (const [upload, saidAtMs] of turn.state.abandoning.entries()) {
    if (saidAtMs <= overdueMs) sayAbandoned(turn, upload);
  }
  const { operations, abandoning } = turn.state;
  if (operations.size + abandoning.size > 0) wakeBy(turn, 'uploads', turn.now + limits.retryMs);
}

/** The reads timer. */
export function sweepReads(turn: Turn): void {
  const { limits } = turn.state;
  for (const reader of turn.state.reads.readers.values()) {
    const waitsForClient = reader.upload !== undefined && reader.credits === 0;
    const limitMs = waitsForClient ? limits.clientIdleMs : limits.operationMs + revolutionMs(turn);
    if (turn.now - reader.activeAtMs < limitMs) continue;
    finishReader(turn, reader.request, { result: 'refused', code: waitsForClient ? 'timeout' : 'unavailable' });
  }
  sweepShuttles(turn);
  sweepReadings(turn);
  sweepLists(turn);
  const { readers, listers } = turn.state.reads;
  if (readers.size + listers.size > 0) wakeBy(turn, 'reads', turn.now + limits.retryMs);
}

/** A new view: everything that was asked of the old ring is asked of the new one. */
export function onView(turn: Turn): void {
  for (const operation of turn.state.operations.values()) {
    if (operation.phase === 'proposed') propose(turn, operation, 'control');
    else if (operation.received > 0) markAgain(turn, operation);
  }
  for (const upload of turn.state.abandoning.keys()) sayAbandoned(turn, upload);
}

/** Out of the ring: nothing is served any more, and nothing is guessed (brief §2.7). */
export function onRemoved(turn: Turn): void {
  for (const operation of turn.state.operations.values()) {
    const { operation: id } = operation;
    if (operation.phase === 'proposed') {
      answerOperation(turn, operation, { result: 'unknown', code: 'not-a-member', operation: id });
    } else if (operation.request !== undefined) {
      answerOperation(turn, operation, { result: 'refused', code: 'not-a-member' });
    }
  }
  turn.state.operations = SortedMap.empty();
  turn.state.parcels = 0;
  turn.state.abandoning = SortedMap.empty();
  for (const request of turn.state.reads.readers.keys()) {
    finishReader(turn, request, { result: 'refused', code: 'not-a-member' });
  }
  for (const { request } of turn.state.reads.listers.values()) {
    forgetLister(turn, request);
    put(turn, { kind: 'answer', request, answer: { result: 'refused', code: 'not-a-member' } });
  }
}
