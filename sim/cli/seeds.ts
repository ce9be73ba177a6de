/**
 * Seeds as the command line writes them: `17`, `1..100`. Which seeds a scenario runs.
 */
import type { Scenario } from '../scenario/scenario.js';

export const SEED_MAX = Number.MAX_SAFE_INTEGER;

export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

/** Undefined: not a seed. */
export function parseSeed(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const seed = Number(text);
  return seed <= SEED_MAX ? seed : undefined;
}

/** Undefined: not a range. A range that counts down is given back as it is. */
export function parseSeedRange(text: string): SeedRange | undefined {
  const parts = text.split('..');
  const [from, to] = parts.map(parseSeed);
  return parts.length === 2 && from !== undefined && to !== undefined ? { from, to } : undefined;
}

export type SeedChoice =
  | { readonly kind: 'one'; readonly seed: number }
  | { readonly kind: 'range'; readonly range: SeedRange }
  /** No flag: what the scenario says. */
  | { readonly kind: 'own' };

/**
 * Seeds of one scenario among several runs; undefined: none is left below its `seedsMax`. A seed asked for by its number
 * runs in any case: whoever names it wants to see it.
 */
export function seedsOf(scenario: Pick<Scenario, 'seed' | 'seedsMax'>, choice: SeedChoice): SeedRange | undefined {
  if (choice.kind === 'one') return { from: choice.seed, to: choice.seed };
  const wanted = choice.kind === 'range' ? choice.range : scenario.seed;
  const to = Math.min(wanted.to, scenario.seedsMax ?? SEED_MAX);
  return wanted.from <= to ? { from: wanted.from, to } : undefined;
}
