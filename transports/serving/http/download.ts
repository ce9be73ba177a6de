/**
 * GET of a file: the ring's chunks go into the socket as they are, no faster than the client takes them.
 * Must never mix versions nor end a short answer cleanly: what cannot be finished is cut.
 */
import { versionText } from '../../../core/ids.js';
import type { Consistency } from '../../../core/input.js';
import type { Conversation, Door, Hearer, LastWord, OpenedFile } from '../door.js';
import { problemOf } from '../problems.js';
import { keepAlive, takenBytesOf } from '../progress.js';
import { judge, type ReadConditions } from './conditions.js';
import { type Exchange, respond, respondProblem } from './exchange.js';
import { fileHeaders, type Headers } from './file-headers.js';
import { rangeOf, type WantedRange } from './range.js';

/** The last bytes of a file whose length changes between two questions are asked for so often. */
const LENGTH_CHANGES_MAX = 3;

export interface Wish {
  readonly path: string;
  readonly conditions: ReadConditions;
  readonly consistency: Consistency;
}

/** Bytes [from, to) as they were computed, if they were, from the length of this version. */
interface Span {
  readonly from: number;
  readonly to: number | undefined;
  readonly ofVersion: string | undefined;
}
const WHOLE: Span = { from: 0, to: undefined, ofVersion: undefined };

export class Download {
  private readonly wanted: WantedRange;
  private conversation: Conversation | undefined;
  private lengthChanges = 0;

  constructor(
    private readonly exchange: Exchange,
    private readonly door: Door,
    private readonly wish: Wish,
  ) {
    this.wanted = rangeOf(exchange.request.headers.range);
    exchange.response.once('close', () => this.conversation?.leave());
  }

  begin(): void {
    const { wanted } = this;
    // The length must be known first; and what is likely not to be sent at all is not put on the stream for it.
    if (wanted.kind === 'last' || this.wish.conditions.ifNoneMatch !== undefined) this.look();
    else this.get(wanted.kind === 'from' ? { ...wanted, ofVersion: undefined } : WHOLE);
  }

  private look(): void {
    const { path, consistency } = this.wish;
    this.ask({ kind: 'stat', path, consistency }, () => ({
      ...{ accept: ignore, file: ignore, data: ignore },
      answer: (answer) => {
        if (answer.result !== 'found') this.refuse(answer);
        else if (this.mayGo(answer.file)) this.get(this.spanIn(answer.file));
      },
    }));
  }

  private spanIn({ version, manifest }: Pick<OpenedFile, 'version' | 'manifest'>): Span {
    const { wanted } = this;
    if (wanted.kind === 'whole') return WHOLE;
    if (wanted.kind === 'from') return { ...wanted, ofVersion: undefined };
    // Zero bytes at the end lie outside every file.
    if (wanted.bytes === 0) return { from: Math.max(1, manifest.length), to: undefined, ofVersion: undefined };
    return { from: Math.max(0, manifest.length - wanted.bytes), to: undefined, ofVersion: versionText(version) };
  }

  private get(span: Span): void {
    const { path, consistency } = this.wish;
    const { from, to } = span;
    this.ask({ kind: 'get', path, from, to, consistency }, (conversation) => {
      const transfer = new Transfer(this.exchange, conversation);
      return {
        accept: ignore,
        file: (opened) => {
          if (this.mayTransfer(opened, span)) transfer.begin(opened, this.wanted.kind !== 'whole' && span !== WHOLE);
          else conversation.leave();
        },
        data: (bytes) => transfer.data(bytes),
        answer: (answer) => {
          if (transfer.isBegun) transfer.end(answer);
          else if (problemOf(answer) === 'bad-range' && span.ofVersion !== undefined) this.again(() => this.look());
          else this.refuse(answer);
        },
      };
    });
  }

  private ask(operation: Parameters<Door['ask']>[0], hear: (conversation: Conversation) => Hearer): void {
    this.door.ask(operation, (conversation) => {
      this.conversation = conversation;
      return hear(conversation);
    });
  }

  /** Answers the request itself if the version is not one that the client wants. */
  private mayGo(file: Pick<OpenedFile, 'version' | 'manifest'>): boolean {
    switch (judge(this.wish.conditions, versionText(file.version))) {
      case 'go':
        return true;
      case 'failed':
        respondProblem(this.exchange, 'precondition-failed');
        return false;
      case 'unchanged':
        respondUnchanged(this.exchange, fileHeaders(file));
        return false;
    }
  }

