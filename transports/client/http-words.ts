/**
 * Heads and bodies of answers, to values: nothing that comes over the network is believed before it was looked at.
 * A leaf.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FileInfo, Page, Stored } from './client.js';
import type { Try } from './wire.js';

/** Pages of a list are the largest. */
const JSON_BYTES_MAX = 8 * 1024 * 1024;

type Json = Readonly<Record<string, unknown>>;

/** Undefined: not JSON, or too much of it. */
export async function jsonOf(answer: IncomingMessage): Promise<Json | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > JSON_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Milliseconds since 1970: files may be older. */
function timeOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

const textOf = (json: Json | undefined, key: string): string | undefined => {
  const value = json?.[key];
  return typeof value === 'string' ? value : undefined;
};

export function storedOf(json: Json | undefined): Stored | undefined {
  const path = textOf(json, 'path');
  const version = textOf(json, 'version');
  const sha256 = textOf(json, 'sha256');
  const operation = textOf(json, 'operation');
  const length = numberOf(json?.['length']);
  if (path === undefined || version === undefined || sha256 === undefined) return undefined;
  if (operation === undefined || length === undefined) return undefined;
  return { path, version, length, sha256, operation };
}

export function pageOf(json: Json | undefined): Omit<Page, 'result'> | undefined {
  const items = json?.['items'];
  if (!Array.isArray(items)) return undefined;
  const read = items.map((item: Json | null) => {
    const path = textOf(item ?? undefined, 'path');
    const version = textOf(item ?? undefined, 'version');
    const length = numberOf(item?.['length']);
    if (path === undefined || version === undefined || length === undefined) return undefined;
    const [sha256, contentType] = [textOf(item ?? {}, 'sha256') ?? '', textOf(item ?? {}, 'contentType') ?? ''];
    return { path, version, length, sha256, contentType, modifiedMs: timeOf(item?.['modifiedMs']) ?? 0 };
  });
  if (!read.every((item) => item !== undefined)) return undefined;
  return { items: read, next: textOf(json, 'next') };
}

/** @param length of the whole file */
export function fileInfoOf(
  path: string,
  headers: IncomingHttpHeaders,
  length: number | undefined,
): FileInfo | undefined {
  const version = /^"([^"]+)"$/.exec(headers.etag ?? '')?.[1];
  const sha256 = sha256Of(headers);
  if (version === undefined || length === undefined || sha256 === undefined) return undefined;
  const contentType = headers['content-type'] ?? '';
  const modifiedMs = timeOf(headers['x-modified-ms']) ?? (Date.parse(headers['last-modified'] ?? '') || 0);
  return { path, version, length, sha256, contentType, modifiedMs };
}

/** `Repr-Digest: sha-256=:base64:` (RFC 9530). */
function sha256Of(headers: IncomingHttpHeaders): string | undefined {
  const plain = headers['x-content-sha256'];
  if (typeof plain === 'string') return plain;
  const match = /sha-256=:([A-Za-z0-9+/=]+):/.exec(String(headers['repr-digest'] ?? ''));
  return match?.[1] === undefined ? undefined : Buffer.from(match[1], 'base64').toString('hex');
}

/** Statuses of an answer without a body (HEAD), as codes. */
const CODES: Readonly<Record<number, string>> = {
  400: 'bad-path',
  404: 'absent',
  412: 'precondition-failed',
  416: 'bad-range',
  503: 'unavailable',
  504: 'timeout',
};

/** What an answer that is not of the 200s says; undefined: nothing that a server of a ring would say. */
export async function problemOf<Value>(
  answer: IncomingMessage,
  isHead: boolean,
  absent: Value | undefined,
): Promise<Try<Value> | undefined> {
  const status = answer.statusCode ?? 0;
  const json = await jsonOf(answer);
  const code = textOf(json, 'code') ?? (isHead ? CODES[status] : undefined);
  if (code === 'absent' && absent !== undefined) return { kind: 'answer', value: absent };
  if (code === undefined) return undefined;
  const detail = textOf(json, 'detail') ?? textOf(json, 'title') ?? code;
  return { kind: textOf(json, 'outcome') === 'unknown' ? 'unknown' : 'refused', code, detail };
}
