/**
 * The ring port over TCP: listens for the servers that dial this one, and for clients; dials for its own server.
 * TLS will have its place where sockets are made, here and in dial.ts: all else sees streams.
 */
import { createServer } from 'node:net';
import type { OpenRingPort } from '../links.js';
import { listen, Sockets } from '../listen.js';
import { Lives } from '../lives.js';
import { makeSite } from '../site.js';
import { Strangers } from '../strangers.js';
import { receive } from './accept.js';
import { tcpDialler } from './dial.js';

export const openTcpRingPort: OpenRingPort = async (options) => {
  const site = makeSite(options);
  const sockets = new Sockets();
  const strangers = new Strangers(site);
  const lives = new Lives(site, tcpDialler(site, sockets));
  const settings = { noDelay: true, keepAlive: true, keepAliveInitialDelay: site.limits.keepAliveMs };
  const onClient = options.onClient && sockets.guests(options.onClient);
  const server = createServer(settings, (socket) => {
    sockets.remember(socket);
    strangers.add(socket);
    receive(socket, { site, strangers, lives, onClient });
  });
  const at = await listen(server, options.at);

  return {
    at,
    traffic: site.traffic,
    begin: (_self, post) => lives.begin(post),
    async close() {
      server.close();
      lives.present?.end();
      strangers.clear();
      await sockets.end();
    },
  };
};
