/**
 * The bare peers of a run: chains and relays of Node processes, and a plain HTTP server, with nothing of the ring in them.
 * They move the same bytes for the same clients, so that a row says what the ring costs, on whatever machine.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { names } from './aims.js';
import type { HopAsked } from './bare/hop-process.js';
import type { HttpAsked } from './bare/http-process.js';
import type { SourceAsked } from './bare/source-process.js';
import type { Measure } from './figures.js';
import { median } from './figures.js';
import { type Peer, startPeer } from './processes.js';
import { type Series, seriesMeasure } from './series.js';
import { MB, type Size } from './sizes.js';

export interface BarePeers {
  /** A chain that keeps the file at each hop, and a relay that keeps nothing. */
  chain(size: Size, times: number): Measure;
  relay(size: Size, times: number): Measure;
  http(name: string, series: Omit<Series, 'servers' | 'target'>): Measure;
  stop(): void;
}

/** @param folder for their files @param isSynced each file reaches the disk before it counts, as with `fsync` */
export async function startBarePeers(client: Peer, folder: string, isSynced: boolean): Promise<BarePeers> {
  await mkdir(folder, { recursive: true });
  const files = [1, 2, 3].map((hop) => join(folder, `hop${hop}`));
  const chain = await startHops(files, isSynced);
  const relay = await startHops([undefined, undefined, undefined, undefined], false);
  const server = startPeer('bare/http-process.js');
  const address = await server.ask<string>({ kind: 'listen', folder, isSynced } satisfies HttpAsked);
  return {
    chain: (size, times) => hopsMeasure(names.bareChain(size.text), chain, size, times),
    relay: (size, times) => hopsMeasure(names.bareRelay(size.text), relay, size, times),
    http: (name, series) => {
      const target = `/${series.size.bytes}/`;
      return {
        ...seriesMeasure(names.bareHttp(name), client, { ...series, servers: [address], target }),
        isBare: true,
      };
    },
    stop: () => {
      for (const peer of [...chain, ...relay, server]) peer.stop();
    },
  };
}

type Hops = readonly [source: Peer, ...hops: Peer[]];

async function startHops(files: readonly (string | undefined)[], isSynced: boolean): Promise<Hops> {
  const source = startPeer('bare/source-process.js');
  const hops = files.map(() => startPeer('bare/hop-process.js'));
  let port = await source.ask<number>({ kind: 'listen' } satisfies SourceAsked);
  for (const [i, hop] of hops.entries()) {
    const isLast = i === hops.length - 1;
    const next = isLast ? 0 : await hop.ask<number>({ kind: 'listen' } satisfies HopAsked);
    await hop.ask({ kind: 'dial', port, file: files[i], isSynced } satisfies HopAsked);
    port = next;
  }
  return [source, ...hops];
}

function hopsMeasure(name: string, [source, ...hops]: Hops, { bytes }: Size, times: number): Measure {
  return {
    name,
    isBare: true,
    async measure() {
      const seconds: number[] = [];
      for (let i = 0; i < times; i++) {
        await Promise.all(hops.map((hop) => hop.ask({ kind: 'expect', bytes } satisfies HopAsked)));
        seconds.push(await source.ask<number>({ kind: 'send', bytes } satisfies SourceAsked));
      }
      return { mbPerSecond: bytes / MB / median(seconds) };
    },
  };
}
