/** What comes to a ring port over bare TCP: links of other servers, and clients. */
import type { Socket } from 'node:net';
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
    sendAway: () => socket.resume().destroySoon(),
  };
  introduce(site, visitor, {
    wants: (role) => (role === 'client' ? onClient : lives?.present) !== undefined,
    takeIn: (introduced) => {
      strangers.remove(socket);
      if (introduced.role === 'client') onClient?.(socket, introduced.rest, introduced.version);
      else acceptLink(site, lives?.present as Owner, socket, introduced);
    },
  });
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
