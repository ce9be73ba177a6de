/**
 * Runs for tools: the shapes that `--json` prints. Published: fields are added, never renamed.
 */
import type { Figures, Outcome, RunResult, StoryLine, Violation } from '../run-result.js';
import { reproduceCommand } from './command.js';
import type { Elapsed } from './summary.js';
import type { Summary, Totals } from './tally.js';

interface RunReport {
  readonly scenario: string;
  readonly file: string;
  readonly seed: number;
  readonly outcome: Outcome;
  readonly traceHash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly violations: readonly Violation[];
  readonly figures: Figures;
  readonly command: string;
  /** With --verbose only. */
  readonly story?: readonly StoryLine[];
}

/** One file under one seed. */
export function runReport(result: RunResult, withStory: boolean): RunReport {
  const { scenario, file, seed, outcome, traceHash, events, virtualMs, wallMs, violations, figures } = result;
  const command = reproduceCommand(file, seed);
  const report = { scenario, file, seed, outcome, traceHash, events, virtualMs, wallMs, violations, figures, command };
  return withStory ? { ...report, story: result.story } : report;
}

interface CountsReport {
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly vacuous: number;
  readonly stuck: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Sums over the runs. */
  readonly figures: Totals['figures'];
}

export interface SummaryReport extends CountsReport {
  /** Every run that did not pass, in the order of the files, then of seeds. */
  readonly failures: readonly {
    readonly scenario: string;
    readonly file: string;
    readonly seed: number;
    readonly outcome: Exclude<Outcome, 'pass'>;
    readonly violations: readonly Violation[];
    readonly command: string;
  }[];
  /** From the first start of a worker to the last result. */
  readonly wallMs: number;
  readonly workers: number;
  readonly interrupted: boolean;
  readonly scenarios: readonly (CountsReport & { readonly scenario: string; readonly file: string })[];
}

/** Several files or seeds. */
export function summaryReport(summary: Summary, elapsed: Elapsed): SummaryReport {
  return {
    ...counts(summary.all),
    failures: summary.failures.map(({ scenario, file, seed, outcome, violations }) => ({
      scenario,
      file,
      seed,
      outcome,
      violations,
      command: reproduceCommand(file, seed),
    })),
    wallMs: elapsed.wallMs,
    workers: elapsed.workers,
    interrupted: elapsed.interrupted,
    scenarios: summary.scenarios.map((totals) => ({ scenario: totals.name, file: totals.file, ...counts(totals) })),
  };
}

function counts({ runs, outcomes, events, virtualMs, faults, figures }: Totals): CountsReport {
  const { pass: passed, fail: failed, vacuous, stuck } = outcomes;
  return { runs, passed, failed, vacuous, stuck, events, virtualMs, faults, figures };
}
