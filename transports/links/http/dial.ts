/** A dial over HTTP, and the dialling end of a link: an endless request whose response is the stream. */
import { type IncomingMessage, request as makeRequest } from 'node:http';
import { encodePreface } from '../../frames/preface.js';
import { hostPortText } from '../../leaves/host-port.js';
import { Greeting } from '../greeting.js';
import type { Dialler } from '../life.js';
import { Link } from '../link.js';
import type { Sockets } from '../listen.js';
import type { Site } from '../site.js';
import { bodyOf, RING_PATH, RING_TYPE } from './words.js';

export const httpDialler =
  (site: Site, sockets: Sockets): Dialler =>
  (owner, peer, at, outcome) => {
    // No agent: it would share the connection. Kept alive all the same: else the other end would hang up as soon as its
    // response has ended, and what we are still sending then would make its kernel throw away what it has sent.
    const headers = { connection: 'keep-alive', 'content-type': RING_TYPE, 'transfer-encoding': 'chunked' };
    const request = makeRequest({ ...at, method: 'POST', path: RING_PATH, agent: false, headers });
    const carrier = { out: bodyOf(request), destroy: () => request.destroy(), where: hostPortText(at) };
    const link = new Link(site, owner, carrier, peer);
    const greeting = new Greeting(site, carrier, link, outcome);
    const ended = (): void => {
      greeting.fail();
      link.ended();
    };
    request.on('socket', (socket) => {
      sockets.remember(socket);
      socket.setNoDelay(true).setKeepAlive(true, site.limits.keepAliveMs);
    });
    request.on('response', (response: IncomingMessage) => {
      if (response.statusCode !== 200)
        greeting.accuse(
          `it answers with status ${response.statusCode}: not a ring port over HTTP; is it run with another --link?`,
        );
      response.on('data', (bytes: Buffer) => {
        if (greeting.isOver) link.feed(bytes);
        else greeting.feed(bytes);
      });
      response.on('end', ended).on('error', ended).on('close', ended);
    });
    request.on('error', ended).on('close', ended);
    request.flushHeaders();
    request.write(encodePreface({ versions: site.versions, role: 'ring' }));
    return greeting;
  };
