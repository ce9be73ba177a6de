// The embedded coordinator for tests: in a folder that goes when the test does, and ways to it that can be cut.
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { HostPort } from '../../leaves/host-port.js';
import { FrameReader, frame } from './framing.js';
import { ANSWER_BYTES_MAX } from './limits.js';
import { PROTOCOL, VERSION } from './protocol.js';

export const LOOPBACK: HostPort = { host: '127.0.0.1', port: 0 };
/** Long enough for a busy machine, short enough to wait for its end. */
export const SESSION_MS = 700;
const PATIENCE_MS = 10_000;

export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'ppnfs-coordinator-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Real time passes. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it did not come true within ${PATIENCE_MS} ms`);
    await wait(2);
  }
}

/** A client without manners: says what it likes, and hears everything. */
export class RawClient {
  readonly heard: unknown[] = [];
  hasEnded = false;
  private readonly reader = new FrameReader(ANSWER_BYTES_MAX);

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => {
      this.reader.push(bytes);
      for (let message = this.reader.next(); message !== undefined; message = this.reader.next())
        this.heard.push(message);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.hasEnded = true;
    });
  }

  static async connect(at: HostPort): Promise<RawClient> {
    const socket = connect({ ...at, noDelay: true });
    await new Promise((resolve) => socket.once('connect', resolve));
    return new RawClient(socket);
  }

  /** With a session of its own. */
  static async open(at: HostPort): Promise<{ client: RawClient; session: string; secret: string }> {
    const client = await RawClient.connect(at);
    client.say(HELLO, { method: 'open', call: 0 });
    await until(() => client.heard.length === 2);
    const { reply } = client.heard.splice(0)[1] as { reply: { session: string; secret: string } };
    return { client, ...reply };
  }

  say(...messages: readonly object[]): void {
    this.write(Buffer.concat(messages.map(frame)));
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Takes nothing in any more. */
  pause(): void {
    this.socket.pause();
  }

  /** What came but for the heartbeats. */
  get words(): readonly unknown[] {
    return this.heard.filter((message) => !(message instanceof Object && 'heartbeat' in message));
  }

  close(): void {
    this.socket.destroy();
  }
}

export const HELLO = { method: 'hello', protocol: PROTOCOL, version: VERSION };

/** A way to a TCP port that can be cut: with a reset, or in silence. */
export class Way {
  at: HostPort = LOOPBACK;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private state: 'whole' | 'reset' | 'silent' = 'whole';

  private constructor(
    private readonly server: Server,
    private readonly to: () => HostPort,
  ) {
    server.on('connection', (near) => this.carry(near));
  }

  static async open(to: () => HostPort): Promise<Way> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const way = new Way(server, to);
    way.at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    return way;
  }

  cut(how: 'reset' | 'silent'): void {
    this.state = how;
    for (const [near, far] of this.pairs) {
      if (how === 'reset') {
        near.destroy();
        far.destroy();
      }
    }
  }

  heal(): void {
    this.state = 'whole';
    // What was swallowed is missing: such a connection is worth nothing.
    for (const [near, far] of this.pairs) {
      near.destroy();
      far.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut('reset');
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(near: Socket): void {
    if (this.state === 'reset') {
      near.destroy();
      return;
    }
    const far = connect({ ...this.to(), noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    this.pairs.add(pair);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('data', (bytes: Buffer) => {
        if (this.state === 'whole' && other.writable) other.write(bytes);
      });
      one.on('error', () => undefined);
      one.on('close', () => {
        this.pairs.delete(pair);
        if (this.state !== 'silent') other.destroy();
      });
    }
  }
}
