/**
 * Many runs for people: a table with a row a scenario, the sums, and the first failing seeds of each scenario with the
 * command that shows them again. Returns lines; prints nothing.
 */

import { count, counted, duration, perSecond } from '../../core/figures.js';
import type { Outcome } from '../run-result.js';
import { reproduceCommand } from './command.js';
import { type Colours, outcomePaint, type Paint } from './palette.js';
import type { Look } from './story.js';
import type { Failure, ScenarioTotals, Summary, Totals } from './tally.js';
import { cut, padLeft, padRight, printable, textWidth, wrap } from './text.js';
import { badge, kindCounts } from './verdict.js';
import { violationInShort, violationLines } from './violations.js';

/** Failing seeds shown in full for each scenario, and named after that. */
const FAILURES_SHOWN_MAX = 2;
const SEEDS_NAMED_MAX = 8;
/** Between the columns of the table. */
const GAP = '  ';
const NAME_WIDTH_MIN = 24;

export interface Elapsed {
  readonly wallMs: number;
  readonly workers: number;
  readonly interrupted: boolean;
}

const outcomeOrder: readonly Outcome[] = ['pass', 'fail', 'stuck', 'vacuous'];

export function summaryLines(summary: Summary, elapsed: Elapsed, look: Look): readonly string[] {
  return [
    ...(summary.scenarios.length > 0 ? [...tableLines(summary, look), ''] : []),
    ...wrap(`faults: ${kindCounts(summary.all.faults).join(' · ')}`, look.width - 2).map(
      (line) => `  ${look.colours.dim(line)}`,
    ),
    ...failureLines(summary.failures, look),
    '',
    ...totalLines(summary.all, elapsed, look),
  ];
}

/** With --quiet: what failed, and one line. */
export function quietSummaryLines(summary: Summary, elapsed: Elapsed, look: Look): readonly string[] {
  const failures = failureLines(summary.failures, look);
  return [...failures, ...(failures.length > 0 ? [''] : []), ...totalLines(summary.all, elapsed, look)];
}

interface Cell {
  readonly text: string;
  readonly paint: Paint;
}

function tableLines(summary: Summary, look: Look): readonly string[] {
  const { colours: c } = look;
  const cell = (text: string): Cell => ({ text, paint: String });
  const titles = ['seeds', ...outcomeOrder, 'events', 'virtual', 'faults'].map((text) => ({ text, paint: c.dim }));
  const body = summary.scenarios.map((scenario) => [cell(seedsRun(scenario)), ...totalCells(scenario, c)]);
  const sums = body.length > 1 ? [[cell(count(summary.all.runs)), ...totalCells(summary.all, c)]] : [];
  // The file's own name: claims are sentences, and a row has no room for them.
  const names = summary.scenarios.map(({ file }) => printable(fileName(file)));
  const { nameWidth, widths } = columnWidths(names, [titles, ...body, ...sums], look.width);
  const line = (name: string, cells: readonly Cell[], paint: Paint = String): string => {
    const figures = widths.map((width, column) => cells[column]?.paint(padLeft(cells[column].text, width)) ?? '');
    return `  ${[paint(padRight(cut(name, nameWidth), nameWidth)), ...figures].join(GAP)}`;
  };
  const rule = c.dim(`  ${'─'.repeat(nameWidth + columnsWidth(widths))}`);
  return [
    line('scenario', titles, c.dim),
    rule,
    ...body.map((cells, index) => line(names[index] ?? '', cells)),
    ...sums.flatMap((cells) => [rule, line('all', cells)]),
  ];
}

const fileName = (file: string): string => file.slice(file.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');

const columnsWidth = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + GAP.length + width, 0);

/** Widths of the columns; on a narrow screen the last ones are left out, so that the names stay readable. */
function columnWidths(
  names: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
): { readonly nameWidth: number; readonly widths: readonly number[] } {
  const widest = Math.max('scenario'.length, ...names.map(textWidth));
  const all = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => textWidth(cells[column]?.text ?? ''))),
  );
  const room = (widths: readonly number[]): number => width - 2 - columnsWidth(widths);
  let widths: readonly number[] = all;
  while (room(widths) < Math.min(widest, NAME_WIDTH_MIN) && widths.length > 1) widths = widths.slice(0, -1);
  return { nameWidth: Math.min(widest, Math.max(1, room(widths))), widths };
}

