/** What the hunt found, as a table for people and as JSON for tools. Prints nothing itself. */
import type { Alarm, Verdict } from './hunt.js';

const HEAD = ['mutant', 'killed by', 'seed', 'seconds', 'scenario'] as const;

function row({ name, killed, checker, seedsNeeded, seconds, scenario, error }: Verdict): readonly string[] {
  if (error !== undefined) return [name, 'NOT TRIED', '', seconds.toFixed(1), ''];
  if (!killed) return [name, 'SURVIVED', `1..${seedsNeeded}`, seconds.toFixed(1), ''];
  return [name, checker ?? '', String(seedsNeeded), seconds.toFixed(1), scenario ?? ''];
}

export function asText(verdicts: readonly Verdict[], alarms: readonly Alarm[]): string {
  const rows = [HEAD, ...verdicts.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  for (const { name, error } of verdicts) if (error !== undefined) lines.push('', `${name}: ${error}`);
  lines.push('');
  for (const { scenario, seed, checker } of alarms) {
    lines.push(`FALSE ALARM: the unmodified copy fails ${scenario} under seed ${seed} (${checker})`);
  }
  const killed = verdicts.filter((verdict) => verdict.killed).length;
  const unmodified = alarms.length === 0 ? 'none' : String(alarms.length);
  lines.push(`${killed} of ${verdicts.length} mutants killed; alarms of the unmodified copy: ${unmodified}`);
  return lines.join('\n');
}

/** Published: fields are added, never renamed. */
export function asJson(verdicts: readonly Verdict[], alarms: readonly Alarm[]): string {
  return JSON.stringify({ mutants: verdicts, unmodified: { alarms } });
}
