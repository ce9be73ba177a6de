/**
 * Whom a request takes this server for. A browser acts for whatever page it shows, and whoever owns a name may let it
 * stand for 127.0.0.1 once the page is there (DNS rebinding): then Origin and Host agree, and only the name itself tells.
 * An address needs nobody to resolve it, so it cannot be turned. Knows headers only. A leaf.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface Reach {
  /** Nobody but this machine can connect, so that no other name can be meant. */
  readonly isLoopback: boolean;
  /** What it was told to listen at: a name or an address. */
  readonly listensAt: string;
}

export const isLoopback = (address: string | undefined): boolean => /^(::ffff:)?127\.|^::1$/.test(address ?? '');

/**
 * Reads carry no Origin, so on loopback the name decides about every request: else a page could read all files. Who
 * listens for others cannot know what they call it. There a name in Host is believed, but not a page's word for it: a
 * browser names the page in Origin with all that changes something, programs for people and machines do not.
 *
 * @returns why the request is not meant for this server, or not by whom it may serve
 */
export function strangerIn(
  method: string | undefined,
  { host, origin }: IncomingHttpHeaders,
  reach: Reach,
): 'foreign-host' | 'cross-site' | undefined {
  const isOwn = isOwnName(host, reach);
  if (!isOwn && reach.isLoopback) return 'foreign-host';
  if (method === 'GET' || method === 'HEAD' || origin === undefined) return undefined;
  if (origin.replace(/^https?:\/\//, '') !== host) return 'cross-site';
  return isOwn ? undefined : 'foreign-host';
}

/** None at all is HTTP/1.0, or what no browser sends. */
function isOwnName(host: string | undefined, { listensAt }: Reach): boolean {
  if (host === undefined || host === '' || host.startsWith('[')) return true;
  const name = host.toLowerCase().replace(/\.?(:\d*)?$/, '');
  const last = name.slice(name.lastIndexOf('.') + 1);
  // No name ends in a number (RFC 1123 §2.1): these are addresses, 127.1 and 0x7f000001 too.
  if (/^(\d+|0x[\da-f]*)$/.test(last)) return true;
  return last === 'localhost' || name === listensAt.toLowerCase();
}
