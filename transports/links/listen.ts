/** Listening and ending, for every kind of link. Knows sockets, not what they carry. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { HostPort } from '../leaves/host-port.js';
import type { ClientConnection } from './links.js';

/** Where it listens: the port that was really taken. @throws the system's error */
export async function listen(server: Server, { host, port }: HostPort): Promise<HostPort> {
  server.listen(port, host);
  await once(server, 'listening');
  return { host, port: (server.address() as AddressInfo).port };
}

/** The sockets of a port, accepted and dialled. */
export class Sockets {
  private readonly open = new Set<Socket>();
  private readonly clients = new Set<Socket>();

  remember(socket: Socket): void {
    this.open.add(socket);
    socket.once('close', () => {
      this.open.delete(socket);
      this.clients.delete(socket);
    });
  }

  /** These are given away, and have no reason of their own to end when the port does. */
  guests(onClient: ClientConnection): ClientConnection {
    return (socket, first, version) => {
      this.clients.add(socket as Socket);
      onClient(socket, first, version);
    };
  }

  /** Ends those of clients, and waits for the end of all others: each has its own reason to end soon. */
  async end(): Promise<void> {
    for (const client of this.clients) client.destroy();
    await Promise.all([...this.open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }
}
