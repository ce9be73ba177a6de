/** The ports of the servers of a ring on this machine: as they were before, or as wished. */
import type { RingFile, RingServer } from '../client/find-servers.js';
import { DEFAULT_RING, type RingConfig } from './config.js';
import { choosePorts, isFree } from './ports.js';
import { portIn } from './ring-file.js';

export interface Ports {
  readonly ring: number;
  readonly http: number;
}

/** As they were before, so that what people wrote down stays true; else as wished; else, if nothing was wished, any. */
export async function portsOf(
  config: RingConfig,
  before: RingFile | undefined,
  ids: readonly string[],
): Promise<readonly Ports[]> {
  const { host, ringPort, httpPort } = config;
  const known = (id: string | undefined): RingServer | undefined => before?.servers.find((each) => each.id === id);
  const count = ids.length;
  await refuseTakenPorts(host, [
    { key: 'ring-port', first: ringPort, usual: DEFAULT_RING.ringPort, count },
    { key: 'http-port', first: httpPort, usual: DEFAULT_RING.httpPort, count },
  ]);
  const ring = await choosePorts(host, ids.length, (i) => {
    const wish = ringPort === 0 ? 0 : ringPort + i;
    return ringPort === DEFAULT_RING.ringPort ? [portIn(known(ids[i])?.ring), wish] : [wish];
  });
  const http = await choosePorts(host, ids.length, (i) => {
    const wish = httpPort === 0 ? 0 : httpPort + i;
    return httpPort === DEFAULT_RING.httpPort ? [portIn(known(ids[i])?.http), wish] : [wish];
  });
  return ids.map((_, i) => ({ ring: ring[i] as number, http: http[i] as number }));
}

/** Ports that were asked for plainly are not silently replaced by others. */
export async function refuseTakenPorts(
  host: string,
  wishes: readonly { readonly key: string; readonly first: number; readonly usual: number; readonly count?: number }[],
): Promise<void> {
  for (const { key, first, usual, count = 1 } of wishes) {
    if (first === 0 || first === usual) continue;
    for (let port = first; port < first + count; port++) {
      if (await isFree(host, port)) continue;
      throw new Error(`port ${port} of ${host} is in use: choose another --${key}, or 0 for free ones`);
    }
  }
}
