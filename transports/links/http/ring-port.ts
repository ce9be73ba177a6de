/**
 * The ring port over HTTP, for networks that let nothing else pass: one endless request for each link, with the same
 * preface and frames in its bodies as TCP has on its wire. Clients of the TCP client protocol are served on the same
 * port: the first byte tells them apart.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { beginsPreface } from '../../frames/preface.js';
import type { OpenRingPort } from '../links.js';
import { listen, Sockets } from '../listen.js';
import { Lives } from '../lives.js';
import { makeSite } from '../site.js';
import { Strangers, whereOf } from '../strangers.js';
import { receive } from '../tcp/accept.js';
import { answerRequest } from './accept.js';
import { httpDialler } from './dial.js';

export const openHttpRingPort: OpenRingPort = async (options) => {
  const site = makeSite(options);
  const sockets = new Sockets();
  const strangers = new Strangers(site);
  const lives = new Lives(site, httpDialler(site, sockets));
  const onClient = options.onClient && sockets.guests(options.onClient);

  // It is handed its connections and listens for none; so none of its timeouts would ever cut a request, but for these.
  const http = createHttpServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }, (request, response) =>
    answerRequest(request, response, { site, strangers, lives }),
  );
  http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A request that is cut off is a broken link, and nobody's fault.
    const isWrong = error.code?.startsWith('HPE_') === true && error.code !== 'HPE_INVALID_EOF_STATE';
    if (isWrong) site.onViolation(whereOf(socket as Socket), `not HTTP: ${error.message}`);
    socket.destroy();
  });

  const settings = { noDelay: true, keepAlive: true, keepAliveInitialDelay: site.limits.keepAliveMs };
  const server = createServer(settings, (socket) => {
    sockets.remember(socket);
    strangers.add(socket);
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      if (beginsPreface(first)) receive(socket, { site, strangers, lives: undefined, onClient });
      else http.emit('connection', socket);
      socket.resume();
    });
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