function totalCells(totals: Totals, c: Colours): readonly Cell[] {
  const faults = Object.values(totals.faults).reduce((sum, howMany) => sum + howMany, 0);
  const number = (value: number, paint: Paint = String): Cell =>
    value === 0 ? { text: '-', paint: c.dim } : { text: count(value), paint };
  return [
    ...outcomeOrder.map((outcome) => number(totals.outcomes[outcome], outcomePaint(c, outcome))),
    number(totals.events),
    { text: totals.virtualMs === 0 ? '-' : duration(totals.virtualMs), paint: totals.virtualMs === 0 ? c.dim : String },
    number(faults),
  ];
}

/** `1..100`, or `57 of 1..100` where the run was interrupted. */
function seedsRun({ seeds, runs }: ScenarioTotals): string {
  if (seeds === undefined) return 'none';
  const range = seeds.from === seeds.to ? String(seeds.from) : `${seeds.from}..${seeds.to}`;
  return runs === seeds.to - seeds.from + 1 ? range : `${count(runs)} of ${range}`;
}

/** The first failing seeds of each scenario, with the commands that show them again. */
export function failureLines(failures: readonly Failure[], look: Look): readonly string[] {
  return [...groupByScenario(failures).values()].flatMap((group) => scenarioFailures(group, look));
}

function groupByScenario(failures: readonly Failure[]): ReadonlyMap<number, readonly Failure[]> {
  const groups = new Map<number, Failure[]>();
  for (const failure of failures) {
    const group = groups.get(failure.scenarioIndex);
    if (group === undefined) groups.set(failure.scenarioIndex, [failure]);
    else group.push(failure);
  }
  return groups;
}

function scenarioFailures(failures: readonly Failure[], look: Look): readonly string[] {
  const { colours: c } = look;
  const shown = failures.slice(0, FAILURES_SHOWN_MAX);
  const others = failures.slice(FAILURES_SHOWN_MAX).map(({ seed }) => seed);
  const named = others.slice(0, SEEDS_NAMED_MAX).join(', ');
  const rest = others.length > SEEDS_NAMED_MAX ? ', ...' : '';
  const more = `and ${counted(others.length, 'seed')} more of this scenario: ${named}${rest}`;
  return [
    ...shown.flatMap((failure) => ['', ...oneFailure(failure, look)]),
    ...(others.length > 0 ? ['', ...wrap(more, look.width - 2).map((line) => c.dim(`  ${line}`))] : []),
  ];
}

function oneFailure(failure: Failure, look: Look): readonly string[] {
  const { colours: c, width, verbose } = look;
  const title = wrap(`${printable(failure.scenario)} · seed ${failure.seed}`, width - 11);
  const [first] = failure.violations;
  const short = first === undefined ? [] : wrap(violationInShort(first), width - 4).map((line) => `    ${line}`);
  return [
    ...title.map(
      (line, index) => `  ${index === 0 ? badge(failure.outcome, c) : ' '.repeat(failure.outcome.length)}  ${line}`,
    ),
    ...(verbose ? ['', ...violationLines(failure.violations, look)] : short),
    `    ${c.cyan(reproduceCommand(failure.file, failure.seed))}`,
  ];
}

/** How the runs ended, and how much they were. */
export function totalLines(all: Totals, elapsed: Elapsed, look: Look): readonly string[] {
  const { colours: c, width } = look;
  const verdicts = outcomeOrder.filter((outcome) => outcome === 'pass' || all.outcomes[outcome] > 0);
  const words: Readonly<Record<Outcome, string>> = {
    pass: 'passed',
    fail: 'failed',
    stuck: 'stuck',
    vacuous: 'vacuous',
  };
  const counts = verdicts.map((outcome) =>
    outcomePaint(c, outcome)(`${count(all.outcomes[outcome])} ${words[outcome]}`),
  );
  const speed = perSecond(all.events, elapsed.wallMs);
  const figures = [
    counted(all.events, 'event'),
    `${duration(all.virtualMs)} virtual`,
    `${duration(elapsed.wallMs)} wall`,
    ...(speed === undefined ? [] : [`${speed} events/s on ${counted(elapsed.workers, 'worker')}`]),
  ].join(' · ');
  const stopped = elapsed.interrupted ? `${c.yellow(c.bold('INTERRUPTED'))}  so far: ` : '';
  return [
    `  ${stopped}${counted(all.runs, 'run')}: ${counts.join(', ')}`,
    ...wrap(figures, width - 2).map((line) => `  ${c.dim(line)}`),
  ];
}
