/** A real HTTP server in front of a ring of one, and clients that see every byte. */
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Door } from '../door.js';
import { createLog } from '../log.js';
import { createMetrics, type Metrics } from '../metrics.js';
import { RingOfOne, type RingOfOneOptions } from '../ring-of-one.test-kit.js';
import type { HttpLimits } from './limits.js';
import { type HttpServer, startHttpServer } from './server.js';

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export class World {
  door: Door | undefined;
  why = '';
  /** How often it was told to go. */
  left = 0;

  private constructor(
    readonly ring: RingOfOne,
    readonly metrics: Metrics,
    readonly sockets: Socket[] = [],
  ) {
    this.door = ring.door;
  }

  private server: HttpServer | undefined;

  static async begin(
    options: RingOfOneOptions = {},
    limits: Partial<HttpLimits> = {},
    host = '127.0.0.1',
  ): Promise<World> {
    const world = new World(await RingOfOne.begin(options), createMetrics());
    world.server = await startHttpServer({
      listen: { host, port: 0 },
      door: () => world.door,
      ready: () => ({ ok: world.why === '', why: world.why }),
      leave: () => {
        world.left++;
      },
      status: () => ({ ring: ['n1'] }),
      metrics: world.metrics,
      log: createLog({ level: 'silent', pretty: false }),
      limits,
    });
    return world;
  }

  get port(): number {
    return this.server?.at.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  close(graceful: boolean): Promise<void> {
    return this.server?.close({ graceful }) ?? Promise.resolve();
  }

  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await this.close(false);
    this.ring.end();
  }

  /** One request over a connection of its own. */
  ask(method: string, path: string, options: RequestOptions = {}, body?: Buffer | string): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { port } = this;
      const request = httpRequest({ agent: false, host: '127.0.0.1', port, method, path, ...options });
      request.once('error', reject);
      request.once('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: Buffer.concat(pieces) });
        });
      });
      request.end(body);
    });
  }

  /** A client that writes bytes as it likes. */
  async raw(): Promise<Raw> {
    const socket = connect(this.port, '127.0.0.1');
    this.sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Raw(socket);
  }
}

export class Raw {
  received = '';
  isClosed = false;
  private waiting: (() => void)[] = [];

  constructor(readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.wake();
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      this.isClosed = true;
      this.wake();
    });
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Resolves when the text has come; rejects if the connection ends without it. */
  until(text: string): Promise<string> {
    return this.when(() => this.received.includes(text), `${JSON.stringify(text)} never came`);
  }

  closed(): Promise<string> {
    return this.when(() => this.isClosed, '');
  }

  private when(holds: () => boolean, why: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (holds()) resolve(this.received);
        else if (this.isClosed) reject(new Error(`${why}; there was ${JSON.stringify(this.received)}`));
        else this.waiting.push(look);
      };
      look();
    });
  }

  private wake(): void {
    for (const look of this.waiting.splice(0)) look();
  }
}

export const json = ({ body }: Response): Record<string, unknown> => JSON.parse(body.toString()) as never;
