/**
 * One client on one connection: frames in, one operation at a time, frames out. What the client does wrong ends its
 * connection and nothing else. Must never say anything for an operation that has had its last word.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  CLIENT_FRAME_LIMITS,
  type ClientAnswer,
  type ClientFrame,
  type ClientRequest,
  clientHead,
  type PutFrame,
  readClientFrame,
  type ServerFrame,
} from '../../frames/client-frames.js';
import type { RawFrame } from '../../frames/header.js';
import { FRAME_LIMITS } from '../../frames/limits.js';
import { FrameParser } from '../../frames/parser.js';
import { Violation } from '../../frames/violation.js';
import { Outbox } from '../../links/outbox.js';
import type { Door } from '../door.js';
import { CONTENT_TYPE_MAX, isContentType } from '../file-words.js';
import type { Metrics, Served } from '../metrics.js';
import { TOO_MANY_CONNECTIONS } from '../problems.js';
import { keepAlive, takenBytesOf } from '../progress.js';
import type { TcpLimits } from './limits.js';
import { begin, type Operation, refusal, type Voice } from './operations.js';

export interface SessionOptions {
  /** Undefined: between two lives. */
  door(): Door | undefined;
  readonly metrics: Metrics;
  readonly limits: TcpLimits;
  /** For the log: what the client did wrong. */
  onViolation(why: string): void;
}

const PARSER_LIMITS = {
  controlBytesMax: CLIENT_FRAME_LIMITS.requestBytesMax,
  chunkBytesMax: CLIENT_FRAME_LIMITS.pieceBytesMax,
  scratchBytes: FRAME_LIMITS.scratchBytes,
  slabRoomBytes: FRAME_LIMITS.slabRoomBytes,
};

interface Running {
  readonly kind: ClientRequest['kind'];
  readonly startedMs: number;
  operation: Operation | undefined;
  stop: () => void;
}

export class Session {
  private readonly parser = new FrameParser((raw) => this.arrived(raw), PARSER_LIMITS);
  private readonly outbox: Outbox;
  private running: Running | undefined;
  /** A put was answered before its end: what still comes of it is not looked at. */
  private isSkipping = false;
  /** Why no operation is begun any more: after the one under way, or the answer to the next one, the connection ends. */
  private closing: ClientAnswer | undefined;
  private isOver = false;
  private readonly idle: NodeJS.Timeout;

