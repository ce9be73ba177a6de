/**
 * What is measured of a ring whose servers' addresses are all that is known: puts and gets of all sizes, and many readers of
 * one file. Writes under one prefix, and takes away what it wrote.
 */
import { names } from './aims.js';
import { bytesBetween } from './crossed.js';
import type { Measure, Row } from './figures.js';
import type { Load, LoadResult } from './load.js';
import { type Peer, startPeer } from './processes.js';
import { runRounds } from './rounds.js';
import { loadOf, type Series, seriesMeasure } from './series.js';
import { BULK, MB, MIDDLE, READERS_FILE, type Size, SMALL } from './sizes.js';

export interface BenchOptions {
  readonly rounds: number;
  /** A look whether it works at all: the figures say little. */
  readonly isQuick: boolean;
  readonly progress: Progress;
}

type Progress = (text: string) => void;

const CLIENTS = 8;
const READERS = 50;
const PREFIX = '/files/ppnfs-bench';
const READERS_TARGET = `${PREFIX}/readers-`;
const FOREVER = 1_000_000_000;
/** A file that nobody could read for so long will not come. */
const LOAD_MS_MAX = 60_000;

/** For each of puts and gets. */
const WARM_UP_MS = 15_000;

/** Each series' files, requests and time a round. */
type Effort = Pick<Series, 'files' | 'requests' | 'timeMs' | 'settleMs'>;

function effortOf(size: Size, clients: number, isQuick: boolean): Effort {
  const lasting = { requests: FOREVER, timeMs: 2000, settleMs: 4000 };
  if (size === SMALL) return isQuick ? { files: 16, requests: FOREVER, timeMs: 50 } : { files: 512, ...lasting };
  if (size === MIDDLE)
    return isQuick ? { files: 16, requests: clients, timeMs: LOAD_MS_MAX } : { files: 16, ...lasting };
  // The same number of bytes, whoever asks for them.
  return { files: clients === 1 ? 2 : CLIENTS, requests: clients === 1 ? 2 : CLIENTS, timeMs: LOAD_MS_MAX };
}

/** Everything that clients can do to a server, whichever it is: the ring's rows and those of bare servers. */
export function seriesOf(
  method: 'PUT' | 'GET',
  isQuick: boolean,
): readonly (Omit<Series, 'servers' | 'target'> & { name: string })[] {
  const sizes = isQuick ? [MIDDLE, SMALL] : [BULK, MIDDLE, SMALL];
  return sizes.flatMap((size) =>
    [1, CLIENTS].map((clients) => {
      const name = method === 'PUT' ? names.put(size.text, clients) : names.get(size.text, clients);
      return { name, method, size, clients, ...effortOf(size, clients, isQuick) };
    }),
  );
}

const targetOf = ({ text }: Size): string => `${PREFIX}/${text.replace(' ', '')}-`;

/** @param client the process that asks */
export function ringMeasures(servers: readonly string[], client: Peer, isQuick: boolean): readonly Measure[] {
  const series = [...seriesOf('PUT', isQuick), ...seriesOf('GET', isQuick)].map(({ name, ...each }) =>
    seriesMeasure(name, client, { ...each, servers, target: targetOf(each.size) }),
  );
  return [...series, readersMeasure(servers, client, isQuick)];
}

/** Puts all the files that are read, and reads each of them once to the last byte. @throws if one is not what was put */
export async function prepare(servers: readonly string[], client: Peer, isQuick: boolean): Promise<void> {
  for (const { size, clients, files } of seriesOf('GET', isQuick)) {
    if (clients === 1) continue;
    const all: Series = {
      method: 'PUT',
      servers,
      target: targetOf(size),
      size,
      clients,
      files,
      requests: files,
      timeMs: LOAD_MS_MAX,
    };
    await client.ask({ ...loadOf(all), isVerified: true });
    await client.ask({ ...loadOf({ ...all, method: 'GET' }), isVerified: true });
  }
}

/**
 * Asks for small files until the processes run compiled code: a new server becomes twice as quick in its first half minute
 * of work, and figures are of one that runs for months.
 */
export async function warmUp(servers: readonly string[], client: Peer, progress: Progress): Promise<void> {
  for (const { name, ...series } of [...seriesOf('PUT', false), ...seriesOf('GET', false)]) {
    const { size, clients } = series;
    if (size !== SMALL || clients === 1) continue;
    progress(`warming up: ${name}`);
    await client.ask(loadOf({ ...series, servers, target: targetOf(size), timeMs: WARM_UP_MS }));
  }
}

/** Deletes everything that measures and `prepare` have put. */
async function tidyUp(servers: readonly string[], client: Peer, isQuick: boolean): Promise<void> {
  const written = seriesOf('GET', isQuick).map(({ size, files }) => ({ target: targetOf(size), files }));
  for (const { target, files } of [...written, { target: READERS_TARGET, files: 1 }]) {
    const load: Load = {
      ...{ kind: 'load', method: 'DELETE', servers, target, files, fileBytes: 0, clients: CLIENTS },
      ...{ requests: files, timeMs: LOAD_MS_MAX, isVerified: true },
    };
    await client.ask(load);
  }
}

function readersMeasure(servers: readonly string[], client: Peer, isQuick: boolean): Measure {
  const size = isQuick ? MIDDLE : READERS_FILE;
  const target = READERS_TARGET;
  const one = { servers, target, size, files: 1, timeMs: LOAD_MS_MAX };
  return {
    name: names.readers,
    isBare: false,
    async measure() {
      // Anew each time: what everybody reads has just been put.
      await client.ask({ ...loadOf({ ...one, method: 'PUT', clients: 1, requests: 1 }), isVerified: true });
      const before = await bytesBetween(servers);
      const { seconds } = await client.ask<LoadResult>(
        loadOf({ ...one, method: 'GET', clients: READERS, requests: READERS }),
      );
      return { seconds, crossedMb: ((await bytesBetween(servers)) - before) / MB };
    },
  };
}

/**
 * Measures a ring that runs already, wherever.
 * @param servers `http://host:port` of each
 * @throws if a request fails: then there is no figure to tell
 */
export async function benchServers(servers: readonly string[], options: BenchOptions): Promise<readonly Row[]> {
  const { isQuick, rounds, progress } = options;
  const client = startPeer('client-process.js');
  try {
    progress('putting the files that will be read');
    await prepare(servers, client, isQuick);
    if (!isQuick) await warmUp(servers, client, progress);
    const rows = await runRounds(ringMeasures(servers, client, isQuick), {
      rounds,
      durability: undefined,
      isWarmedUp: !isQuick,
      progress,
    });
    progress('deleting what was put');
    await tidyUp(servers, client, isQuick);
    return rows;
  } finally {
    client.stop();
  }
}
