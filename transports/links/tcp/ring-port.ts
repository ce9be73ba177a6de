/**
 * The ring port over TCP: listens for the servers that dial this one, and for clients; dials for its own server.
 * TLS will have its place where sockets are made, here and in dial.ts: all else sees streams.
 */
import { createServer, type Socket } from 'node:net';
import { Doorstep, type Introduced, whereOf } from '../doorstep.js';
import { Link, type Owner } from '../link.js';
import type { OpenRingPort } from '../links.js';
import { listen, Sockets } from '../listen.js';
import { Lives } from '../lives.js';
import { makeSite, type Site } from '../site.js';
import { tcpDialler } from './dial.js';

export const openTcpRingPort: OpenRingPort = async (options) => {
  const site = makeSite(options);
  const sockets = new Sockets();
  const clients = new Set<Socket>();
  const lives = new Lives(site, tcpDialler(site, sockets));

  const doorstep = new Doorstep(site, {
    wants: (role) => (role === 'client' ? options.onClient : lives.present) !== undefined,
    takeIn: (socket, introduced) => {
      if (introduced.role === 'ring') acceptLink(site, lives.present as Owner, socket, introduced);
      else takeInClient(socket, introduced);
    },
  });
  const takeInClient = (socket: Socket, { rest, version }: Introduced): void => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    options.onClient?.(socket, rest, version);
  };
  const settings = { noDelay: true, keepAlive: true, keepAliveInitialDelay: site.limits.keepAliveMs };
  const server = createServer(settings, (socket) => {
    sockets.remember(socket);
    doorstep.come(socket);
  });
  const at = await listen(server, options.at);

  return {
    at,
    traffic: site.traffic,
    begin: (_self, post) => lives.begin(post),
    async close() {
      server.close();
      lives.present?.end();
      doorstep.clear();
      for (const client of clients) client.destroy();
      await sockets.ended();
    },
  };
};

function acceptLink(site: Site, owner: Owner, socket: Socket, { version, rest }: Introduced): void {
  const carrier = { out: socket, destroy: () => socket.destroy(), where: whereOf(socket) };
  const link = new Link(site, owner, carrier, undefined);
  const ended = (): void => link.ended();
  socket.on('data', (bytes) => link.feed(bytes));
  socket.on('error', ended).on('end', ended).on('close', ended);
  link.open(version);
  link.feed(rest);
}