  constructor(
    private readonly socket: Duplex,
    private readonly options: SessionOptions,
  ) {
    const { limits } = options;
    this.idle = setTimeout(() => socket.destroy(), limits.idleMs);
    this.outbox = new Outbox(socket, {
      gatherBytes: limits.gatherBytes,
      onSent: () => {},
      onTaken: (pieces) => {
        this.idle.refresh();
        this.running?.operation?.taken(pieces);
      },
    });
    socket.on('data', (bytes: Buffer) => this.feed(bytes));
    // A client that says no more wants no answer either.
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.ended());
  }

  feed(bytes: Uint8Array): void {
    this.idle.refresh();
    const violation = this.parser.feed(bytes);
    if (violation !== undefined) this.accuse(violation.why);
  }

  /** No more operations; what is under way is finished. */
  drain(): void {
    this.closing = refusal('draining');
    if (this.running === undefined) this.hangUp();
  }

  /** There are too many: its client is to hear that nothing was done, which a connection that just ends does not say. */
  turnAway(): void {
    this.closing = refusal('busy', TOO_MANY_CONNECTIONS);
    this.endSoon();
  }

  private arrived(raw: RawFrame): void {
    if (this.isOver) return;
    const frame = readClientFrame(raw);
    if (frame instanceof Violation) this.accuse(frame.why);
    else if (frame !== undefined) this.take(frame);
  }

  private take(frame: ClientFrame): void {
    switch (frame.kind) {
      case 'piece':
      case 'end':
      case 'give-up':
        this.takeOfPut(frame);
        return;
      default:
        if (this.running !== undefined || this.isSkipping)
          this.accuse('an operation before the one before it has ended');
        else this.begin(frame);
    }
  }

  private takeOfPut(frame: PutFrame): void {
    if (this.isSkipping) {
      if (frame.kind === 'piece') return;
      this.isSkipping = false;
      if (this.closing !== undefined) this.hangUp();
    } else if (this.running?.kind !== 'put') {
      this.accuse(`${frame.kind} without a put`);
    } else {
      if (frame.kind === 'piece') this.options.metrics.bytes('in', frame.bytes.length);
      // Whatever is answered from here on, nothing more of this put will come.
      this.hasEnded = frame.kind !== 'piece';
      this.running.operation?.take(frame);
    }
  }

  private hasEnded = false;

  private begin(request: ClientRequest): void {
    const running: Running = { kind: request.kind, startedMs: performance.now(), operation: undefined, stop: () => {} };
    this.running = running;
    this.hasEnded = request.kind !== 'put';
    const voice: Voice = {
      say: (frame) => this.running === running && this.say(frame),
      answer: (answer) => this.running === running && this.answer(running, answer),
      accuse: (why) => this.accuse(why),
    };
    const door = this.options.door();
    if (this.closing !== undefined) voice.answer(this.closing);
    else if (door === undefined || door.chunkBytes === 0) voice.answer(refusal('not-a-member'));
    else if (request.kind === 'put' && !isContentType(request.contentType)) {
      voice.answer(refusal('bad-request', `a content type is at most ${CONTENT_TYPE_MAX} printable ASCII characters`));
    } else {
      const operation = begin(door, request, voice, this.options.limits);
      if (this.running === running) this.attend(running, operation);
    }
  }

  private attend(running: Running, operation: Operation): void {
    const { socket, options } = this;
    running.operation = operation;
    if (running.kind !== 'get' || !(socket instanceof Socket)) return;
    running.stop = keepAlive(operation.conversation, options.limits.progressMs, () => takenBytesOf(socket));
  }

  private say(frame: ServerFrame): void {
    if (this.isOver) return;
    this.idle.refresh();
    this.outbox.add(clientHead(frame), false);
    if (frame.kind !== 'piece') return;
    this.options.metrics.bytes('out', frame.bytes.length);
    this.outbox.add(frame.bytes, true);
  }

  private answer(running: Running, answer: ClientAnswer): void {
    this.say({ kind: 'answer', answer });
    this.isSkipping = !this.hasEnded;
    this.count(running, resultOf(answer));
    if (this.closing !== undefined && !this.isSkipping) this.hangUp();
    else if (this.outbox.bytes > this.options.limits.untakenBytesMax) this.holdUntilTaken();
  }

  /** A client that does not take its answers may ask for no others: they would have to be kept for it. */
  private holdUntilTaken(): void {
    const { socket } = this;
    socket.pause();
    // Behind what the outbox hands over at the end of this turn.
    setImmediate(() => socket.write('', () => socket.resume()));
  }

  private count(running: Running, result: string): void {
    running.stop();
    this.running = undefined;
    const seconds = (performance.now() - running.startedMs) / 1000;
    const served: Served = { protocol: 'tcp', kind: running.kind, result, seconds };
    this.options.metrics.served(served);
  }

  private accuse(why: string): void {
    if (this.isOver) return;
    this.options.onViolation(why);
    const { running } = this;
    running?.operation?.conversation.leave();
    if (running !== undefined) this.count(running, 'bad-request');
    this.say({ kind: 'answer', answer: refusal('bad-request', why) });
    this.hangUp();
  }

  private hangUp(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.parser.stop();
    this.outbox.finish();
    // Its last words get there; what it says further is read and thrown away, but not for long.
    this.endSoon();
  }

  private endSoon(): void {
    setTimeout(() => this.socket.destroy(), this.options.limits.lingerMs).unref();
  }

  private ended(): void {
    this.isOver = true;
    clearTimeout(this.idle);
    this.parser.stop();
    this.outbox.drop();
    const { running } = this;
    if (running === undefined) return;
    running.operation?.conversation.leave();
    this.count(running, 'gone');
  }
}

function resultOf(answer: ClientAnswer): string {
  if (answer.result === 'refused' || answer.result === 'unknown') return answer.code;
  if (answer.result === 'absent') return 'absent';
  if (answer.result !== 'done') return 'ok';
  const { outcome } = answer;
  if (outcome.result === 'precondition-failed') return outcome.result;
  return outcome.result === 'deleted' && !outcome.found ? 'absent' : 'ok';
}
