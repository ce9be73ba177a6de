/**
 * The fault suite for people: what struck, what came of it, how fast it was. Returns lines; prints nothing.
 */

import { count, duration, perSecond } from '../../core/figures.js';
import type { Look } from './story.js';
import { type Elapsed, failureLines, totalLines } from './summary.js';
import type { Summary, Totals } from './tally.js';
import { padLeft, padRight, printable, textWidth } from './text.js';

const MS_PER_HOUR = 3_600_000;

type Row = readonly [name: string, figure: string];

export function suiteLines(summary: Summary, elapsed: Elapsed, look: Look): readonly string[] {
  const faults = Object.entries(summary.all.faults).map(([kind, struck]): Row => [printable(kind), count(struck)]);
  const figures = figureRows(summary.all, elapsed);
  const all = [...faults, ...figures];
  const widths = [0, 1].map((column) => Math.max(0, ...all.map((row) => textWidth(row[column] ?? '')))) as [
    number,
    number,
  ];
  const table = (title: string, rows: readonly Row[]): readonly string[] => [
    `  ${look.colours.dim(padRight(title, widths[0] + 2 + widths[1]))}`.trimEnd(),
    ...rows.map(([name, figure]) => `  ${padRight(name, widths[0])}  ${padLeft(figure, widths[1])}`),
    '',
  ];
  return [
    ...table('faults struck', faults.length > 0 ? faults : [['none', '0']]),
    ...table('what came of it', figures),
    ...failureLines(summary.failures, look),
    ...(summary.failures.length > 0 ? [''] : []),
    ...totalLines(summary.all, elapsed, look),
  ];
}

export const operationsOf = ({ figures: { done, refused, unknown } }: Totals): number => done + refused + unknown;
export const virtualHours = ({ virtualMs }: Totals): number => virtualMs / MS_PER_HOUR;

function figureRows(all: Totals, { wallMs }: Elapsed): readonly Row[] {
  const { figures } = all;
  return [
    ['operations', count(operationsOf(all))],
    ['ambiguous outcomes', count(figures.unknown)],
    ['epochs', count(figures.epochs)],
    ['learners promoted', count(figures.promoted)],
    ['chains lost', count(figures.shardsLost)],
    ['chains brought back', count(figures.shardsRevived)],
    ['restarts', count(figures.restarts)],
    ['losses, as allowed', count(figures.losses)],
    ['virtual hours', virtualHours(all).toFixed(1)],
    ['wall time', duration(wallMs)],
    ['seeds per second', perSecond(all.runs, wallMs) ?? '-'],
  ];
}
