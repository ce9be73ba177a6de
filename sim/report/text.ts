/**
 * Laying out plain text: wrapping, cutting, columns. Knows nothing of runs or colours; colours are added afterwards,
 * so that a width counted here is the width on the screen.
 */

/** Columns of a report: what fits beside an editor and in a log of CI. */
export const WIDTH_MAX = 100;
const WIDTH_MIN = 60;

/** Width to print at, from the terminal's own. */
export function reportWidth(columns: number | undefined): number {
  return Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, columns ?? WIDTH_MAX));
}

/** Control characters are written out: a path from a scenario must not move a person's cursor. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`;
  });
}

/** Code points, which for what scenarios say is the number of columns. */
export function textWidth(text: string): number {
  return [...text].length;
}

/** At most `width` columns; what is cut off is marked. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width
    ? text
    : `${characters
        .slice(0, width - 1)
        .join('')
        .trimEnd()}…`;
}

export function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}

/** Breaks at spaces, and inside words longer than a line. Leading spaces are kept, also on the lines that follow. */
export function wrap(text: string, width: number): readonly string[] {
  const indent = /^ */.exec(text)?.[0].slice(0, Math.floor(width / 2)) ?? '';
  const room = width - indent.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .trimStart()
    .split(' ')
    .flatMap((long) => pieces(long, room))) {
    if (line === '') line = word;
    else if (textWidth(line) + 1 + textWidth(word) <= room) line += ` ${word}`;
    else {
      lines.push(indent + line);
      line = word;
    }
  }
  return [...lines, indent + line];
}

function pieces(word: string, width: number): readonly string[] {
  const characters = [...word];
  if (characters.length <= width) return [word];
  const parts: string[] = [];
  for (let from = 0; from < characters.length; from += width) parts.push(characters.slice(from, from + width).join(''));
  return parts;
}
