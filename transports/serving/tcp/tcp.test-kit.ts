/** A real ring port with a ring of one behind it, and clients that say one frame at a time, right or wrong. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type ClientAnswer,
  type ClientFrame,
  clientHead,
  readServerFrame,
  type ServerFrame,
} from '../../frames/client-frames.js';
import { FrameParser } from '../../frames/parser.js';
import { encodePreface, PrefaceReader, VERSIONS } from '../../frames/preface.js';
import { Violation } from '../../frames/violation.js';
import type { RingPort } from '../../links/links.js';
import { openTcpRingPort } from '../../links/tcp/ring-port.js';
import type { Door } from '../door.js';
import { createLog } from '../log.js';
import { createMetrics, type Metrics } from '../metrics.js';
import { RingOfOne, type RingOfOneOptions } from '../ring-of-one.test-kit.js';
import { serveTcpClients, type TcpClients } from './clients.js';
import type { TcpLimits } from './limits.js';

export class World {
  door: Door | undefined;
  private readonly talkers: Client[] = [];

  private constructor(
    readonly ring: RingOfOne,
    readonly metrics: Metrics,
    readonly clients: TcpClients,
    readonly port: RingPort,
    /** Lines of the log. */
    readonly said: readonly string[],
  ) {
    this.door = ring.door;
  }

  static async begin(options: RingOfOneOptions = {}, limits: Partial<TcpLimits> = {}): Promise<World> {
    const ring = await RingOfOne.begin(options);
    const metrics = createMetrics();
    const lines: string[] = [];
    const log = createLog({ level: 'info', pretty: false, destination: { write: (line) => lines.push(line) } });
    const clients = serveTcpClients({ door: () => world.door, metrics, log, limits });
    const at = { host: '127.0.0.1', port: 0 };
    const port = await openTcpRingPort({ at, onClient: clients.take, onViolation: (_, why) => lines.push(why) });
    const world: World = new World(ring, metrics, clients, port, lines);
    return world;
  }

  async connect(): Promise<Client> {
    const socket = connect(this.port.at.port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new Client(socket);
    this.talkers.push(client);
    return client;
  }

  async end(): Promise<void> {
    for (const { socket } of this.talkers) socket.destroy();
    await this.clients.close({ graceful: false });
    await this.port.close();
    this.ring.end();
  }
}

export class Client {
  isClosed = false;
  /** Frames that were not looked at. */
  private readonly heard: ServerFrame[] = [];
  private waiting: (() => void)[] = [];
  acceptedBytes = 0;
  pieceBytes = 0;

  constructor(readonly socket: Socket) {
    const parser = new FrameParser((raw) => {
      const frame = readServerFrame(raw);
      if (frame instanceof Violation || frame === undefined) throw new Error('the server says what no server says');
      if (frame.kind === 'accept') {
        this.acceptedBytes += frame.bytes;
        this.pieceBytes = frame.pieceBytes;
      } else {
        this.heard.push(frame);
      }
      this.wake();
    });
    const preface = new PrefaceReader();
    let isGreeted = false;
    socket.on('data', (bytes) => {
      if (isGreeted) {
        parser.feed(bytes);
        return;
      }
      const read = preface.feed(bytes);
      if (read === undefined || read instanceof Violation) return;
      isGreeted = true;
      parser.feed(bytes.subarray(read.used));
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      this.isClosed = true;
      this.wake();
    });
    socket.write(encodePreface({ versions: VERSIONS, role: 'client' }));
  }

  say(...frames: readonly ClientFrame[]): this {
    const parts = frames.flatMap((frame) =>
      frame.kind === 'piece' ? [clientHead(frame), frame.bytes] : [clientHead(frame)],
    );
    this.socket.write(Buffer.concat(parts));
    return this;
  }

  /** The next frame but for accepts. */
  async hear(): Promise<ServerFrame> {
    for (;;) {
      const frame = this.heard.shift();
      if (frame !== undefined) return frame;
      if (this.isClosed) throw new Error('the connection was closed');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** All up to the last word. */
  async all(): Promise<{
    readonly opened: ServerFrame | undefined;
    readonly bytes: Buffer;
    readonly answer: ClientAnswer;
  }> {
    let opened: ServerFrame | undefined;
    const pieces: Buffer[] = [];
    for (;;) {
      const frame = await this.hear();
      if (frame.kind === 'opened') opened = frame;
      else if (frame.kind === 'piece') pieces.push(frame.bytes);
      else if (frame.kind === 'answer') return { opened, bytes: Buffer.concat(pieces), answer: frame.answer };
    }
  }

  async answer(): Promise<ClientAnswer> {
    return (await this.all()).answer;
  }

  async accepted(bytes: number): Promise<void> {
    while (this.acceptedBytes < bytes) {
      if (this.isClosed) throw new Error('the connection was closed');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    for (const look of this.waiting.splice(0)) look();
  }
}
