/**
 * Which servers a client talks to: those it is told of, those of the environment, or those of the ring that was
 * started on this machine. Reads at most one small file; asks nobody.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Written by `ppnfs up` into its folder. */
export const RING_FILE = 'ring.json';

export interface RingServer {
  readonly id: string;
  readonly http: string;
  readonly ring: string;
  readonly pid: number;
}

export interface RingFile {
  readonly servers: readonly RingServer[];
  readonly coordinator: string;
  readonly data: string;
}

export type FoundServers =
  | {
      readonly ok: true;
      readonly servers: readonly string[];
      /** They were named in an order that somebody meant. */
      readonly isOrdered: boolean;
      readonly ring: RingFile | undefined;
    }
  | { readonly ok: false; readonly why: string };

export interface Places {
  /** As given: several, or several in one with commas. */
  readonly flags: readonly string[];
  readonly environment: string | undefined;
  readonly folder: string;
}

export function findServers({ flags, environment, folder }: Places): FoundServers {
  const given = flags.length > 0 ? flags : environment === undefined || environment === '' ? [] : [environment];
  if (given.length > 0) return named(given);
  const file = join(folder, RING_FILE);
  const ring = readRing(file);
  if (typeof ring === 'string') return { ok: false, why: ring };
  const servers = ring.servers.map(({ http }) => serverUrl(http)).filter((url) => url !== undefined);
  if (servers.length === 0) return { ok: false, why: `${file} names no server` };
  return { ok: true, servers, isOrdered: false, ring };
}

function named(given: readonly string[]): FoundServers {
  const words = given.flatMap((text) => text.split(',')).map((word) => word.trim());
  const urls: string[] = [];
  for (const word of words.filter((word) => word !== '')) {
    const url = serverUrl(word);
    if (url === undefined) {
      return { ok: false, why: `"${word}" is not the address of a server, such as http://127.0.0.1:8101` };
    }
    urls.push(url);
  }
  if (urls.length === 0) return { ok: false, why: 'no server is named' };
  return { ok: true, servers: urls, isOrdered: true, ring: undefined };
}

/** Without a scheme it is HTTP. */
export function serverUrl(text: string): string | undefined {
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(full)) return undefined;
  const { protocol, hostname, port, host } = new URL(full);
  if (hostname === '' || !['http:', 'https:', 'tcp:'].includes(protocol)) return undefined;
  if (protocol === 'tcp:' && port === '') return undefined;
  return `${protocol}//${host}`;
}

function readRing(file: string): RingFile | string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return `no server is named, and there is no ${file}: start a ring with "ppnfs up", or name a server with --server`;
  }
  try {
    const ring = JSON.parse(text) as Partial<RingFile>;
    if (Array.isArray(ring.servers) && ring.servers.every((server) => typeof server?.http === 'string')) {
      return ring as RingFile;
    }
  } catch {
    // Said below.
  }
  return `${file} cannot be read as a ring's file`;
}
