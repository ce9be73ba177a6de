/** What was measured, as a table for people. */
import pc from 'picocolors';
import type { BenchReport } from './bench-ring.js';
import type { Figures, Row } from './figures.js';

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

function mainFigure({ mbPerSecond, perSecond, seconds, pauseMs }: Figures): string {
  if (mbPerSecond !== undefined) return `${digits(mbPerSecond)} MB/s`;
  if (perSecond !== undefined) return `${digits(perSecond)} /s`;
  if (seconds !== undefined) return `${digits(seconds)} s`;
  return pauseMs === undefined ? '' : `${digits(pauseMs)} ms`;
}

function otherFigures({ p50Ms, p99Ms, crossedMb }: Figures): string {
  if (crossedMb !== undefined) return `${digits(crossedMb)} MB crossed`;
  if (p50Ms === undefined) return '';
  return p99Ms === undefined ? `usually ${digits(p50Ms)} ms` : `p50 ${digits(p50Ms)} · p99 ${digits(p99Ms)} ms`;
}

function verdict({ aim, isMet }: Row): string {
  if (aim === undefined) return '';
  if (isMet === undefined) return `aim ${aim}`;
  return isMet ? pc.green(`✓ ${aim}`) : pc.red(`✗ ${aim}`);
}

function cellsOf(row: Row): readonly string[] {
  const { name, isBare, durability, figures, ratio } = row;
  return [
    isBare ? pc.dim(name) : name,
    isBare ? '' : (durability ?? ''),
    mainFigure(figures),
    otherFigures(figures),
    ratio === undefined ? '' : `${ratio.toFixed(2)} of bare`,
    verdict(row),
  ];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const COLOURS = /\u001b\[\d+m/g;
const widthOf = (text: string): number => text.replace(COLOURS, '').length;

/** Columns as wide as they must be; figures to the right. */
export function tableOf(rows: readonly Row[]): readonly string[] {
  const lines = rows.map(cellsOf);
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((cells) => widthOf(cells[column] as string))),
  );
  return lines.map((cells) =>
    cells
      .map((cell, column) => {
        const fill = ' '.repeat((widths[column] as number) - widthOf(cell));
        return column === 2 ? fill + cell : cell + fill;
      })
      .join('  ')
      .trimEnd(),
  );
}

export function reportText({ servers, chain, node, cpus, seconds, rows }: BenchReport): string {
  const judged = rows.filter(({ isMet }) => isMet !== undefined);
  const copies = chain === undefined ? '' : `, ${chain} copies of each file`;
  const met = judged.filter(({ isMet }) => isMet).length;
  return [
    `ring of ${servers} servers${copies}; Node ${node}, ${cpus} cores; medians; ${seconds} s`,
    '',
    ...tableOf(rows),
    '',
    `${met} of ${judged.length} aims met`,
    '',
  ].join('\n');
}
