/**
 * The first bytes of every connection, in both directions: what is spoken here, in which versions, and by whom
 * (FORMAT.md). Knows nothing of frames.
 */
import { Violation } from './violation.js';

/** As PNG does: no text protocol begins so, and what translates line ends or strips the eighth bit is found out. */
const MAGIC = Buffer.from('\x89PPNFS\r\n', 'latin1');
export const PREFACE_BYTES = 16;

/** `client`: speaks the TCP client protocol. */
export type Role = 'ring' | 'client';
const roleNumbers: Readonly<Record<Role, number>> = { ring: 1, client: 2 };
const roles: ReadonlyMap<number, Role> = new Map([
  [roleNumbers.ring, 'ring'],
  [roleNumbers.client, 'client'],
]);

/** The versions of the format that somebody speaks, both included. */
export interface Versions {
  readonly lowest: number;
  readonly highest: number;
}

/** What this build speaks. A rolling upgrade needs the former version to stay in here. */
export const VERSIONS: Versions = { lowest: 2, highest: 2 };

export interface Preface {
  readonly versions: Versions;
  readonly role: Role;
}

export function encodePreface({ versions, role }: Preface): Buffer {
  const bytes = Buffer.alloc(PREFACE_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt16BE(versions.lowest, 8);
  bytes.writeUInt16BE(versions.highest, 10);
  bytes[12] = roleNumbers[role];
  return bytes;
}

function decodePreface(bytes: Buffer): Preface | Violation {
  const versions = { lowest: bytes.readUInt16BE(8), highest: bytes.readUInt16BE(10) };
  const role = roles.get(bytes[12] as number);
  if (versions.lowest === 0 || versions.lowest > versions.highest) {
    return new Violation('malformed', `preface: versions ${versions.lowest} to ${versions.highest}`);
  }
  return role === undefined
    ? new Violation('role', `preface: role ${bytes[12]} is not known here`)
    : { versions, role };
}

/** Whether this can still become our preface: an HTTP request is told from it by its first byte. */
export function beginsPreface(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, MAGIC.length);
  return MAGIC.compare(bytes, 0, length, 0, length) === 0;
}

function foreignName(bytes: Buffer): string {
  if (/^[A-Z]{3,7} /.test(bytes.toString('latin1'))) return 'this looks like an HTTP request';
  if (bytes.toString('latin1').startsWith('HTTP/'))
    return 'this looks like an answer over HTTP: is the peer run with another --link?';
  if (bytes[0] === 0x16 && (bytes[1] === undefined || bytes[1] === 0x03)) return 'this looks like TLS';
  return `it begins with ${bytes.subarray(0, 8).toString('hex')}`;
}

/** Gathers a preface from the first bytes of a connection. */
export class PrefaceReader {
  private readonly bytes = Buffer.alloc(PREFACE_BYTES);
  private length = 0;

  /** Undefined: more is needed. `used`: how many of these bytes were the preface's, the rest is behind it. */
  feed(bytes: Uint8Array): { readonly preface: Preface; readonly used: number } | Violation | undefined {
    const used = Math.min(bytes.length, PREFACE_BYTES - this.length);
    this.bytes.set(bytes.subarray(0, used), this.length);
    this.length += used;
    const soFar = this.bytes.subarray(0, this.length);
    if (!beginsPreface(soFar)) return new Violation('foreign', `not the ring's protocol: ${foreignName(soFar)}`);
    if (this.length < PREFACE_BYTES) return undefined;
    const preface = decodePreface(this.bytes);
    return preface instanceof Violation ? preface : { preface, used };
  }
}

/** The highest version that both speak. */
export function commonVersion(ours: Versions, theirs: Versions): number | Violation {
  const version = Math.min(ours.highest, theirs.highest);
  if (version >= Math.max(ours.lowest, theirs.lowest)) return version;
  const range = ({ lowest, highest }: Versions): string => `${lowest} to ${highest}`;
  return new Violation('version', `the peer speaks versions ${range(theirs)}, this server ${range(ours)}`);
}
