/**
 * The client of a ring: several servers, whatever protocol each speaks, asked until there is a last word.
 */

import {
  askServers,
  DEFAULT_PATIENCE,
  type Outcome,
  type Patience,
  type Question,
  type Unanswered,
} from './attempts.js';
import {
  type Absent,
  CLIENT_CODES,
  type FileClient,
  type Opened,
  type OutcomeUnknown,
  type PutOptions,
  type PutResult,
  type Refused,
  type Source,
  type Stored,
  type WriteOptions,
} from './client.js';
import { openDownload } from './downloads.js';
import { makeOperationId } from './operation-id.js';
import { createServers, type Servers } from './servers.js';
import { createUpload, type Upload } from './uploads.js';
import { isAbsent, type ReadRequest, type Try, type Wire, type WireFile } from './wire.js';

export interface FileClientOptions {
  /** URLs, in order of preference. */
  readonly servers: readonly string[];
  /** By scheme, such as `http:`. */
  readonly wires: ReadonlyMap<string, Wire>;
  readonly patience?: Patience;
  /** Index of the server to begin with. */
  readonly first?: number;
}

interface Room {
  readonly servers: Servers;
  readonly patience: Patience;
  readonly wireOf: (server: string) => Wire;
}

/** A signal for those who gave none: one each, so that no listeners pile up on it. */
const never = (): AbortSignal => new AbortController().signal;
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

export function createFileClient({
  servers,
  wires,
  patience = DEFAULT_PATIENCE,
  first,
}: FileClientOptions): FileClient {
  const wireOf = (server: string): Wire => {
    const wire = wires.get(new URL(server).protocol);
    if (wire === undefined) throw new Error(`no protocol for ${server}`);
    return wire;
  };
  const room: Room = { servers: createServers(servers, first), patience, wireOf };
  return {
    put: (path, source, options = {}) => put(room, path, source, options),
    delete: (path, options = {}) => remove(room, path, options),
    get: (path, { range = { from: 0, to: undefined }, signal = never() } = {}) =>
      get(room, { path, range, version: undefined }, signal),
    async stat(path, { signal = never() } = {}) {
      const outcome = await ask(room, signal, (server) => wireOf(server).stat(server, path, signal));
      if (outcome.result !== 'answer') return refusal(outcome);
      return isAbsent(outcome.value) ? outcome.value : { result: 'found', file: outcome.value };
    },
    async list({ prefix, after = '', limit, signal = never() }) {
      const request = { prefix, after, limit };
      const outcome = await ask(room, signal, (server) => wireOf(server).list(server, request, signal));
      return outcome.result === 'answer' ? { result: 'listed', ...outcome.value } : refusal(outcome);
    },
    close() {
      for (const wire of wires.values()) wire.close();
    },
  };
}

/** Something that changes nothing: asked again as often as it takes. */
function ask<Value>(
  { servers, patience }: Room,
  signal: AbortSignal,
  askOne: Question<Value>['ask'],
): Promise<Outcome<Value>> {
  return askServers({ servers, patience, signal, ask: askOne, mayHaveHappened: () => false, canRepeat: () => true });
}

/** For what changes nothing, "unknown" is "not now". */
const refusal = ({ code, detail, server }: Omit<Refused, 'result'>): Refused => ({
  result: 'refused',
  code,
  detail,
  server,
});

async function get(room: Room, request: ReadRequest, signal: AbortSignal): Promise<Opened | Absent | Refused> {
  const { wireOf } = room;
  const outcome = await ask(room, signal, (server) => wireOf(server).get(server, request, signal));
  if (outcome.result !== 'answer') return refusal(outcome);
  const { value } = outcome;
  if (isAbsent(value)) return value;
  let server = outcome.server;
  const { file, toByte } = value;
  const resume = async (fromByte: number): Promise<WireFile | Refused> => {
    room.servers.failed(server);
    const rest: ReadRequest = { path: file.path, range: { from: fromByte, to: toByte }, version: file.version };
    const next = await ask(room, signal, (other) => wireOf(other).get(other, rest, signal));
    // The range was right for the version that is being read: it is another, shorter one that says so.
    if (next.result !== 'answer' && next.code === 'bad-range') return goneRefusal('replaced', next.server);
    if (next.result !== 'answer') return refusal(next);
    if (isAbsent(next.value)) return goneRefusal('deleted', next.server);
    server = next.server;
    return next.value;
  };
  return openDownload(value, { signal, resume });
}

const goneRefusal = (what: 'deleted' | 'replaced', server: string | undefined): Refused => ({
  result: 'refused',
  code: 'version-gone',
  detail: `the file was ${what} while it was being read`,
  server,
});

async function put(room: Room, path: string, source: Source, options: PutOptions): Promise<PutResult> {
  const { operation = makeOperationId(), signal = never(), condition = { kind: 'anything' } } = options;
  const { contentType = DEFAULT_CONTENT_TYPE, modifiedMs, onProgress = () => {} } = options;
  let upload: Upload | undefined;
  let again = source.open();
  const askOne = (server: string): Promise<Try<Stored>> => {
    upload = undefined;
    const open = (): AsyncIterable<Buffer> => {
      upload = createUpload(source, again as AsyncIterable<Buffer>, onProgress);
      again = undefined;
      return upload.open();
    };
    const { length } = source;
    const sha256 = (): string => (upload as Upload).sha256();
    return room
      .wireOf(server)
      .put(server, { path, operation, condition, contentType, modifiedMs, length, open, sha256 }, signal);
  };
  const canRepeat = (): boolean => {
    again ??= source.open();
    return again !== undefined;
  };
  const mayHaveHappened = (): boolean => upload?.isComplete === true;
  const outcome = await askServers({ ...room, signal, ask: askOne, mayHaveHappened, canRepeat });
  if (outcome.result !== 'answer') return named(outcome, operation);
  const { value, server } = outcome;
  if (upload?.isComplete === true && upload.sha256() !== value.sha256) {
    const code = 'not-the-same-bytes';
    return { result: 'unknown', code, detail: CLIENT_CODES[code], operation, server };
  }
  return { result: 'done', ...value };
}

async function remove(room: Room, path: string, options: WriteOptions): ReturnType<FileClient['delete']> {
  const { operation = makeOperationId(), signal = never(), condition = { kind: 'anything' } } = options;
  const request = { path, operation, condition };
  const outcome = await askServers({
    ...room,
    signal,
    ask: (server) => room.wireOf(server).delete(server, request, signal),
    mayHaveHappened: () => true,
    canRepeat: () => true,
  });
  if (outcome.result !== 'answer') return named(outcome, operation);
  return { result: 'done', operation, found: outcome.value.found };
}

/** Whether it was done or not, the operation's name belongs to what is not known. */
const named = (outcome: Unanswered, operation: string): Refused | OutcomeUnknown =>
  outcome.result === 'unknown' ? { ...outcome, operation } : outcome;
