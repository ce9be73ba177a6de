/** A few hand-written histories with known verdicts, and where the large set of recorded ones is, if it is there. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../../../', import.meta.url));
/** PPNFS_HISTORIES overrides it. */
const folder = process.env['PPNFS_HISTORIES'] ?? join(checkout, '..', 'shared', 'histories');

/** The files of the recorded set; none where the set is not at hand. */
export const recordedFiles: readonly string[] = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => join(folder, name))
  : [];

const history = (header: object, ...operations: readonly object[]): string =>
  [header, ...operations].map((each) => `${JSON.stringify(each)}\n`).join('');

const register = (name: string, linearizable: boolean, ...operations: readonly object[]): string =>
  history({ history: name, model: 'cas-register', initial: null, linearizable }, ...operations);
const kv = (name: string, linearizable: boolean, ...operations: readonly object[]): string =>
  history({ history: name, model: 'kv-append', initial: '', linearizable }, ...operations);

const files = (name: string, linearizable: boolean, ...operations: readonly object[]): string =>
  history({ history: name, model: 'files', linearizable }, ...operations);

const stored = (version: string): object => ({ outcome: 'done', version });
const putA = { client: 1, call: 0, end: 3, op: 'put', path: '/a', content: 'x', result: stored('1.1') };

const write = { client: 0, call: 0, end: 3, op: 'write', value: 1 };
const append = { client: 'a', call: 0, end: 9, op: 'append', key: 'k', value: 'x' };

/** Name → the text of the file. */
export const handWritten: ReadonlyMap<string, string> = new Map([
  [
    'files-put-and-get',
    files(
      'files-put-and-get',
      true,
      putA,
      { client: 2, call: 1, end: 2, op: 'get', path: '/a', result: { outcome: 'absent' } },
      { client: 2, call: 4, end: 5, op: 'get', path: '/a', result: { outcome: 'found', content: 'x', version: '1.1' } },
      { client: 2, call: 6, end: null, op: 'delete', path: '/a', ifVersion: '1.1' },
      { client: 1, call: 7, end: 8, op: 'stat', path: '/a', result: { outcome: 'absent' } },
    ),
  ],
  [
    'files-lost-put',
    files('files-lost-put', false, putA, {
      ...{ client: 2, call: 4, end: 5, op: 'get', path: '/a', result: { outcome: 'absent' } },
    }),
  ],
  ['empty', register('empty', true)],
  [
    'read-during-write',
    register('read-during-write', true, write, { client: 1, call: 1, end: 2, op: 'read', result: null }),
  ],
  ['stale-read', register('stale-read', false, write, { client: 1, call: 4, end: 5, op: 'read', result: null })],
  [
    'late-effect',
    register(
      'late-effect',
      true,
      { ...write, end: null },
      { client: 1, call: 4, end: 5, op: 'read', result: null },
      { client: 1, call: 6, end: 7, op: 'cas', from: 1, to: 2, result: true },
      { client: 1, call: 8, end: 9, op: 'read', result: 2 },
    ),
  ],
  [
    'effect-twice',
    register(
      'effect-twice',
      false,
      { client: 0, call: 0, end: null, op: 'cas', from: 1, to: 2 },
      write,
      { client: 1, call: 4, end: 5, op: 'read', result: 2 },
      { ...write, call: 6, end: 7 },
      { client: 1, call: 8, end: 9, op: 'read', result: 2 },
    ),
  ],
  [
    'append',
    kv(
      'append',
      true,
      append,
      { ...append, value: 'y' },
      { client: 'b', call: 10, end: 11, op: 'get', key: 'k', result: 'yx' },
    ),
  ],
  [
    'append-lost',
    kv(
      'append-lost',
      false,
      append,
      { ...append, value: 'y' },
      { client: 'b', call: 10, end: 11, op: 'get', key: 'k', result: 'y' },
    ),
  ],
]);
