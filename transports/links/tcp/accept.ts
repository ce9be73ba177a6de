/** What comes to a ring port over bare TCP: links of other servers, and clients. */
import type { Socket } from 'node:net';
import { Violation } from '../../frames/violation.js';
import { type Introduced, introduce } from '../doorstep.js';
import { Link, type Owner } from '../link.js';
import type { ClientConnection } from '../links.js';
import type { Lives } from '../lives.js';
import type { Site } from '../site.js';
import { type Strangers, whereOf } from '../strangers.js';

export interface Reception {
  readonly site: Site;
  readonly strangers: Strangers;
  /** Undefined: no links come this way. */
  readonly lives: Lives | undefined;
  readonly onClient: ClientConnection | undefined;
}

/** @param socket one of the strangers */
export function receive(socket: Socket, { site, strangers, lives, onClient }: Reception): void {
  const visitor = {
    input: socket,
    where: whereOf(socket),
    answer: (bytes: Buffer) => socket.write(bytes),
    sendAway: (because?: Violation) => {
      // For people with a browser, and for servers that link in another way: their operators look at their own logs.
      if (because?.code === 'foreign' || because?.code === 'role') socket.write(explained(because.why));
      socket.resume().destroySoon();
    },
  };
  introduce(site, visitor, {
    wants: (role) => {
      if (role === 'ring' && lives === undefined) return LINKS_ARE_OVER_HTTP;
      return (role === 'client' ? onClient : lives?.present) !== undefined;
    },
    takeIn: (introduced) => {
      strangers.remove(socket);
      if (introduced.role === 'client') onClient?.(socket, introduced.rest, introduced.version);
      else acceptLink(site, lives?.present as Owner, socket, introduced);
    },
  });
}

const LINKS_ARE_OVER_HTTP = new Violation('role', 'a link over bare TCP, but this server is run with --link http');

function explained(why: string): string {
  const body = `${why}.\nThis port is for servers of the ring, all with the same --link. Files are served at another one.\n`;
  return (
    'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n' +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

function acceptLink(site: Site, owner: Owner, socket: Socket, { version, rest }: Introduced): void {
  const carrier = { out: socket, destroy: () => socket.destroy(), where: whereOf(socket) };
  const link = new Link(site, owner, carrier, undefined);
  const ended = (): void => link.ended();
  socket.on('data', (bytes) => link.feed(bytes));
  socket.on('error', ended).on('end', ended).on('close', ended);
  link.open(version);
  link.feed(rest);
}
