/**
 * One connection that speaks the TCP client protocol: frames out as they are said, frames in one after the other, as fast
 * as somebody takes them. Knows nothing of operations.
 */
import { connect, type Socket } from 'node:net';
import { type ClientFrame, clientHead, readServerFrame, type ServerFrame } from '../frames/client-frames.js';
import { FrameParser } from '../frames/parser.js';
import { commonVersion, encodePreface, PREFACE_BYTES, PrefaceReader, VERSIONS } from '../frames/preface.js';
import { Violation } from '../frames/violation.js';

/** A connection that does not stand by then counts as refused. */
const CONNECT_MS = 3_000;
/** Nothing in either direction for so long, and the server counts as gone. */
const SILENCE_MS = 12_000;
/** Frames that came and that nobody has taken yet, before no more is read. */
const WAITING_FRAMES_MAX = 16;

export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';
  constructor(
    why: string,
    /** It stood. */
    readonly reached: boolean,
  ) {
    super(why);
  }
}

export class TcpConnection {
  private readonly frames: ServerFrame[] = [];
  private readonly preface = new PrefaceReader();
  private readonly parser: FrameParser;
  private isGreeted = false;
  private failure: ConnectionFailed | undefined;
  private wake: () => void = () => {};

  private constructor(private readonly socket: Socket) {
    this.parser = new FrameParser((raw) => {
      const frame = readServerFrame(raw);
      if (frame instanceof Violation) this.fail(frame.why);
      else if (frame !== undefined) this.frames.push(frame);
    });
    socket.on('data', (bytes: Buffer) => this.hear(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(error.code ?? error.message));
    socket.on('close', () => this.fail('the connection was closed'));
    socket.setTimeout(SILENCE_MS, () => this.fail(`nothing was heard for ${SILENCE_MS / 1000} s`));
    socket.write(encodePreface({ versions: VERSIONS, role: 'client' }));
  }

  /** @throws ConnectionFailed, or the signal's reason */
  static open(server: string, signal: AbortSignal): Promise<TcpConnection> {
    const { hostname, port } = new URL(server);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), noDelay: true });
      const end = (error: unknown): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        socket.destroy();
        reject(error);
      };
      const abort = (): void => end(signal.reason);
      const timer = setTimeout(() => end(new ConnectionFailed('no connection in time', false)), CONNECT_MS);
      const refused = ({ code, message }: NodeJS.ErrnoException): void => {
        end(new ConnectionFailed(code === 'ECONNREFUSED' ? 'connection refused' : (code ?? message), false));
      };
      signal.addEventListener('abort', abort, { once: true });
      socket.once('error', refused);
      socket.once('connect', () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        socket.off('error', refused);
        resolve(new TcpConnection(socket));
      });
    });
  }

  get isOpen(): boolean {
    return this.failure === undefined;
  }

  /** Resolves when there is room for more. @throws ConnectionFailed */
  async say(frame: ClientFrame): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    let hasRoom = this.socket.write(clientHead(frame));
    if (frame.kind === 'piece') hasRoom = this.socket.write(frame.bytes);
    if (hasRoom) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.socket.off('drain', go);
        this.socket.off('close', go);
        resolve();
      };
      this.socket.on('drain', go);
      this.socket.on('close', go);
    });
  }

  /** One reader at a time. @throws ConnectionFailed */
  async next(): Promise<ServerFrame> {
    for (;;) {
      const frame = this.frames.shift();
      if (frame !== undefined) {
        if (this.frames.length < WAITING_FRAMES_MAX) this.socket.resume();
        return frame;
      }
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  close(): void {
    this.fail('closed by ourselves');
  }

  private hear(bytes: Buffer): void {
    const behind = this.isGreeted ? bytes : this.greet(bytes);
    if (behind === undefined || this.failure !== undefined) return;
    const violation = this.parser.feed(behind);
    if (violation !== undefined) this.fail(violation.why);
    if (this.frames.length >= WAITING_FRAMES_MAX) this.socket.pause();
    this.wake();
  }

  /** @returns what came behind the preface */
  private greet(bytes: Buffer): Buffer | undefined {
    const read = this.preface.feed(bytes);
    if (read === undefined) return undefined;
    const violation = read instanceof Violation ? read : commonVersion(VERSIONS, read.preface.versions);
    if (violation instanceof Violation) {
      this.fail(violation.why);
      return undefined;
    }
    this.isGreeted = true;
    return bytes.subarray(read instanceof Violation ? PREFACE_BYTES : read.used);
  }

  private fail(why: string): void {
    this.failure ??= new ConnectionFailed(why, true);
    this.socket.destroy();
    this.wake();
  }
}
