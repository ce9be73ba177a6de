/**
 * Sizes and durations as people write them, to whole bytes and whole microseconds.
 * A leaf for files and command lines of both worlds. Never rounds: what is not a whole number of the base unit is refused.
 */
import { quote, WrongValue } from './wrong-value.js';

interface Unit {
  readonly name: string;
  readonly base: bigint;
}
interface Quantity {
  readonly what: string;
  /** Smallest first. */
  readonly units: readonly Unit[];
  /** What people write instead, in lower case. */
  readonly spellings: ReadonlyMap<string, string>;
  /** The unit that a bare number most likely means. */
  readonly usual: string;
}

const unitsOf = (table: Readonly<Record<string, number>>): readonly Unit[] =>
  Object.entries(table).map(([name, base]) => ({ name, base: BigInt(base) }));

const DURATION: Quantity = {
  what: 'a duration',
  units: unitsOf({ us: 1, ms: 1_000, s: 1_000_000, min: 60_000_000, h: 3_600_000_000 }),
  spellings: spellings({
    us: 'µs μs usec usecs microsecond microseconds',
    ms: 'msec msecs millis millisecond milliseconds',
    s: 'sec secs second seconds',
    min: 'm mins minute minutes',
    h: 'hr hrs hour hours',
  }),
  usual: 's',
};

const SIZE: Quantity = {
  what: 'a size',
  units: unitsOf({
    B: 1,
    KB: 1e3,
    kB: 1e3,
    KiB: 2 ** 10,
    MB: 1e6,
    MiB: 2 ** 20,
    GB: 1e9,
    GiB: 2 ** 30,
    TB: 1e12,
    TiB: 2 ** 40,
  }),
  spellings: spellings({
    B: 'byte bytes',
    KiB: 'k ki kib',
    MiB: 'm mi mib',
    GiB: 'g gi gib',
    TiB: 't ti tib',
    kB: 'kb',
    MB: 'mb',
    GB: 'gb',
    TB: 'tb',
  }),
  usual: 'B',
};

function spellings(table: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(table).flatMap(([unit, others]) =>
      others.split(' ').map((other): [string, string] => [other, unit]),
    ),
  );
}

const unitNames = ({ units }: Quantity): string =>
  units
    .map(({ name }) => name)
    .filter((name) => name !== 'KB')
    .join(', ');

function parseQuantity(given: string | number, quantity: Quantity): number {
  const text = String(given).trim();
  const match = /^([+-]?)(\d{1,16})(?:\.(\d{1,12}))?(\s*)([^\d\s.][^\s]*)?$/.exec(text);
  if (match === null) throw junk(text, quantity);
  const [, sign, whole = '', fraction = '', space, unitText = ''] = match;
  if (sign === '-') throw new WrongValue(`${quote(text)}: ${quantity.what} cannot be negative`);
  const number = fraction === '' ? whole : `${whole}.${fraction}`;
  if (unitText === '' && /^[0.]+$/.test(number)) return 0;
  const unit = quantity.units.find(({ name }) => name === unitText);
  if (unit === undefined || space !== '' || sign !== '') {
    const meant = unit?.name ?? (unitText === '' ? quantity.usual : quantity.spellings.get(unitText.toLowerCase()));
    if (meant === undefined) throw junk(text, quantity);
    const why = unitText === '' ? ' has no unit' : '';
    throw new WrongValue(`${quote(text)}${why}: ${form(quantity)}`, `${number}${meant}`);
  }
  const scaled = BigInt(whole + fraction) * unit.base;
  const scale = 10n ** BigInt(fraction.length);
  const smallest = (quantity.units[0] as Unit).name;
  if (scaled % scale !== 0n) throw new WrongValue(`${quote(text)} is not a whole number of ${smallest}`);
  const value = Number(scaled / scale);
  if (!Number.isSafeInteger(value)) throw new WrongValue(`${quote(text)} is too large to count in ${smallest}`);
  return value;
}

const form = (quantity: Quantity): string =>
  `${quantity.what} is a number directly followed by ${unitNames(quantity)}, like ${quantity === SIZE ? '64KiB' : '5ms'}`;

function junk(text: string, quantity: Quantity): WrongValue {
  return new WrongValue(`${quote(text)} is not ${quantity.what}: ${form(quantity)}`);
}

/** "5ms" → µs. */
export const parseDuration = (text: string | number): number => parseQuantity(text, DURATION);
/** "64KiB" → bytes. */
export const parseSize = (text: string | number): number => parseQuantity(text, SIZE);

/** Both ends of `a..b`; undefined if there are no dots. */
export function splitRange(text: string): readonly [string, string] | undefined {
  const at = text.indexOf('..');
  return at < 0 ? undefined : [text.slice(0, at).trim(), text.slice(at + 2).trim()];
}

/** "0..1MiB" or, up to the end, "1MiB..": bytes [from, to). */
export function parseByteRange(text: string | number): {
  readonly fromByte: number;
  readonly toByte: number | undefined;
} {
  const ends = splitRange(String(text).trim());
  if (ends === undefined) throw new WrongValue(`${quote(text)} is not a range of bytes such as 0..1MiB or 1MiB..`);
  const [from, to] = ends;
  const fromByte = parseSize(from);
  const toByte = to === '' ? undefined : parseSize(to);
  if (toByte !== undefined && toByte <= fromByte) {
    throw new WrongValue(`${quote(text)} holds no byte: it ends where it begins or before`);
  }
  return { fromByte, toByte };
}

/** The shortest exact text that reads back as the same number of bytes. */
export const sizeText = (bytes: number): string => quantityText(bytes, SIZE);
/** The shortest exact text that reads back as the same number of µs. */
export const durationText = (us: number): string => quantityText(us, DURATION);

function quantityText(value: number, { units }: Quantity): string {
  const exact = BigInt(value);
  let best: string | undefined;
  for (const { name, base } of units) {
    const thousandths = exact * 1000n;
    if (thousandths % base !== 0n || (exact < base && exact !== 0n)) continue;
    const scaled = thousandths / base;
    const fraction = (scaled % 1000n).toString().padStart(3, '0').replace(/0+$/, '');
    const text = `${scaled / 1000n}${fraction === '' ? '' : `.${fraction}`}${name}`;
    if (best === undefined || text.length <= best.length) best = text;
    if (exact === 0n) break;
  }
  return best as string;
}
