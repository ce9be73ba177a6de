/**
 * The operations of the TCP client protocol, each from its request to its answer: frames on one side, a conversation on
 * the other. Knows neither sockets nor who asks.
 */

import { versionText } from '../../../core/ids.js';
import type { ServerFrame } from '../../frames/client-frames.js';
import {
  CLIENT_FRAME_LIMITS,
  type ClientAnswer,
  type ClientRequest,
  type PutFrame,
} from '../../frames/client-frames.js';
import { Body } from '../body.js';
import type { Conversation, Door, Hearer, LastWord } from '../door.js';
import { problemText } from '../problems.js';
import type { TcpLimits } from './limits.js';

/** Where an operation speaks. */
export interface Voice {
  say(frame: ServerFrame): void;
  /** The last word. */
  answer(answer: ClientAnswer): void;
  /** The client broke the rules: nothing more is said to it. */
  accuse(why: string): void;
}

/** One operation under way. */
export interface Operation {
  /** Of a put: what comes behind its request. */
  take(frame: PutFrame): void;
  /** The socket has taken so many pieces of a get. */
  taken(pieces: number): void;
  readonly conversation: Conversation;
}

type Wish = Parameters<Door['ask']>[0];
type PutRequest = Extract<ClientRequest, { kind: 'put' }>;
type GetRequest = Extract<ClientRequest, { kind: 'get' }>;

const { unacceptedBytes, pieceBytesMax } = CLIENT_FRAME_LIMITS;
const ignore = (): void => {};
const quiet = { accept: ignore, file: ignore, data: ignore, take: ignore, taken: ignore };

export function begin(door: Door, request: ClientRequest, voice: Voice, limits: TcpLimits): Operation {
  switch (request.kind) {
    case 'put':
      return new Put(door, request, voice);
    case 'get':
      return new Get(door, request, voice, limits.getWindowChunks);
    default:
      return ask(door, request, voice);
  }
}

function ask(door: Door, request: Exclude<ClientRequest, PutRequest | GetRequest>, voice: Voice): Operation {
  const operation = request.kind === 'delete' ? request.operation : undefined;
  const conversation = door.ask(wishOf(request), () => ({
    ...quiet,
    answer: (answer) => voice.answer(wordsOf(answer, request.kind === 'delete', operation)),
  }));
  return { ...quiet, conversation };
}

function wishOf(request: Exclude<ClientRequest, PutRequest>): Wish {
  switch (request.kind) {
    case 'delete':
      return { ...request, path: request.path.normalize('NFC') };
    case 'list': {
      const { prefix, after, limit } = request;
      return {
        kind: 'list',
        prefix: prefix.normalize('NFC'),
        after: after.normalize('NFC'),
        limit: Math.max(1, limit),
      };
    }
    case 'stat':
      return { ...request, path: request.path.normalize('NFC') };
    case 'get': {
      const { from, to, consistency } = request;
      return { kind: 'get', path: request.path.normalize('NFC'), from, to, consistency };
    }
  }
}

/** The core's last word, for the wire. */
function wordsOf(answer: LastWord, isWrite: boolean, asked: string | undefined): ClientAnswer {
  switch (answer.result) {
    case 'refused':
      return refusal(answer.code);
    case 'unknown':
      return { result: 'unknown', code: answer.code, detail: problemText(answer.code), operation: answer.operation };
    case 'lost':
      return isWrite
        ? { result: 'unknown', code: 'lost', detail: problemText('lost'), operation: asked }
        : refusal('not-a-member');
    default:
      return answer;
  }
}

export function refusal(code: Parameters<typeof problemText>[0], detail = problemText(code)): ClientAnswer {
  return { result: 'refused', code, detail };
}

class Put implements Operation {
  readonly conversation: Conversation;
  private body: Body | undefined;
  private receivedBytes = 0;
  private allowedBytes: number = unacceptedBytes;
  private announcedSha256: string | undefined;

  constructor(
    door: Door,
    private readonly request: PutRequest,
    private readonly voice: Voice,
  ) {
    const { path, operation, precondition, contentType } = request;
    const modifiedMs = request.modifiedMs ?? Date.now();
    const wish: Wish = { kind: 'put', path: path.normalize('NFC'), operation, precondition, contentType, modifiedMs };
    this.conversation = door.ask(wish, (conversation) => this.hear(door.chunkBytes, conversation));
  }

  private hear(chunkBytes: number, conversation: Conversation): Hearer {
    const { voice, request } = this;
    const complete = (sha256: string): boolean => this.isAnnounced(sha256);
    const body = new Body(conversation, chunkBytes, request.length, { room: ignore, complete });
    this.body = body;
    return {
      ...quiet,
      accept: (chunks) => {
        const bytes = chunks * chunkBytes;
        this.allowedBytes += bytes;
        voice.say({ kind: 'accept', bytes, pieceBytes: Math.min(chunkBytes, pieceBytesMax) });
        body.accept(chunks);
      },
      answer: (answer) => voice.answer(wordsOf(answer, true, request.operation)),
    };
  }

  take(frame: PutFrame): void {
    const { request, conversation } = this;
    switch (frame.kind) {
      case 'piece':
        this.receivedBytes += frame.bytes.length;
        if (this.receivedBytes > this.allowedBytes) this.voice.accuse('more bytes of a put than were accepted');
        else if (this.receivedBytes > (request.length ?? Number.POSITIVE_INFINITY)) this.refuse('wrong-length');
        else this.body?.write(frame.bytes);
        return;
      case 'end':
        this.announcedSha256 = frame.sha256?.toLowerCase();
        if (this.receivedBytes < (request.length ?? 0)) this.refuse('wrong-length');
        else this.body?.end();
        return;
      case 'give-up':
        conversation.leave();
        this.voice.answer(refusal('upload-aborted'));
    }
  }

  taken(): void {}

  private refuse(code: 'wrong-length' | 'digest-mismatch'): void {
    this.conversation.leave();
    this.voice.answer(refusal(code));
  }

  private isAnnounced(sha256: string): boolean {
    if (this.announcedSha256 === undefined || this.announcedSha256 === sha256) return true;
    // The body leaves the conversation by itself.
    this.voice.answer(refusal('digest-mismatch'));
    return false;
  }
}

class Get implements Operation {
  readonly conversation: Conversation;

  constructor(
    door: Door,
    private readonly request: GetRequest,
    private readonly voice: Voice,
    private readonly windowChunks: number,
  ) {
    this.conversation = door.ask(wishOf(request), (conversation) => this.hear(conversation));
  }

  private hear(conversation: Conversation): Hearer {
    const { voice, request, windowChunks } = this;
    return {
      ...quiet,
      file: ({ version, manifest, fromByte, toByte }) => {
        if (request.version !== undefined && request.version !== versionText(version)) {
          conversation.leave();
          voice.answer(refusal('version-gone'));
          return;
        }
        voice.say({ kind: 'opened', file: { version, manifest }, fromByte, toByte });
        conversation.ready(windowChunks);
      },
      data: (bytes) => voice.say({ kind: 'piece', bytes }),
      answer: (answer) => voice.answer(wordsOf(answer, false, undefined)),
    };
  }

  take(): void {}

  taken(pieces: number): void {
    this.conversation.ready(pieces);
  }
}
