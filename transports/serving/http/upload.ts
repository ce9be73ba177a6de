/**
 * PUT and POST of a file: the request's body goes chunk by chunk into the ring, as fast as the ring takes it.
 * Decides nothing: conditions and outcomes are the core's. An upload that breaks off leaves nothing.
 */
import type { Outcome } from '../../../core/file.js';
import { versionText } from '../../../core/ids.js';
import { Body } from '../body.js';
import type { Door, LastWord } from '../door.js';
import { problemOf } from '../problems.js';
import { writeConditionOf } from './conditions.js';
import { type Exchange, respondJson, respondProblem } from './exchange.js';
import { type Announced, announcedBy, etagOf } from './file-headers.js';
import { targetOfFile } from './target.js';

export function upload(exchange: Exchange, door: Door, path: string): void {
  const { request } = exchange;
  const announced = announcedBy(request.headers, Date.now());
  if (typeof announced === 'string') {
    respondProblem(exchange, 'bad-request', { detail: announced });
    return;
  }
  const isPost = request.method === 'POST';
  const condition = writeConditionOf(request.headers);
  if (condition.kind === 'never') respondProblem(exchange, 'precondition-failed');
  else if (condition.kind === 'bad') respondProblem(exchange, 'bad-condition');
  else if (!isPost) store(exchange, door, path, announced, condition.precondition);
  else if (condition.precondition === undefined) store(exchange, door, path, announced, 'none');
  else respondProblem(exchange, 'bad-condition', { detail: 'POST creates a file: for conditions use PUT' });
}

function store(
  exchange: Exchange,
  door: Door,
  path: string,
  announced: Announced,
  precondition: string | undefined,
): void {
  const { request, response } = exchange;
  const { contentType, modifiedMs, operation, lengthBytes } = announced;
  const stored: Stored = { path, sha256: '', isNew: precondition === 'none', operation };
  let body: Body | undefined;
  const conversation = door.ask(
    { kind: 'put', path, operation, precondition, contentType, modifiedMs },
    (conversation) => {
      body = new Body(conversation, door.chunkBytes, lengthBytes, {
        room: () => request.resume(),
        complete(sha256) {
          stored.sha256 = sha256;
          if (announced.sha256 === undefined || announced.sha256 === sha256) return true;
          respondProblem(exchange, 'digest-mismatch', {
            detail: `the body's sha256 is ${sha256}, not ${announced.sha256}: send the file again`,
          });
          return false;
        },
      });
      const toBody = body;
      return {
        accept(chunks) {
          if (exchange.awaitsContinue) {
            exchange.awaitsContinue = false;
            response.writeContinue();
          }
          toBody.accept(chunks);
        },
        file: () => {},
        data: () => {},
        answer: (answer) => respondStored(exchange, stored, answer),
      };
    },
  );
  response.once('close', () => conversation.leave());
  if (response.headersSent) return;
  request.on('data', (piece: Buffer) => {
    exchange.inBytes += piece.length;
    if (body?.write(piece) === false) request.pause();
  });
  request.once('end', () => body?.end());
}

interface Stored {
  readonly path: string;
  readonly isNew: boolean;
  readonly operation: string | undefined;
  sha256: string;
}

function respondStored(exchange: Exchange, stored: Stored, answer: LastWord): void {
  if (answer.result === 'done' && answer.outcome.result === 'stored') {
    const { path, sha256 } = stored;
    const { version } = answer.outcome;
    respondJson(
      exchange,
      stored.isNew ? 201 : 200,
      { path, version: versionText(version), length: exchange.inBytes, sha256, operation: answer.operation },
      {
        ...{ ETag: etagOf(version), 'Idempotency-Key': answer.operation },
        ...(stored.isNew ? { Location: targetOfFile(path) } : {}),
      },
    );
    return;
  }
  refuseWrite(exchange, stored.operation, answer);
}

/** A write that was not done, or of which that is not known. */
export function refuseWrite(exchange: Exchange, asked: string | undefined, answer: LastWord): void {
  const code = problemOf(answer) ?? 'unavailable';
  const isUnknown = answer.result === 'unknown' || answer.result === 'lost';
  const operation = answer.result === 'unknown' || answer.result === 'done' ? answer.operation : asked;
  // POST says what it wants by its name: that it failed has one of its own, too.
  const isTaken = code === 'precondition-failed' && exchange.request.method === 'POST';
  respondProblem(exchange, isTaken ? 'exists' : code, { operation, isOutcomeUnknown: isUnknown });
}

export function isDeleted(outcome: Outcome): boolean {
  return outcome.result === 'deleted' && outcome.found;
}
