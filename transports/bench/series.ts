/** Requests of one kind from a number of clients, as a measure: their rate, and how long one of them takes. */
import type { Figures, Measure } from './figures.js';
import type { Load, LoadResult } from './load.js';
import type { Peer } from './processes.js';
import { MB, type Size, SMALL } from './sizes.js';

export interface Series {
  readonly method: 'PUT' | 'GET';
  readonly servers: readonly string[];
  /** What targets begin with; a number follows. */
  readonly target: string;
  readonly size: Size;
  readonly clients: number;
  /** Different files. */
  readonly files: number;
  /** A round ends after so many requests, or after so long. */
  readonly requests: number;
  readonly timeMs: number;
  /**
   * Requests of the same kind for so long before, which do not count: what the measure before has left behind, of a disk that
   * is tidied up and of compilers that had never seen this kind, is no part of this one.
   */
  readonly settleMs?: number;
}

export function loadOf(series: Series): Load {
  const { method, servers, target, size, clients, files, requests, timeMs } = series;
  return {
    ...{ kind: 'load', method, servers, target, clients, files, requests, timeMs },
    fileBytes: size.bytes,
    isVerified: false,
  };
}

export function seriesMeasure(name: string, client: Peer, series: Series): Measure {
  return {
    name,
    isBare: false,
    async measure(): Promise<Figures> {
      const { settleMs = 0 } = series;
      if (settleMs > 0) await client.ask(loadOf({ ...series, timeMs: settleMs }));
      const result = await client.ask<LoadResult>(loadOf(series));
      return figuresOf(series, result);
    },
  };
}

/** Small files are counted, large ones weighed. */
function figuresOf({ size }: Series, { requests, seconds, p50Ms, p99Ms }: LoadResult): Figures {
  if (size.bytes <= SMALL.bytes) return { perSecond: requests / seconds, p50Ms, p99Ms };
  return { mbPerSecond: (requests * size.bytes) / MB / seconds, p50Ms, p99Ms };
}
