/** What is measured, in which words and units, and how several rounds become one figure. Pure. */
import type { Durability } from '../../core/view/view.js';

/** MB = 10^6 bytes. */
export interface Figures {
  readonly mbPerSecond?: number;
  readonly perSecond?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly seconds?: number;
  /** Between servers. */
  readonly crossedMb?: number;
  readonly pauseMs?: number;
}
export type FigureName = keyof Figures;

/** What is measured again in every round. */
export interface Measure {
  /** What a person reads, and by which aims and peers find it. */
  readonly name: string;
  /** Nothing of the ring: a yardstick. */
  readonly isBare: boolean;
  measure(): Promise<Figures>;
}

/** A measure after all rounds. */
export interface Row {
  readonly name: string;
  readonly isBare: boolean;
  /** Undefined: it does not matter here. */
  readonly durability: Durability | undefined;
  readonly rounds: number;
  /** Medians of the rounds. */
  readonly figures: Figures;
  /** The bare peer of the same run, and this row's figure as a part of its. */
  readonly beside: string | undefined;
  readonly ratio: number | undefined;
  /** Undefined: there is none. */
  readonly aim: string | undefined;
  readonly isMet: boolean | undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Each figure's own median: they need not be of one round. */
export function medians(rounds: readonly Figures[]): Figures {
  const names = [...new Set(rounds.flatMap((figures) => Object.keys(figures) as FigureName[]))];
  return Object.fromEntries(names.map((name) => [name, median(rounds.flatMap((figures) => figures[name] ?? []))]));
}
