/**
 * Addresses as members carry them: `host:port`, `[::1]:7000`. A leaf.
 */
import type { HostPort } from './links.js';

const ADDRESS = /^(?:\[(?<bracketed>[0-9a-fA-F:.%\w]+)\]|(?<plain>[^\s:[\]/]+)):(?<port>\d{1,5})$/;
const PORT_MAX = 65_535;

/** Undefined: not an address that can be dialled. */
export function parseAddress(address: string): HostPort | undefined {
  const { bracketed, plain, port } = ADDRESS.exec(address)?.groups ?? {};
  const host = bracketed ?? plain;
  const number = Number(port);
  return host === undefined || !(number >= 1 && number <= PORT_MAX) ? undefined : { host, port: number };
}

export function formatAddress({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
