/** The table of writes at their entry server, and how a write ends. */
import { copyOfWriteOperation } from '../copies.js';
import type { Outcome } from '../file.js';
import type { OperationId, UploadId } from '../ids.js';
import type { Answer } from '../output.js';
import type { RefusalCode } from '../refusals.js';
import { changeStream, launch, put, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import type { WriteOperation } from '../writes-state.js';

export function changeOperation(turn: Turn, before: WriteOperation, change: Partial<WriteOperation>): WriteOperation {
  const operation = Object.assign(copyOfWriteOperation(before), change);
  turn.state.operations = turn.state.operations.set(operation.operation, operation);
  return operation;
}

/** The last word to the client, if it is still there. */
export function answerOperation(turn: Turn, operation: WriteOperation, answer: Answer): WriteOperation {
  if (operation.request === undefined) return operation;
  put(turn, { kind: 'answer', request: operation.request, answer });
  turn.state.requests = turn.state.requests.delete(operation.request);
  return changeOperation(turn, operation, { request: undefined });
}

/** Takes a write off the table; bytes that became no file are forgotten everywhere. */
export function endOperation(turn: Turn, operation: WriteOperation, keptUpload: UploadId | undefined): void {
  if (operation.request !== undefined) turn.state.requests = turn.state.requests.delete(operation.request);
  turn.state.operations = turn.state.operations.delete(operation.operation);
  if (operation.isParcel) turn.state.parcels--;
  if (operation.kind === 'put' && operation.upload !== keptUpload) abandonUpload(turn, operation);
}

export function refuseOperation(turn: Turn, operation: WriteOperation, code: RefusalCode): void {
  tell(turn, { fact: 'refused', operation: operation.operation, code });
  endOperation(turn, answerOperation(turn, operation, { result: 'refused', code }), undefined);
}

/** The outcome is committed: tell the client, end the write. */
export function finishOperation(turn: Turn, operation: WriteOperation, outcome: Outcome): void {
  const answer: Answer = { result: 'done', operation: operation.operation, outcome };
  const upload = outcome.result === 'stored' ? outcome.upload : undefined;
  endOperation(turn, answerOperation(turn, operation, answer), upload);
}

/** Nobody needs these bytes. Safe at any time: what the head has ordered is kept by it, whatever is said here. */
function abandonUpload(turn: Turn, operation: WriteOperation): void {
  const { upload, path } = operation;
  const { stream } = turn.state;
  const isOther = (frame: typeof stream.insert extends Iterable<infer F> ? F : never): boolean =>
    frame.kind !== 'chunk' || frame.purpose !== 'upload' || frame.chunk.upload !== upload;
  changeStream(turn, { insert: stream.insert.filter(isOther) });
  tell(turn, { fact: 'upload-abandoned', upload, path });
  sayAbandoned(turn, upload);
}

/** Behind the chunks it speaks of, round the ring; said again until it comes home. */
export function sayAbandoned(turn: Turn, upload: UploadId): void {
  turn.state.abandoning = turn.state.abandoning.set(upload, turn.now);
  launch(turn, turn.state.self, { kind: 'abandon', upload });
  wakeBy(turn, 'uploads', turn.now + revolutionMs(turn));
}

export function onAbandonHome(turn: Turn, upload: UploadId): void {
  turn.state.abandoning = turn.state.abandoning.delete(upload);
}

export function operationOf(turn: Turn, id: OperationId): WriteOperation | undefined {
  return turn.state.operations.get(id);
}
