/**
 * The three kinds of failure, kept apart (a bug, a peer's violation, a refusal to a client).
 * One place for every code that a person may ever read.
 */
import { DEFAULT_LIMITS } from './limits.js';

/** Why a request was turned down, or why its outcome is not known. */
export type RefusalCode =
  | 'bad-path'
  | 'bad-operation-id'
  | 'bad-range'
  | 'operation-id-reused'
  | 'operation-too-old'
  | 'busy'
  | 'not-a-member'
  | 'leaving'
  | 'too-few-replicas'
  | 'no-space'
  | 'upload-stalled'
  | 'upload-aborted'
  | 'wrong-length'
  | 'unavailable'
  | 'timeout'
  | 'version-gone';

/** One sentence for each code: what it means and what to do. */
export const REFUSAL_TEXTS: Readonly<Record<RefusalCode, string>> = {
  'bad-path':
    'the path is not valid: use /-separated UTF-8 segments, none empty, "." or "..", no control characters (00 to 1F, 7F ' +
    'to 9F), 1,024 bytes at most',
  'bad-operation-id': 'the operation id is not a UUIDv7, or its time lies more than a minute ahead: make a fresh one',
  'bad-range': 'the range lies outside the file',
  'operation-id-reused': 'this operation id was used with other arguments: make a fresh one for a new operation',
  'operation-too-old': 'the operation id is older than the remembered outcomes: look at the file to see what happened',
  busy: 'the server holds as many operations as its limit allows: try again in a moment',
  'not-a-member': 'this server is not in the ring at present: ask another one',
  leaving: 'this server is leaving the ring and takes no new requests: ask another one',
  'too-few-replicas': 'the chain of this path is shorter than min-replicas: writes wait until it is refilled',
  'no-space': 'a server that would keep this file has no room left: delete files or add room, and try again',
  'upload-stalled':
    `less than one chunk (256 KiB, unless the ring was founded with another) came in ${DEFAULT_LIMITS.clientIdleMs / 1000} s: ` +
    'send the file again, and faster; for lines as slow as that found a ring with a smaller --chunk',
  'upload-aborted': 'the client gave the upload up',
  'wrong-length': 'the bytes received are not as many as announced: send the file again',
  unavailable: 'nobody in the ring can answer for this path at present: see status',
  timeout: 'the ring did not answer in time: asking again with the same operation id is safe',
  'version-gone': 'the version being read was replaced and its bytes are gone: read the file again',
};

/** A broken invariant: a bug of ours. The only thing the core ever throws; it ends the process or fails the run. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Asserts on both sides of a boundary, in production too. */
export function invariant(holds: boolean, what: string, a?: unknown, b?: unknown, c?: unknown): asserts holds {
  if (holds) return;
  const details = [a, b, c].filter((detail) => detail !== undefined);
  throw new InvariantError(details.length > 0 ? `${what} (${details.map(String).join(', ')})` : what);
}
