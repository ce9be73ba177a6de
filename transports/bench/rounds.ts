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
  /** A round in front that does not count. */
  readonly isWarmedUp: boolean;
  readonly progress: (text: string) => void;
}

/** @throws what a measure throws: with a part of it gone, the rest would not be the same run. */
export async function runRounds(
  measures: readonly Measure[],
  { rounds, durability, isWarmedUp, progress }: RoundOptions,
): Promise<readonly Row[]> {
  const seen = new Map<Measure, Figures[]>(measures.map((measure) => [measure, []]));
  // The first round is for the compilers of all processes, where there are more.
  for (let round = isWarmedUp ? 0 : 1; round <= rounds; round++) {
    for (const [measure, figures] of seen) {
      progress(`${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}: ${measure.name}`);
      const measured = await measure.measure();
      if (round > 0) figures.push(measured);
    }
  }
  const rows = [...seen].map(([{ name, isBare }, figures]) => ({
    ...{ name, isBare, durability, rounds: figures.length },
    figures: medians(figures),
  }));
  return judged(rows);
}
