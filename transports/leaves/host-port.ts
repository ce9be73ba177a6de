/**
 * `HOST:PORT` as people and registrations write it, `[::1]:7000` too. A leaf: the one place that knows what such a text
 * may hold. Nothing else may get into a host: it goes into headers of requests, log lines and the resolver, and a text
 * may come from whoever has registered.
 */

export interface HostPort {
  readonly host: string;
  /** 0: any free one, where somebody listens. */
  readonly port: number;
}

const BRACKETED = /^\[(?<host>[0-9a-f:.]+(?:%[\w.-]+)?)\]:(?<port>\d{1,5})$/i;
const PLAIN = /^(?<host>[\w.-]+):(?<port>\d{1,5})$/;
const PORT_MAX = 65_535;

/** @param portMin 1: an address to dial; 0: one to listen at. @returns undefined if it is none */
export function parseHostPort(text: string, portMin: 0 | 1 = 1): HostPort | undefined {
  const { host, port = '' } = (BRACKETED.exec(text) ?? PLAIN.exec(text))?.groups ?? {};
  const number = Number(port);
  return host === undefined || number < portMin || number > PORT_MAX ? undefined : { host, port: number };
}

export const hostPortText = ({ host, port }: HostPort): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
