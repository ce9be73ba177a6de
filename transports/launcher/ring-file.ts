/** `ring.json` in the data folder of a ring on this machine: where its servers are, for clients and for the next start. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RING_FILE, type RingFile } from '../client/find-servers.js';

/** Replaced as a whole: whoever reads it sees the old one or the new one. */
export async function writeRingFile(ring: RingFile): Promise<void> {
  const path = join(ring.data, RING_FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(ring, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

/** Undefined: there is none, or nothing of use in it. Only a wish for the same ports depends on it. */
export async function readRingFile(data: string): Promise<RingFile | undefined> {
  try {
    const ring = JSON.parse(await readFile(join(data, RING_FILE), 'utf8')) as RingFile;
    return Array.isArray(ring.servers) ? ring : undefined;
  } catch {
    return undefined;
  }
}

/** Before anything is started: what it said is not true any more. */
export async function removeRingFile(data: string): Promise<void> {
  await rm(join(data, RING_FILE), { force: true });
}

/** The port at the end of `host:port` or of a URL; 0: none. */
export function portIn(address: string | undefined): number {
  return Number(/:(\d+)\/?$/.exec(address ?? '')?.[1] ?? 0);
}
