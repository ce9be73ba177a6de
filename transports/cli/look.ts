/** How output looks: colours only where a person reads it, JSON indented there too, columns that line up. */
import picocolors from 'picocolors';
import type { Found } from './command.js';
import type { Context, TextStream } from './context.js';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** https://no-color.org first, then FORCE_COLOR, then whether a person reads it. */
export function coloursFor(stream: TextStream, { environment }: Context, found: Found): Colours {
  const force = environment['FORCE_COLOR'];
  const isForbidden = found['no-color'] === true || (environment['NO_COLOR'] ?? '') !== '';
  if (isForbidden) return picocolors.createColors(false);
  if (force !== undefined && force !== '') return picocolors.createColors(force !== '0' && force !== 'false');
  return picocolors.createColors(stream.isTerminal && environment['TERM'] !== 'dumb');
}

export function printJson({ stdout }: Context, value: unknown): void {
  stdout.write(`${JSON.stringify(value, undefined, stdout.isTerminal ? 2 : undefined)}\n`);
}

export interface Column {
  readonly align?: 'right';
}

/** Lines of equally wide columns, two blanks between them; the last one is not filled up. */
export function table(rows: readonly (readonly string[])[], columns: readonly Column[] = []): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => width(row[i] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const gap = ' '.repeat((widths[i] as number) - width(cell));
        if (columns[i]?.align === 'right') return gap + cell;
        return i === row.length - 1 ? cell : cell + gap;
      })
      .join('  '),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour is one.
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Columns on a terminal, colours not counted. */
const width = (text: string): number => [...text.replace(COLOUR, '')].length;

/** Terminals obey control characters; a path never moves the cursor of who reads it. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, '\uFFFD');
