/**
 * Runs measures in rounds, each once a round: what is compared is measured within seconds of each other, for machines
 * change their speed from minute to minute.
 */
import type { Durability } from '../../core/view/view.js';
import { judged } from './aims.js';
import { type Figures, type Measure, medians, type Row } from './figures.js';

export interface RoundOptions {
  readonly rounds: number;
  readonly durability: Durability | undefined;
  readonly progress: (text: string) => void;
}

/** @throws what a measure throws: with a part of it gone, the rest would not be the same run. */
export async function runRounds(
  measures: readonly Measure[],
  { rounds, durability, progress }: RoundOptions,
): Promise<readonly Row[]> {
  const seen = new Map<Measure, Figures[]>(measures.map((measure) => [measure, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [measure, figures] of seen) {
      progress(`round ${round} of ${rounds}: ${measure.name}`);
      figures.push(await measure.measure());
    }
  }
  const rows = [...seen].map(([{ name, isBare }, figures]) => ({
    ...{ name, isBare, durability, rounds: figures.length },
    figures: medians(figures),
  }));
  return judged(rows);
}
