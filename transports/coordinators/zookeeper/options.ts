/**
 * What is said to reach ZooKeeper: checked as a whole before anything starts. Must never complain in the words of the C
 * client, which says "bad arguments" or nothing at all.
 */
import type { Logger } from 'pino';
import { parseHostPort } from '../../leaves/host-port.js';

export interface ZooKeeperOptions {
  /** `host:port,host:port`, all of one ensemble; a folder may follow (`h:p,h:p/folder`), below which `root` lies. */
  readonly servers: string;
  /** The cluster's own folder, such as `/ppnfs/ring`. Made when it is not there. */
  readonly root: string;
  /** How long a session outlives its last heartbeat. The service may grant another time, within its own limits. */
  readonly sessionMs: number;
  /** With it all that is written may be read by everybody and changed only by whoever knows these. */
  readonly auth?: { readonly user: string; readonly password: string };
  readonly log: Logger;
}

/** The same, checked, as it goes to the thread. */
export interface Place {
  readonly servers: readonly string[];
  readonly root: string;
  readonly sessionMs: number;
  /** `user:password`. */
  readonly digest: string | undefined;
}

export const SESSION_MS_MIN = 100;
export const SERVERS_MAX = 32;

/** @throws with all that is wrong. */
export function checkOptions({ servers, root, sessionMs, auth }: ZooKeeperOptions): Place {
  const [list = '', ...folders] = servers.split('/');
  const path = [...folders, ...root.split('/').slice(1)];
  const addresses = list.split(',').map((address) => address.trim());
  const wrong = [
    ...addresses.flatMap(wrongInAddress),
    ...(addresses.length > SERVERS_MAX ? [`${addresses.length} servers are more than ${SERVERS_MAX}`] : []),
    ...(root.startsWith('/') ? [] : [`the folder '${root}' does not begin with /`]),
    ...path.flatMap(wrongInSegment),
    ...(path[0] === 'zookeeper' ? ['/zookeeper is kept by ZooKeeper for itself'] : []),
    ...(Number.isInteger(sessionMs) && sessionMs >= SESSION_MS_MIN && sessionMs < 2 ** 31
      ? []
      : [`a session of ${sessionMs} ms: whole milliseconds, at least ${SESSION_MS_MIN}`]),
    ...(auth === undefined ? [] : wrongInAuth(auth)),
  ];
  if (wrong.length > 0) throw new Error(`ZooKeeper cannot be reached so: ${wrong.join('; ')}`);
  const digest = auth === undefined ? undefined : `${auth.user}:${auth.password}`;
  return { servers: addresses, root: `/${path.join('/')}`, sessionMs, digest };
}

const wrongInAddress = (address: string): readonly string[] =>
  parseHostPort(address) === undefined ? [`'${address}' is not host:port (a port is 1 to 65535)`] : [];

function wrongInSegment(segment: string): readonly string[] {
  if (segment === '') return ['a folder has an empty name'];
  if (segment === '.' || segment === '..') return [`a folder is named '${segment}'`];
  return /^[\w.~ -]+$/.test(segment) ? [] : [`'${segment}' is no name of a folder: letters, digits, . _ ~ - only`];
}

function wrongInAuth({ user, password }: { user: string; password: string }): readonly string[] {
  // A digest is made of user:password, and the first colon ends the user.
  if (user === '' || user.includes(':')) return ['a user is not empty and has no colon'];
  return password === '' ? ['the password is empty'] : [];
}
