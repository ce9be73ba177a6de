/**
 * A dial over TCP, and the dialling end of a link. Only a dialling socket can be told where to read to (`onread`), and
 * it is the end that gets the stream: a chunk's bytes go from the kernel straight into their buffer.
 */
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { encodePreface } from '../../frames/preface.js';
import { hostPortText } from '../../leaves/host-port.js';
import { Greeting } from '../greeting.js';
import type { Dialler } from '../life.js';
import { Link } from '../link.js';
import type { Sockets } from '../listen.js';
import type { Site } from '../site.js';

export const tcpDialler =
  (site: Site, sockets: Sockets): Dialler =>
  (owner, peer, at, outcome) => {
    const options: SocketConstructorOpts & ConnectOpts = {
      onread: {
        buffer: () => link.target(),
        callback: (bytes, buffer) => {
          if (greeting.isOver) link.filled(bytes);
          else greeting.feed(buffer.subarray(0, bytes));
          // Reading never stops: a held link would starve heartbeats and credits.
          return true;
        },
      },
    };
    const socket = new Socket(options);
    const carrier = { out: socket, destroy: () => socket.destroy(), where: hostPortText(at) };
    const link = new Link(site, owner, carrier, peer);
    const greeting = new Greeting(site, carrier, link, outcome);
    const ended = (): void => {
      greeting.fail();
      link.ended();
    };
    sockets.remember(socket);
    socket.on('connect', () => socket.write(encodePreface({ versions: site.versions, role: 'ring' })));
    socket.on('error', ended).on('end', ended).on('close', ended);
    socket.setNoDelay(true).setKeepAlive(true, site.limits.keepAliveMs);
    socket.connect(at);
    return greeting;
  };