  private mayTransfer(opened: OpenedFile, span: Span): boolean {
    if (!this.mayGo(opened)) return false;
    const version = versionText(opened.version);
    const { ifRange } = this.wish.conditions;
    if (span !== WHOLE && ifRange !== undefined && ifRange !== version) {
      // The part that the client has is of another version.
      this.get(WHOLE);
      return false;
    }
    if (span.ofVersion === undefined || span.ofVersion === version) return true;
    this.again(() => this.get(this.spanIn(opened)));
    return false;
  }

  /** The file has changed since its length was asked for. */
  private again(work: () => void): void {
    if (++this.lengthChanges > LENGTH_CHANGES_MAX) respondProblem(this.exchange, 'busy');
    else work();
  }

  private refuse(answer: LastWord): void {
    const code = problemOf(answer) ?? 'unavailable';
    if (code === 'bad-range') this.refuseRange();
    else respondProblem(this.exchange, code);
  }

  /** With the length, so that the client can tell whether it has all. */
  private refuseRange(): void {
    const { path, consistency } = this.wish;
    this.ask({ kind: 'stat', path, consistency }, () => ({
      ...{ accept: ignore, file: ignore, data: ignore },
      answer: (answer) => {
        if (answer.result !== 'found') {
          respondProblem(this.exchange, answer.result === 'absent' ? 'absent' : 'bad-range');
          return;
        }
        const { file } = answer;
        const { ifRange } = this.wish.conditions;
        // A range of a version that is no more is none; and what holds for the file holds whatever the range.
        if (!this.mayGo(file)) return;
        if (ifRange !== undefined && ifRange !== versionText(file.version)) this.get(WHOLE);
        else respondProblem(this.exchange, 'bad-range', rangeHeader(`*/${file.manifest.length}`));
      },
    }));
  }
}

const ignore = (): void => {};
const rangeHeader = (text: string): { headers: Headers } => ({ headers: { 'Content-Range': `bytes ${text}` } });

export function respondUnchanged(exchange: Exchange, headers: Headers): void {
  const { ETag = '', 'Cache-Control': cacheControl = '' } = headers;
  exchange.result = 'not-modified';
  respond(exchange, 304, '', { ETag, 'Cache-Control': cacheControl });
}

/** The bytes of one version on their way into the socket. */
class Transfer {
  isBegun = false;
  private leftBytes = 0;
  private status = 200;
  private headers: Headers = {};

  constructor(
    private readonly exchange: Exchange,
    private readonly conversation: Conversation,
  ) {}

  begin(opened: OpenedFile, isPart: boolean): void {
    const { manifest, fromByte, toByte } = opened;
    const { request, response, limits } = this.exchange;
    this.isBegun = true;
    this.leftBytes = toByte - fromByte;
    this.headers = fileHeaders(opened);
    this.headers['Content-Length'] = this.leftBytes;
    if (isPart && manifest.length > 0) {
      this.status = 206;
      this.headers['Content-Range'] = `bytes ${fromByte}-${toByte - 1}/${manifest.length}`;
    }
    if (this.leftBytes === 0) {
      response.writeHead(this.status, this.headers);
      response.end();
      return;
    }
    this.conversation.ready(limits.getWindowChunks);
    if (this.leftBytes > manifest.chunkBytes) {
      const { socket } = request;
      response.once(
        'close',
        keepAlive(this.conversation, limits.progressMs, () => takenBytesOf(socket)),
      );
    }
  }

  data(bytes: Buffer): void {
    const { exchange } = this;
    const { response } = exchange;
    if (response.destroyed) return;
    exchange.outBytes += bytes.length;
    if (!response.headersSent) response.writeHead(this.status, this.headers);
    this.leftBytes -= bytes.length;
    if (this.leftBytes === 0) response.end(bytes);
    else response.write(bytes, this.written);
  }

  private readonly written = (error: Error | null | undefined): void => {
    if (error === null || error === undefined) this.conversation.ready(1);
  };

  /** The last word came: before the last byte it means that there will be no other. */
  end(answer: LastWord): void {
    if (this.leftBytes === 0) return;
    const { response } = this.exchange;
    const code = problemOf(answer) ?? 'unavailable';
    if (!response.headersSent) {
      respondProblem(this.exchange, code);
      return;
    }
    this.exchange.result = code;
    response.destroy();
  }
}
