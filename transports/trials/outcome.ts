/** What every trial under load says in the end, and what becomes of its history. */
import { rm } from 'node:fs/promises';
import type { LoadReport } from './load-trial.js';

/**
 * @param lines what this trial has to tell, behind the operations
 * @returns whether it passed
 */
export async function tellOutcome(
  report: LoadReport,
  what: string,
  lines: readonly string[],
  { keep = false, json = false }: { readonly keep?: boolean; readonly json?: boolean },
): Promise<boolean> {
  const { operations, failures, history } = report;
  const isPassed = failures.length === 0;
  if (isPassed && !keep) await rm(history, { force: true });
  const { answered, refused, unknown } = operations;
  const text = [
    `${what}; ${answered} operations answered, ${refused} refused, ${unknown} of unknown outcome`,
    ...lines,
    isPassed
      ? 'linearizable; all servers serve the same files; the ring is whole'
      : `FAILED:\n  ${failures.join('\n  ')}`,
    ...(isPassed && !keep ? [] : [`history: ${history}`]),
  ].join('\n');
  process.stdout.write(`${json ? JSON.stringify(report) : text}\n`);
  return isPassed;
}
