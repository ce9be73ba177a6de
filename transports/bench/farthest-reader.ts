/**
 * The ring as a relay: one server keeps the file in memory, and the client asks the one just behind it, so that every byte
 * crosses all links but one. What that costs beside bare processes is what the protocol costs.
 */
import { names } from './aims.js';
import type { Measure } from './figures.js';
import type { LoadResult } from './load.js';
import type { Peer } from './processes.js';
import { loadOf } from './series.js';
import { MB, type Size } from './sizes.js';
import type { TrialRing } from './trial-ring.js';

const PATH = '/ppnfs-bench/relayed';
/** Reads of one round. */
const READS = 3;
const READ_MS_MAX = 60_000;

export async function relayMeasure(ring: TrialRing, client: Peer, size: Size): Promise<Measure> {
  const [keeper = ''] = await ring.chainOf(`${PATH}0`);
  const { length } = ring.ids;
  const reader = ring.ids[(ring.ids.indexOf(keeper) + length - 1) % length] as string;
  const one = { target: `/files${PATH}`, size, clients: 1, files: 1, timeMs: READ_MS_MAX };
  await client.ask({
    ...loadOf({ ...one, method: 'PUT', servers: [ring.address(keeper)], requests: 1 }),
    isVerified: true,
  });
  return {
    name: names.relay(size.text),
    isBare: false,
    async measure() {
      const load = loadOf({ ...one, method: 'GET', servers: [ring.address(reader)], requests: READS });
      const { requests, seconds } = await client.ask<LoadResult>(load);
      return { mbPerSecond: (requests * size.bytes) / MB / seconds };
    },
  };
}
