/** Listening and ending, for every kind of link. Knows sockets, not what they carry. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { HostPort } from './links.js';

/** Where it listens: the port that was really taken. @throws the system's error */
export async function listen(server: Server, { host, port }: HostPort): Promise<HostPort> {
  server.listen(port, host);
  await once(server, 'listening');
  return { host, port: (server.address() as AddressInfo).port };
}

/** The sockets of a port, accepted and dialled. */
export class Sockets {
  private readonly open = new Set<Socket>();

  remember(socket: Socket): void {
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
  }

  /** Waits for the end of those that are open now. Each has its own reason to end soon. */
  async ended(): Promise<void> {
    await Promise.all([...this.open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }
}
