/**
 * Every reason why a client's request was not carried out, in one table: the protocol's refusals and the door's own.
 * Codes and texts are the same in every client protocol; the HTTP status stands beside them. A leaf.
 */
import { REFUSAL_TEXTS, type RefusalCode } from '../../core/refusals.js';
import type { LastWord } from './door.js';

/** What is refused before the core is asked, and what its answers mean that are no refusals. */
export type DoorCode =
  | 'absent'
  | 'exists'
  | 'precondition-failed'
  | 'bad-request'
  | 'too-long'
  | 'too-slow'
  | 'bad-expectation'
  | 'bad-condition'
  | 'digest-mismatch'
  | 'no-such-page'
  | 'bad-method'
  | 'not-from-here'
  | 'cross-site'
  | 'foreign-host'
  | 'draining'
  | 'lost';
export type ProblemCode = RefusalCode | DoorCode;

const DOOR_TEXTS: Readonly<Record<DoorCode, string>> = {
  absent: 'there is no file at this path',
  exists: 'there is a file at this path already: PUT replaces it',
  'precondition-failed': 'the file is not at the version that the request names: look at it and decide anew',
  'bad-request': 'the request cannot be understood',
  'too-long': 'the line and headers of the request are longer than this server reads: use fewer or shorter ones',
  'too-slow': 'the line and headers of the request did not come in time: ask again',
  'bad-expectation': 'Expect knows 100-continue and nothing else: leave it out',
  'bad-condition': 'the condition cannot be checked: use one version in double quotes as in ETag, or *',
  'digest-mismatch': 'the body is not the one whose digest was announced: send the file again',
  'no-such-page': 'nothing is served here: files are under /files/',
  'bad-method': 'this method means nothing here',
  'not-from-here': 'only an operator on the machine of this server may ask for that',
  'cross-site': 'a page of another site may not change anything here',
  'foreign-host':
    'the name in Host may stand for anything: ask it by IP address or as localhost, and let a proxy send one of these',
  draining: 'this server is about to stop and takes no new requests: ask another one',
  lost: 'the server lost its place before it had an answer: a write may have happened, look at the file',
};

const TEXTS: Readonly<Record<ProblemCode, string>> = { ...REFUSAL_TEXTS, ...DOOR_TEXTS };

/** Of `busy`, where it is not about operations. */
export const TOO_MANY_CONNECTIONS =
  'this server has as many connections as it may have: ask another one, or try again in a moment';

export interface Problem {
  readonly status: number;
  readonly title: string;
  /** After so many seconds asking again may help. */
  readonly retryAfterSeconds?: number;
}

export const PROBLEMS: Readonly<Record<ProblemCode, Problem>> = {
  'bad-path': { status: 400, title: 'Bad path' },
  'bad-operation-id': { status: 400, title: 'Bad operation id' },
  'bad-range': { status: 416, title: 'Range outside the file' },
  'operation-id-reused': { status: 422, title: 'Operation id used before' },
  'operation-too-old': { status: 409, title: 'Operation too old' },
  busy: { status: 503, title: 'Busy', retryAfterSeconds: 1 },
  'not-a-member': { status: 503, title: 'Not in the ring', retryAfterSeconds: 1 },
  leaving: { status: 503, title: 'Leaving the ring', retryAfterSeconds: 1 },
  'too-few-replicas': { status: 503, title: 'Too few replicas', retryAfterSeconds: 2 },
  'no-space': { status: 507, title: 'No space' },
  'upload-stalled': { status: 408, title: 'Upload stalled' },
  'upload-aborted': { status: 400, title: 'Upload given up' },
  'wrong-length': { status: 400, title: 'Wrong length' },
  unavailable: { status: 503, title: 'Unavailable', retryAfterSeconds: 2 },
  timeout: { status: 504, title: 'No answer in time', retryAfterSeconds: 1 },
  'version-gone': { status: 503, title: 'Version gone', retryAfterSeconds: 0 },
  absent: { status: 404, title: 'No such file' },
  exists: { status: 409, title: 'File exists' },
  'precondition-failed': { status: 412, title: 'Precondition failed' },
  'bad-request': { status: 400, title: 'Bad request' },
  'too-long': { status: 431, title: 'Request Header Fields Too Large' },
  'too-slow': { status: 408, title: 'Request Timeout' },
  'bad-expectation': { status: 417, title: 'Expectation Failed' },
  'bad-condition': { status: 400, title: 'Bad condition' },
  'digest-mismatch': { status: 400, title: 'Digest mismatch' },
  'no-such-page': { status: 404, title: 'No such page' },
  'bad-method': { status: 405, title: 'Method not allowed' },
  'not-from-here': { status: 403, title: 'Not from here' },
  'cross-site': { status: 403, title: 'Cross-site request' },
  'foreign-host': { status: 403, title: 'Not a name of this server' },
  draining: { status: 503, title: 'About to stop', retryAfterSeconds: 1 },
  lost: { status: 503, title: 'Outcome unknown', retryAfterSeconds: 1 },
};

export function problemText(code: ProblemCode): string {
  return TEXTS[code];
}

/** Why an answer is not the one that was hoped for; undefined: it is. */
export function problemOf(answer: LastWord): ProblemCode | undefined {
  switch (answer.result) {
    case 'refused':
    case 'unknown':
      return answer.code;
    case 'absent':
    case 'lost':
      return answer.result;
    case 'done':
      if (answer.outcome.result === 'precondition-failed') return 'precondition-failed';
      return answer.outcome.result === 'deleted' && !answer.outcome.found ? 'absent' : undefined;
    default:
      return undefined;
  }
}
