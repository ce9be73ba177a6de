/**
 * One run of the benchmark: for each durability a ring of five servers and its bare peers, measured in turn; then a ring
 * that keeps one copy in memory, as a relay; then the pauses. One ring at a time: even an idle one takes its part.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Durability } from '../../core/view/view.js';
import { names } from './aims.js';
import { startBarePeers } from './bare-peers.js';
import { relayMeasure } from './farthest-reader.js';
import type { Measure, Row } from './figures.js';
import { prepare, ringMeasures, seriesOf, warmUp } from './measures.js';
import { type Nginx, startNginx } from './nginx.js';
import { pauseMeasures } from './pauses.js';
import { type Peer, startPeer } from './processes.js';
import { runRounds } from './rounds.js';
import { BULK, MIDDLE } from './sizes.js';
import { startTrialRing } from './trial-ring.js';

export const PARTS = ['files', 'relay', 'pauses'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchRingOptions {
  readonly parts: readonly Part[];
  readonly durabilities: readonly Durability[];
  readonly rounds: number;
  /** Of the pauses: each blow so often. */
  readonly blows: number;
  readonly isQuick: boolean;
  readonly hasNginx: boolean;
  readonly progress: (text: string) => void;
}

export interface BenchReport {
  readonly servers: number;
  /** Copies of each file; undefined: the ring's own affair. */
  readonly chain: number | undefined;
  readonly node: string;
  readonly cpus: number;
  readonly startedAt: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

export async function benchRing(options: BenchRingOptions): Promise<BenchReport> {
  const startedMs = performance.now();
  const startedAt = new Date().toISOString();
  const { parts, durabilities } = options;
  const rows: Row[] = [];
  for (const durability of parts.includes('files') ? durabilities : []) {
    rows.push(...(await benchFiles(durability, options)));
  }
  if (parts.includes('relay')) rows.push(...(await benchRelay(options)));
  if (parts.includes('pauses')) rows.push(...(await benchPauses(durabilities[0] ?? 'os', options)));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return { ...{ servers: 5, chain: 3, node: process.version, cpus: cpus().length, startedAt, seconds }, rows };
}

/** A folder and a client process, for as long as something is measured. */
async function withClient<Value>(work: (client: Peer, folder: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), 'ppnfs-bench-'));
  const client = startPeer('client-process.js');
  try {
    return await work(client, folder);
  } finally {
    client.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function benchFiles(durability: Durability, options: BenchRingOptions): Promise<readonly Row[]> {
  const { rounds, isQuick, progress } = options;
  const say = (text: string): void => progress(`${durability}: ${text}`);
  return withClient(async (client, folder) => {
    const peers = await startBarePeers(client, folder, durability === 'fsync');
    const nginx = options.hasNginx ? await startNginx(client, folder, say) : undefined;
    const ring = await startTrialRing({ durability, progress: say });
    try {
      say('putting the files that will be read');
      await prepare(ring.addresses, client, isQuick);
      if (!isQuick) await warmUp(ring.addresses, client, say);
      const chains = [peers.chain(MIDDLE, isQuick ? 1 : 32), peers.relay(MIDDLE, isQuick ? 1 : 32)];
      if (!isQuick) chains.push(peers.chain(BULK, 2), peers.relay(BULK, 2));
      const bare = [...seriesOf('PUT', isQuick), ...seriesOf('GET', isQuick)].map(({ name, ...series }) =>
        peers.http(name, series),
      );
      const measures = [
        ...chains,
        ...besideEachOther(ringMeasures(ring.addresses, client, isQuick), bare),
        ...nginxGets(nginx, isQuick),
      ];
      return await runRounds(measures, { rounds, durability, isWarmedUp: !isQuick, progress: say });
    } finally {
      peers.stop();
      nginx?.stop();
      await ring.close();
    }
  });
}

/** Each measure of the ring, followed at once by the bare one that it is compared with. */
function besideEachOther(ring: readonly Measure[], bare: readonly Measure[]): readonly Measure[] {
  return ring.flatMap((measure) => [measure, ...bare.filter(({ name }) => name === names.bareHttp(measure.name))]);
}

function nginxGets(nginx: Nginx | undefined, isQuick: boolean): readonly Measure[] {
  return nginx === undefined ? [] : seriesOf('GET', isQuick).map(({ name, ...series }) => nginx.get(name, series));
}

function benchRelay({ rounds, isQuick, progress }: BenchRingOptions): Promise<readonly Row[]> {
  const say = (text: string): void => progress(`relay: ${text}`);
  return withClient(async (client, folder) => {
    const peers = await startBarePeers(client, folder, false);
    const ring = await startTrialRing({ durability: 'memory', more: { chain: 1 }, progress: say });
    try {
      const size = isQuick ? MIDDLE : BULK;
      const measures = [peers.relay(size, 2), await relayMeasure(ring, client, size)];
      return await runRounds(measures, { rounds, durability: 'memory', isWarmedUp: !isQuick, progress: say });
    } finally {
      peers.stop();
      await ring.close();
    }
  });
}

async function benchPauses(
  durability: Durability,
  { blows, isQuick, progress }: BenchRingOptions,
): Promise<readonly Row[]> {
  const say = (text: string): void => progress(`pauses: ${text}`);
  const ring = await startTrialRing({ durability, progress: say });
  try {
    const measures = pauseMeasures(ring, say);
    return await runRounds(isQuick ? measures.slice(0, 1) : measures, {
      rounds: blows,
      durability,
      isWarmedUp: false,
      progress: say,
    });
  } finally {
    await ring.close();
  }
}
