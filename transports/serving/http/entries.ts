/** HEAD and DELETE of a file, and lists: one question, one answer. */
import { versionText } from '../../../core/ids.js';
import type { Door, Hearer, LastWord } from '../door.js';
import { problemOf } from '../problems.js';
import { judge, writeConditionOf } from './conditions.js';
import { respondUnchanged, type Wish } from './download.js';
import { type Exchange, respond, respondJson, respondProblem } from './exchange.js';
import { fileHeaders, fileJson, operationOf } from './file-headers.js';
import { isDeleted, refuseWrite } from './upload.js';

const ignore = (): void => {};
const onlyAnswer = (answer: (answer: LastWord) => void): Hearer => ({
  ...{ accept: ignore, file: ignore, data: ignore },
  answer,
});

function ask(exchange: Exchange, door: Door, operation: Parameters<Door['ask']>[0], then: Hearer['answer']): void {
  const conversation = door.ask(operation, () => onlyAnswer(then));
  exchange.response.once('close', () => conversation.leave());
}

export function look(exchange: Exchange, door: Door, { path, conditions, consistency }: Wish): void {
  ask(exchange, door, { kind: 'stat', path, consistency }, (answer) => {
    if (answer.result !== 'found') {
      respondProblem(exchange, problemOf(answer) ?? 'unavailable');
      return;
    }
    const { version, manifest } = answer.file;
    const headers = fileHeaders(answer.file);
    const verdict = judge(conditions, versionText(version));
    if (verdict === 'failed') respondProblem(exchange, 'precondition-failed');
    else if (verdict === 'unchanged') respondUnchanged(exchange, headers);
    else exchange.response.writeHead(200, { ...headers, 'Content-Length': manifest.length }).end();
  });
}

export function remove(exchange: Exchange, door: Door, path: string): void {
  const { headers } = exchange.request;
  const condition = writeConditionOf(headers);
  if (condition.kind === 'bad' || (condition.kind === 'precondition' && condition.precondition === 'none')) {
    respondProblem(exchange, 'bad-condition');
    return;
  }
  if (condition.kind === 'never') {
    respondProblem(exchange, 'precondition-failed');
    return;
  }
  const operation = operationOf(headers);
  const { precondition } = condition;
  ask(exchange, door, { kind: 'delete', path, operation, precondition }, (answer) => {
    if (answer.result === 'done' && isDeleted(answer.outcome)) {
      respond(exchange, 204, '', { 'Idempotency-Key': answer.operation });
    } else {
      refuseWrite(exchange, operation, answer);
    }
  });
}

export function list(exchange: Exchange, door: Door, under: string, query: URLSearchParams): void {
  const prefix = (query.get('prefix') ?? under).normalize('NFC');
  const after = (query.get('after') ?? '').normalize('NFC');
  const limitText = query.get('limit') ?? String(exchange.limits.listPage);
  const limit = Number(limitText);
  if (!/^\d{1,9}$/.test(limitText) || limit === 0) {
    respondProblem(exchange, 'bad-request', { detail: 'limit is a number of files, from 1' });
    return;
  }
  if (!prefix.startsWith(under)) {
    respondProblem(exchange, 'bad-request', { detail: `prefix begins with a slash: ${under}` });
    return;
  }
  ask(exchange, door, { kind: 'list', prefix, after, limit }, (answer) => {
    if (answer.result !== 'listed') {
      respondProblem(exchange, problemOf(answer) ?? 'unavailable');
      return;
    }
    const items = answer.items.map(({ path, file }) => fileJson(path, file.version, file.manifest));
    const last = answer.items.at(-1);
    respondJson(exchange, 200, { items, ...(answer.more && last !== undefined ? { next: last.path } : {}) });
  });
}
