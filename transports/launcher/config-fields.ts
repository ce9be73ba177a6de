/**
 * Every word of a configuration, each with its own zod schema: from text (or a file's number, or truth) to a value.
 * Knows one value at a time; what several of them must be to each other is checked in config.ts and founding.ts.
 */
import { z } from 'zod';
import { nearest } from '../../core/suggest.js';
import { parseSize } from '../../core/units.js';
import type { Durability } from '../../core/view/view.js';
import { quote, WrongValue } from '../../core/wrong-value.js';
import { parseCoordinatorUrl } from '../coordinators/open.js';
import { type HostPort, parseHostPort } from '../leaves/host-port.js';

export type StoreKind = 'disk' | 'memory';
export type LinkKind = 'tcp' | 'http';
export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** What is wrong with one key or its value. */
export interface ConfigProblem {
  readonly key: string;
  readonly message: string;
  /** What was most likely meant, ready to be pasted in its place. */
  readonly suggestion: string | undefined;
  /** The key itself is the culprit, not its value. */
  readonly isKey: boolean;
}

/** Bounds of the founding settings. */
const CHAIN_MAX = 16;
const SHARDS_MAX = 4096;
const CHUNK_BYTES_MIN = 1024;
const CHUNK_BYTES_MAX = 1024 * 1024;
const STREAM_BYTES_MAX = 1024 ** 3;
const SERVERS_MAX = 64;

/** A value that a parser makes of a scalar, or refuses with a `WrongValue`. */
function scalar<Value>(parse: (text: string) => Value) {
  return z.union([z.string(), z.number(), z.boolean()]).transform((given, context): Value => {
    try {
      return parse(String(given).trim());
    } catch (error) {
      if (!(error instanceof WrongValue)) throw error;
      context.addIssue({ code: 'custom', message: error.message, params: { suggestion: error.suggestion } });
      return z.NEVER;
    }
  });
}

function oneOf<Word extends string>(...words: readonly Word[]) {
  return scalar((text): Word => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new WrongValue(`${quote(text)} is not one of: ${words.join(', ')}`, nearest(text, words));
  });
}

function wholeNumber(min: number, max: number) {
  return scalar((text): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (value < min || value > max) throw new WrongValue(`${quote(text)} is not a whole number from ${min} to ${max}`);
    return value;
  });
}

function size(min: string, max: string, minBytes: number, maxBytes: number) {
  return scalar((text): number => {
    const bytes = parseSize(text);
    if (bytes < minBytes || bytes > maxBytes)
      throw new WrongValue(`${quote(text)} is not a size from ${min} to ${max}`);
    return bytes;
  });
}

const truth = scalar((text): boolean => {
  if (text === 'true' || text === 'yes' || text === '1') return true;
  if (text === 'false' || text === 'no' || text === '0' || text === '') return false;
  throw new WrongValue(`${quote(text)} is neither true nor false`);
});

/** As everywhere; here also a port alone or behind ":" (on this machine only), and "*" (every address it has). */
function listenAddress(text: string): HostPort {
  const whole = text.replace(/^:?(?=\d+$)/, '127.0.0.1:').replace(/^\*:/, '0.0.0.0:');
  const address = parseHostPort(whole, 0);
  if (address !== undefined) return address;
  throw new WrongValue(`${quote(text)} is not an address such as 127.0.0.1:8101 or [::1]:8101`);
}

/** The file of a `file:` address is read when the coordinator is opened: it may not be there yet. */
const coordinatorUrl = scalar((text): string => {
  if (/^file:./.test(text)) return text;
  try {
    parseCoordinatorUrl(text);
    return text;
  } catch (error) {
    throw new WrongValue(error instanceof Error ? error.message : String(error));
  }
});

/** Names files, keys at the coordinator and, in front of a dot, uploads. */
const serverName = scalar((text): string => {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/i.test(text)) return text;
  throw new WrongValue(`${quote(text)} is not a name: up to 63 letters, digits, "-" and "_", such as n1`);
});

const someText = (what: string) =>
  scalar((text): string => {
    if (text !== '') return text;
    throw new WrongValue(`${what} has no value`);
  });

export const fields = {
  id: serverName,
  listen: scalar(listenAddress),
  http: scalar(listenAddress),
  coordinator: coordinatorUrl,
  data: someText('the folder'),
  advertise: scalar(listenAddress),
  nodes: wholeNumber(1, SERVERS_MAX),
  host: someText('the host'),
  'ring-port': wholeNumber(0, 65_535),
  'http-port': wholeNumber(0, 65_535),
  'coordinator-port': wholeNumber(0, 65_535),
  store: oneOf<StoreKind>('disk', 'memory'),
  capacity: size('1MiB', '1024TiB', 1024 ** 2, 1024 ** 5),
  link: oneOf<LinkKind>('tcp', 'http'),
  durability: oneOf<Durability>('memory', 'os', 'fsync'),
  chain: wholeNumber(1, CHAIN_MAX),
  'min-replicas': wholeNumber(1, CHAIN_MAX),
  shards: wholeNumber(1, SHARDS_MAX),
  chunk: size('1KiB', '1MiB', CHUNK_BYTES_MIN, CHUNK_BYTES_MAX),
  stream: size('3KiB', '1GiB', 3 * CHUNK_BYTES_MIN, STREAM_BYTES_MAX),
  'allow-public': truth,
  'log-level': oneOf<LogLevel>('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'),
  'log-pretty': truth,
};

/** The values by key, as they are after the check. */
export type Fields = { readonly [Name in keyof typeof fields]: z.infer<(typeof fields)[Name]> };
