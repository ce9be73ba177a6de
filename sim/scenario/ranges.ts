/**
 * Ranges as people write them: two ends and two dots between them, or one value for both ends.
 * Knows no YAML and no scenario.
 */
import { parseDuration, parseSize, splitRange } from '../../core/units.js';
import { quote, WrongValue } from './errors.js';
import type { SizeRange, Span } from './scenario.js';

type Parse = (text: string | number) => number;

function parseRange(given: string | number, parse: Parse): readonly [number, number] {
  const text = String(given).trim();
  const ends = splitRange(text);
  if (ends === undefined) {
    const dashed = /^([\d.]+)\s*([a-zµ]*)\s*[-–—]\s*([\d.]+)\s*([a-zµ]+)$/i.exec(text);
    if (dashed === null) return [parse(given), parse(given)];
    const [, low, lowUnit, high, highUnit] = dashed;
    throw new WrongValue(
      `${quote(text)} is not a range: write two dots`,
      `${low}${lowUnit || highUnit}..${high}${highUnit}`,
    );
  }
  const [low, high] = ends;
  const highUnit = high.replace(/^[\d.\s]+/, '');
  if (/^[\d.]*[1-9][\d.]*$/.test(low) && highUnit !== '') {
    throw new WrongValue(`${quote(text)}: both ends of a range need a unit`, `${low}${highUnit}..${high}`);
  }
  const [min, max] = [parse(low), parse(high)];
  if (min > max) throw new WrongValue(`${quote(text)}: the range ends before it begins`, `${high}..${low}`);
  return [min, max];
}

/** "1ms..5ms", or "5ms" for always the same. */
export function parseSpan(text: string | number): Span {
  const [minUs, maxUs] = parseRange(text, parseDuration);
  return { minUs, maxUs };
}

/** "1KiB..2MiB", or "3MiB" for always the same. */
export function parseSizeRange(text: string | number): SizeRange {
  const [minBytes, maxBytes] = parseRange(text, parseSize);
  return { minBytes, maxBytes };
}

/** "1..50", or one number for both ends. */
export function parseWholeRange(given: string | number, max: number): { readonly from: number; readonly to: number } {
  const text = String(given).trim();
  const [low, high] = splitRange(text) ?? [text, text];
  if (!/^\d{1,16}$/.test(low) || !/^\d{1,16}$/.test(high)) {
    const dashed = /^(\d+)\s*[-–—]\s*(\d+)$/.exec(text);
    throw new WrongValue(
      `${quote(text)} is neither a whole number nor a range such as 1..50`,
      dashed === null ? undefined : `${dashed[1]}..${dashed[2]}`,
    );
  }
  const [from, to] = [Number(low), Number(high)];
  if (to > max) throw new WrongValue(`${quote(text)}: numbers here go up to ${max}`);
  if (from > to) throw new WrongValue(`${quote(text)}: the range ends before it begins`, `${high}..${low}`);
  return { from, to };
}
