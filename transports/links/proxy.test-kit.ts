// A way between two servers that can be cut: what is under way is lost, and both ends are reset.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { HostPort } from '../leaves/host-port.js';

export interface Proxy {
  readonly at: HostPort;
  /** All connections that go this way break. */
  cut(): void;
  close(): Promise<void>;
}

export async function openProxy(to: HostPort): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const remember = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, noDelay: true, allowHalfOpen: true });
    for (const socket of [near, far]) remember(socket);
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    at: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
