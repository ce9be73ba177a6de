/**
 * Where the servers of the ensemble are, as the C client is told: numbers only, since it would hold up its thread while it
 * asks for a name, and an odd number of them. It goes two further with every failure: of an even number it would try the
 * same half again and again (handle_error and zoo_cycle_next_server in zookeeper.c).
 */
import { lookup } from 'node:dns/promises';
import { parseHostPort } from '../../leaves/host-port.js';

export interface Resolved {
  /** Empty: there is none. */
  readonly addresses: readonly string[];
  /** Of the names that have no address. */
  readonly reasons: readonly string[];
}

/** @param servers each `host:port`, `[v6]:port`. */
export async function resolveServers(servers: readonly string[]): Promise<Resolved> {
  const reasons: string[] = [];
  const found = servers.map(async (server) => {
    try {
      const { host, port } = parseHostPort(server) ?? notAnAddress(server);
      return (await lookup(host, { all: true })).map(({ address }) => `${address}:${port}`);
    } catch (error) {
      reasons.push((error as Error).message);
      return [];
    }
  });
  return { addresses: oddly([...new Set((await Promise.all(found)).flat())]), reasons };
}

function notAnAddress(text: string): never {
  throw new Error(`"${text}" is not HOST:PORT`);
}

function oddly(addresses: readonly string[]): readonly string[] {
  return addresses.length % 2 === 0 ? [...addresses, ...addresses.slice(0, 1)] : addresses;
}
