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
const COLOUR_OR_CHARACTER = /\u001b\[[0-9;]*m|./gsu;
const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const pieces = (text: string): readonly string[] => text.match(COLOUR_OR_CHARACTER) ?? [];

/** Columns on a terminal. */
function widthOf(piece: string): number {
  if (piece.length > 2 || /\p{Mn}/u.test(piece)) return 0;
  return WIDE.test(piece) ? 2 : 1;
}

/** Columns on a terminal, colours not counted. */
const width = (text: string): number => pieces(text).reduce((sum, piece) => sum + widthOf(piece), 0);

/** As much of a line as there are columns; its colours stay whole. */
export function fitted(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let room = columns - 1;
  let isCut = false;
  const kept = pieces(text).map((piece) => {
    const needed = widthOf(piece);
    if (isCut) return needed === 0 ? piece : '';
    room -= needed;
    isCut = room < 0;
    return isCut ? '…' : piece;
  });
  return kept.join('');
}

/** A picture that replaces the one before it, from the top of the terminal: it neither wraps nor scrolls. */
export function frame(lines: readonly string[], { columns = 80, rows = 24 }: TextStream): string {
  const room = Math.max(1, rows - 1);
  const left = lines.length - room;
  const shown = left > 0 ? [...lines.slice(0, room - 1), `… ${left + 1} more lines`] : lines;
  return `\u001b[H${shown.map((line) => `\u001b[K${fitted(line, columns)}\n`).join('')}\u001b[J`;
}

/** Terminals obey control characters; a path never moves the cursor of who reads it. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, '\uFFFD');
