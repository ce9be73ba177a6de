/** A real connection between a client and a server, that breaks where a test wants it to. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of one connection; nothing said: it works. */
export interface Trouble {
  /** Broken when so many bytes have gone up to the server, down to the client. */
  readonly cutUpAt?: number;
  readonly cutDownAt?: number;
  /** This byte of those that go down is another one. */
  readonly corruptDownAt?: number;
  /** Just before it breaks. */
  readonly onCut?: () => Promise<unknown>;
}

export class Bridge {
  /** Of the next connections, one after the other; then all is well. */
  readonly troubles: Trouble[] = [];
  connections = 0;
  bytesDown = 0;
  /** What clients asked for. */
  heads = '';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly scheme: string,
    private readonly port: number,
  ) {}

  /** @param url of the server behind it */
  static async begin(url: string, ...troubles: readonly Trouble[]): Promise<Bridge> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { protocol, port } = new URL(url);
    const bridge = new Bridge(server, protocol.slice(0, -1), Number(port));
    bridge.troubles.push(...troubles);
    server.on('connection', (socket) => bridge.carry(socket));
    return bridge;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Nobody is there any more. */
  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private carry(client: Socket): void {
    this.connections++;
    const trouble = this.troubles.shift() ?? {};
    const server = connect(this.port, '127.0.0.1');
    const cut = async (): Promise<void> => {
      client.pause();
      server.pause();
      await trouble.onCut?.();
      client.resetAndDestroy();
      server.destroy();
    };
    this.relay(client, server, trouble.cutUpAt, cut, (bytes) => {
      this.heads += bytes.toString('latin1', 0, 512);
    });
    let down = 0;
    this.relay(server, client, trouble.cutDownAt, cut, (bytes) => {
      const at = (trouble.corruptDownAt ?? -1) - down;
      if (at >= 0 && at < bytes.length) bytes[at] = (bytes[at] as number) ^ 1;
      down += bytes.length;
      this.bytesDown += bytes.length;
    });
  }

  private relay(
    from: Socket,
    to: Socket,
    cutAt: number | undefined,
    cut: () => Promise<void>,
    see: (bytes: Buffer) => void,
  ): void {
    let bytes = 0;
    let isCut = false;
    this.sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      if (!isCut) to.destroy();
    });
    from.on('data', (piece: Buffer) => {
      if (isCut) return;
      const left = (cutAt ?? Number.POSITIVE_INFINITY) - bytes;
      const passed = piece.length <= left ? piece : piece.subarray(0, left);
      bytes += piece.length;
      see(passed);
      if (bytes >= (cutAt ?? Number.POSITIVE_INFINITY)) {
        isCut = true;
        to.write(passed, () => void cut());
      } else if (!to.write(passed)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => to.end());
  }
}
