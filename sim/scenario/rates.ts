/**
 * Rates, shares and factors as people write them, to numbers.
 * Knows no YAML and no scenario. Every message shows the right form.
 */

import { parseSize } from '../../core/units.js';
import { quote, WrongValue } from './errors.js';

/** "100MB/s" → bytes per second, more than 0. */
export function parseByteRate(given: string | number): number {
  const text = String(given).trim();
  const amount = text.replace(/\s*(\/\s*s(ec(ond)?)?|ps)$/i, '');
  const meant = sizeMeant(amount);
  if (meant === undefined || `${meant}/s` !== text) {
    const how = `${quote(text)} is not a rate: bytes per second are written like 100MB/s`;
    throw new WrongValue(how, meant === undefined || meant === '0' ? undefined : `${meant}/s`);
  }
  const bytesPerSecond = parseSize(amount);
  if (bytesPerSecond === 0) throw new WrongValue(`${quote(text)}: a rate must be more than nothing`);
  return bytesPerSecond;
}

/** The text itself when it is a size, else the size that its author seems to mean. */
function sizeMeant(text: string): string | undefined {
  try {
    parseSize(text);
    return text;
  } catch (error) {
    return (error as WrongValue).suggestion;
  }
}

/** "50/s" → operations per second, more than 0. */
export function parseOperationRate(given: string | number): number {
  const text = String(given).trim();
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(\/s)?$/.exec(text);
  const how = `${quote(text)} is not a rate: operations per second are written like 50/s`;
  if (match === null) throw new WrongValue(how);
  if (match[2] === undefined) throw new WrongValue(how, `${match[1]}/s`);
  const perSecond = Number(match[1]);
  if (perSecond === 0) throw new WrongValue(`${quote(text)}: a rate must be more than nothing`);
  return perSecond;
}

/** ">= 80%" → 0.8. */
export function parseShareMin(given: string | number): number {
  const text = String(given).trim();
  const match = /^(>=)?\s*(\d{1,3}(?:\.\d{1,3})?)\s*(%)?$/.exec(text);
  if (match === null) throw new WrongValue(`${quote(text)} is not a least share such as ">= 80%"`);
  const number = Number(match[2]);
  if (match[1] === undefined || match[3] === undefined) {
    const percent = match[3] === undefined && number <= 1 ? Math.round(number * 100_000) / 1_000 : number;
    throw new WrongValue(`${quote(text)} is not a least share such as ">= 80%"`, `>= ${percent}%`);
  }
  if (number > 100) throw new WrongValue(`${quote(text)}: a share goes up to 100%`);
  return number / 100;
}

/** "<= 1.5x" → 1.5. */
export function parseTimesMax(given: string | number): number {
  const text = String(given).trim();
  const match = /^(<=)?\s*(\d{1,6}(?:\.\d{1,3})?)\s*(x)?$/.exec(text);
  if (match === null) throw new WrongValue(`${quote(text)} is not a largest factor such as "<= 1.5x"`);
  if (match[1] === undefined || match[3] === undefined) {
    throw new WrongValue(`${quote(text)} is not a largest factor such as "<= 1.5x"`, `<= ${match[2]}x`);
  }
  return Number(match[2]);
}
