// One client's way to ZooKeeper, through a proxy that can be cut, can lose an answer, and overhears who the sessions are.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Credentials, credentialsIn, Frames, headOf } from './wire.test-kit.js';

export type Target = () => { readonly host: string; readonly port: number };

export class CuttableProxy {
  readonly sessions = new Map<string, Credentials>();
  private readonly ways = new Set<Way>();
  private isCut = false;
  private held: Promise<void> = Promise.resolve();
  /** The answer to the next request of this type is lost, with the connection. */
  loseReplyTo: number | undefined;
  /** Answers that were lost so. */
  lost = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: Target,
  ) {
    server.on('connection', (socket) => void this.accept(socket));
  }

  static async open(target: Target): Promise<CuttableProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CuttableProxy(server, target);
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.ways.size;
  }

  cut(): void {
    this.isCut = true;
    for (const way of this.ways) way.end();
  }

  heal(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Whoever connects waits until this is done. */
  async during(work: Promise<void>): Promise<void> {
    this.held = work;
    await work;
  }

  private async accept(near: Socket): Promise<void> {
    near.on('error', () => undefined);
    await this.held;
    if (this.isCut) {
      near.destroy();
      return;
    }
    const way = new Way(this, near, connect(this.target()));
    this.ways.add(way);
    way.onEnd = () => this.ways.delete(way);
  }
}

/** One connection and its continuation. */
class Way {
  onEnd: () => void = () => undefined;
  private readonly requests = new Frames();
  private readonly answers = new Frames();
  private isGreeted = false;
  private isIntroduced = false;
  private losing: number | undefined;

  constructor(
    private readonly proxy: CuttableProxy,
    private readonly near: Socket,
    private readonly far: Socket,
  ) {
    near.on('data', (bytes: Buffer) => {
      for (const frame of this.requests.take(bytes)) this.ask(frame);
      if (this.requests.isBroken) this.end();
    });
    far.on('data', (bytes: Buffer) => {
      for (const frame of this.answers.take(bytes)) this.answer(frame);
    });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.end());
      socket.on('close', () => this.end());
    }
  }

  end(): void {
    this.near.destroy();
    this.far.destroy();
    this.onEnd();
  }

  private ask(frame: Buffer): void {
    const { number, type } = headOf(frame);
    // The first frame of a connection has no type.
    if (this.isGreeted && type === this.proxy.loseReplyTo) {
      this.losing = number;
      this.proxy.loseReplyTo = undefined;
    }
    this.isGreeted = true;
    this.far.write(frame);
  }

  private answer(frame: Buffer): void {
    if (this.isIntroduced && this.losing !== undefined && headOf(frame).number === this.losing) {
      this.proxy.lost++;
      this.end();
      return;
    }
    if (!this.isIntroduced) {
      this.isIntroduced = true;
      const credentials = credentialsIn(frame);
      if (credentials !== undefined) this.proxy.sessions.set(credentials.owner, credentials);
    }
    this.near.write(frame);
  }
}
