/**
 * A file's headers, both ways: what a request says of the file it brings, and what a response says of the one it
 * carries. Must never let a stored word break a response: other client protocols store them, too.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FileRecord, Manifest } from '../../../core/file.js';
import { type EntryId, versionText } from '../../../core/ids.js';
import { CONTENT_TYPE_MAX, isContentType } from '../file-words.js';

export const DEFAULT_CONTENT_TYPE = 'application/octet-stream';
/** The last moment a Date can hold. */
const MODIFIED_MS_MAX = 8_640_000_000_000_000;

export type Headers = Record<string, string | number>;

/** What a put says of its file; a string: what is wrong with it. */
export interface Announced {
  readonly contentType: string;
  readonly modifiedMs: number;
  readonly operation: string | undefined;
  readonly lengthBytes: number | undefined;
  readonly sha256: string | undefined;
}

export function announcedBy(headers: IncomingHttpHeaders, nowMs: number): Announced | string {
  const unfit = unfitBody(headers);
  if (unfit !== undefined) return unfit;
  const contentType = headers['content-type'] ?? DEFAULT_CONTENT_TYPE;
  if (!isContentType(contentType)) {
    return `Content-Type is at most ${CONTENT_TYPE_MAX} printable ASCII characters`;
  }
  const modifiedMs = modifiedBy(headers) ?? nowMs;
  if (!Number.isSafeInteger(modifiedMs) || Math.abs(modifiedMs) > MODIFIED_MS_MAX) {
    return 'the modification time is X-Modified-Ms: milliseconds since 1970, or Last-Modified: an HTTP date';
  }
  const sha256 = digestOf(headers);
  if (sha256 === '') {
    return 'only sha-256 is checked: send Content-Digest: sha-256=:<base64>: or X-Content-Sha256: 64 hexadecimal digits';
  }
  const length = headers['content-length'];
  return {
    ...{ contentType, modifiedMs, sha256, operation: operationOf(headers) },
    lengthBytes: length === undefined ? undefined : Number(length),
  };
}

/** Bodies that are not the file: to store them as if they were would be to spoil it. */
function unfitBody(headers: IncomingHttpHeaders): string | undefined {
  if (headers['content-range'] !== undefined)
    return 'a file is stored as a whole: send all of it, without Content-Range';
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return 'send the bytes as they are, without Content-Encoding';
  // Chunks alone are undone on the way in.
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return 'send the bytes as they are, in no Transfer-Encoding but chunked';
  const isForm = headers['content-type']?.toLowerCase().startsWith('multipart/form-data') === true;
  return isForm ? 'send the bytes themselves and not a form: curl -T FILE, or --data-binary @FILE' : undefined;
}

function modifiedBy(headers: IncomingHttpHeaders): number | undefined {
  const ms = headers['x-modified-ms'];
  if (typeof ms === 'string') return /^-?\d+$/.test(ms) ? Number(ms) : Number.NaN;
  const date = headers['last-modified'];
  return date === undefined ? undefined : Date.parse(date);
}

/** Plain, or in double quotes as the header's draft has it. */
export function operationOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? key.trim().replace(/^"(.*)"$/, '$1') : undefined;
}

/** As hexadecimal digits; undefined: none was announced; empty: there is none that can be checked. */
function digestOf(headers: IncomingHttpHeaders): string | undefined {
  const hex = headers['x-content-sha256'];
  if (typeof hex === 'string') return /^[0-9a-f]{64}$/i.test(hex) ? hex.toLowerCase() : '';
  const digest = headers['content-digest'];
  if (typeof digest !== 'string') return undefined;
  const sha256 = digest.split(',').find((member) => member.trim().toLowerCase().startsWith('sha-256='));
  // RFC 9530 §2 lets a recipient ignore what it does not know. Beside sha-256 it may be for somebody else; alone it would
  // leave unchecked a body whose sender asked for a check.
  const match = /^sha-256=:([A-Za-z0-9+/]{43}=):$/i.exec(sha256?.trim() ?? '');
  return match === null ? '' : Buffer.from(match[1] as string, 'base64').toString('hex');
}

export const etagOf = (version: EntryId): string => `"${versionText(version)}"`;

/** Everything about a version but the length of the answer. */
export function fileHeaders({ version, manifest }: FileRecord): Headers {
  const { contentType, modifiedMs, sha256 } = manifest;
  return {
    ETag: etagOf(version),
    'Last-Modified': lastModified(modifiedMs),
    'X-Modified-Ms': modifiedMs,
    'Content-Type': isContentType(contentType) ? contentType : DEFAULT_CONTENT_TYPE,
    'X-Content-Type-Options': 'nosniff',
    'Accept-Ranges': 'bytes',
    'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
    'Cache-Control': 'no-cache',
  };
}

/** Never later than now (RFC 9110 §8.8.2.1), however the clock went of who stored it. */
function lastModified(ms: number): string {
  return new Date(Math.abs(ms) > MODIFIED_MS_MAX ? 0 : Math.min(ms, Date.now())).toUTCString();
}

/** A file as JSON lists and answers have it. */
export function fileJson(path: string, version: EntryId, manifest: Manifest): Record<string, string | number> {
  const { length, sha256, contentType, modifiedMs } = manifest;
  return { path, version: versionText(version), length, sha256, contentType, modifiedMs };
}
