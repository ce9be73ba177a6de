/**
 * Small parts to build message bodies of: each says how a value is written as JSON and how it is read back, and reads
 * nothing that it has not checked. Knows nothing of the protocol; the TCP client protocol is made of them too.
 *
 * Records are written as arrays, their fields in the order of declaration: parsed in less than half the time of objects.
 * A later version may add fields at the end, optional ones; more than are known here are ignored.
 */

/** Thrown inside a decoder only, and caught where decoding begins (see codec.ts). */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

export interface Field<T> {
  readonly encode: (value: T) => unknown;
  /** @throws Malformed */
  readonly decode: (value: unknown) => T;
  /** For FORMAT.md. */
  readonly says: string;
}

/** A field with a structure that FORMAT.md lists by its name. */
export interface Structure<T> extends Field<T> {
  readonly listing: string;
}

const asIs = <T>(value: T): unknown => value;

export function whole(says: string, from: number, to: number): Field<number> {
  const decode = (value: unknown): number => {
    // JSON knows a negative zero, which no sender of ours writes.
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new Malformed('not a whole number');
    const number = value as number;
    if (number < from || number > to) throw new Malformed(`${number} is not within ${from} and ${to}`);
    return number;
  };
  return { encode: asIs, decode, says };
}

export const count = whole('count', 0, Number.MAX_SAFE_INTEGER);
export const uint32 = whole('uint32', 0, 0xffff_ffff);

/** Any number: of things that are only passed on. */
export const finite: Field<number> = {
  encode: asIs,
  decode: (value) => {
    if (!Number.isFinite(value) || Object.is(value, -0)) throw new Malformed('not a number');
    return value as number;
  },
  says: 'number',
};

export const flag: Field<boolean> = {
  encode: asIs,
  decode: (value) => {
    if (typeof value !== 'boolean') throw new Malformed('neither true nor false');
    return value;
  },
  says: 'boolean',
};

/** @param charsMax UTF-16 units */
export function text(says: string, charsMax: number): Field<string> {
  const decode = (value: unknown): string => {
    if (typeof value !== 'string') throw new Malformed('not a text');
    if (value.length > charsMax) throw new Malformed(`longer than ${charsMax}`);
    return value;
  };
  return { encode: asIs, decode, says };
}

export function checked(field: Field<string>, says: string, isRight: (value: string) => boolean): Field<string> {
  const decode = (value: unknown): string => {
    const read = field.decode(value);
    if (!isRight(read)) throw new Malformed(`not a ${says}`);
    return read;
  };
  return { encode: asIs, decode, says };
}

export function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  const known: ReadonlySet<unknown> = new Set(words);
  const decode = (value: unknown): T => {
    if (!known.has(value)) throw new Malformed(`none of ${words.join(', ')}`);
    return value as T;
  };
  return { encode: asIs, decode, says: words.join(' | ') };
}

/** Undefined is null on the wire. */
export function optional<T>({ encode, decode, says }: Field<T>): Field<T | undefined> {
  return {
    encode: (value) => (value === undefined ? null : encode(value)),
    decode: (value) => (value === null || value === undefined ? undefined : decode(value)),
    says: `${says}?`,
  };
}

function arrayOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed('not an array');
  return value;
}

/** Says which part was malformed. */
function within(error: unknown, part: string): unknown {
  if (!(error instanceof Malformed)) return error;
  const isInner = error.message.includes(': ');
  return new Malformed(isInner ? `${part}.${error.message}` : `${part}: ${error.message}`);
}

export function list<T>({ encode, decode, says }: Field<T>, itemsMax: number): Field<readonly T[]> {
  const decodeAll = (value: unknown): readonly T[] => {
    const items = arrayOf(value);
    if (items.length > itemsMax) throw new Malformed(`more than ${itemsMax} items`);
    return items.map(decode);
  };
  return { encode: encode === asIs ? asIs : (values) => values.map(encode), decode: decodeAll, says: `[${says}]` };
}

export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

export interface RecordField<T> extends Structure<T> {
  /** Reads the fields into an object that has others already. */
  readonly decodeInto: <O extends object>(object: O, value: unknown) => O & T;
}

/** @param name of the structure, for FORMAT.md. */
export function record<T extends object>(fields: Fields<T>, name?: string): RecordField<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const parts = names.map((key) => fields[key] as Field<unknown>);
  const decodeInto = <O extends object>(object: O, value: unknown): O & T => {
    const values = arrayOf(value);
    const result = object as Record<string, unknown>;
    let at = 0;
    try {
      for (; at < parts.length; at++) result[names[at] as string] = (parts[at] as Field<unknown>).decode(values[at]);
    } catch (error) {
      throw within(error, names[at] as string);
    }
    return result as O & T;
  };
  const encode = (value: T): unknown => {
    const values = new Array<unknown>(parts.length);
    for (let at = 0; at < parts.length; at++) {
      values[at] = (parts[at] as Field<unknown>).encode(value[names[at] as keyof T]);
    }
    return values;
  };
  const listing = names.map((key, at) => `${key}: ${parts[at]?.says}`).join(', ');
  return { encode, decode: (value) => decodeInto({}, value), decodeInto, says: name ?? listing, listing };
}

/** One of several records, told apart by a word that goes first: `["put", …]`. */
export function variant<K extends string, T extends { readonly [key in K]: string }>(
  key: K,
  records: { readonly [W in T[K]]: RecordField<Omit<Extract<T, { readonly [key in K]: W }>, K>> },
  name: string,
): Structure<T> {
  const byWord = new Map(Object.entries(records) as [string, RecordField<object>][]);
  const decode = (value: unknown): T => {
    const [word, ...values] = arrayOf(value);
    const found = byWord.get(word as string);
    if (found === undefined) throw new Malformed(`none of ${[...byWord.keys()].join(', ')}`);
    return found.decodeInto({ [key]: word }, values) as T;
  };
  const encode = (value: T): unknown => [
    value[key],
    ...((byWord.get(value[key]) as RecordField<object>).encode(value) as unknown[]),
  ];
  const listing = [...byWord].map(([word, fields]) => `"${word}"${fields.listing === '' ? '' : `, ${fields.listing}`}`);
  return { encode, decode, says: name, listing: listing.join(' or ') };
}
