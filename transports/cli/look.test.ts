// What is drawn on a terminal fits into it, however narrow or low it is: else it wraps, and each redraw leaves rubbish.
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { fitted, frame } from './look.js';
import { progressLine } from './progress.js';

const c = picocolors.createColors(true);
// biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals obey begins with one.
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*[a-zA-Z]/g, '');
/** Of texts without wide characters. */
const columnsOf = (text: string): number => [...plain(text)].length;
const terminal = (columns: number, rows: number) => ({ write: () => undefined, isTerminal: true, columns, rows });

describe('a line that is fitted', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301e\u0301'],
    ['😀😀', 3, '😀…'],
  ])('%s in %i columns is %s', (text, columns, shown) => {
    expect(fitted(text, columns)).toBe(shown);
  });

  it('keeps what ends its colours', () => {
    expect(fitted(`a${c.red('bcdef')}g`, 4)).toBe(`a${c.red('bc…')}`);
  });
});

describe('the line of a transfer', () => {
  const standing = { doneBytes: 700_000_000, totalBytes: 1_500_000_000, what: '/videos/a-long-name-of-a-file.bin' };

  it.each([200, 100, 72, 71, 60, 40, 30, 20, 10])('leaves room behind it, of %i columns', (columns) => {
    const line = progressLine(standing, 10_000, columns, c);
    expect(columnsOf(line)).toBeLessThanOrEqual(columns - 3);
    if (columns >= 20) expect(plain(line)).toContain('46% of 1.4');
  });

  it('has a bar where there is room for one', () => {
    expect(plain(progressLine(standing, 10_000, 100, c))).toMatch(/━{11}─{13} {2}46% of 1.4 GiB · .* left · \/videos/);
    expect(plain(progressLine(standing, 10_000, 60, c))).toMatch(/^ {2}46% of 1.4 GiB · .* left · \/v/);
  });
});

describe('a picture that is drawn again and again', () => {
  const lines = Array.from({ length: 12 }, (_, i) => `${i} ${'x'.repeat(50)}`);

  it('is neither wider nor higher than its terminal, and says what is missing', () => {
    const drawn = frame(lines, terminal(40, 8)).split('\n').map(plain);
    expect(drawn.length - 1).toBe(7);
    expect(Math.max(...drawn.map(columnsOf))).toBe(40);
    expect(drawn.at(-2)).toBe('… 6 more lines');
  });

  it('is whole where it fits', () => {
    expect(plain(frame(lines, terminal(100, 13)))).toBe(`${lines.join('\n')}\n`);
  });
});
