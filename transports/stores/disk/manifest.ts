/**
 * The list of a store's segments: what makes a folder a store, and tells when a part of it is missing. Replaced as a
 * whole, durably. A failed open never makes a fresh store over an old one (hazard 9): whatever is not understood is an
 * error with a sentence for the operator.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type FileSystem, syncFile } from './file-system.js';

export interface SegmentEntry {
  readonly number: number;
  /** Its length, of one that is complete; undefined: it was being written. */
  readonly bytes: number | undefined;
}

export interface Manifest {
  /** Names this store. */
  readonly store: string;
  /** Ascending. */
  readonly segments: readonly SegmentEntry[];
}

const FORMAT = 'ping-pong-nfs store';
const VERSION = 1;
const MANIFEST = 'manifest';
const NEXT_MANIFEST = 'manifest.next';
const SEGMENT = /^(\d{8,})\.log$/;

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.log`;

export async function writeManifest(system: FileSystem, folder: string, manifest: Manifest): Promise<void> {
  const segments = manifest.segments.map(({ number, bytes }) => (bytes === undefined ? [number] : [number, bytes]));
  const content = JSON.stringify({ format: FORMAT, version: VERSION, store: manifest.store, segments });
  const next = join(folder, NEXT_MANIFEST);
  const descriptor = await system.make(next, 'w');
  try {
    await system.write(descriptor, Buffer.from(`${content}\n${crc32(content)}\n`));
    await syncFile(system, descriptor);
  } finally {
    system.closeSync(descriptor);
  }
  await system.rename(next, join(folder, MANIFEST));
  await system.syncFolder(folder);
}

/** Whether a file is one that the store makes beside its segments. */
type OwnFile = (name: string) => boolean;

/** @throws an Error with a sentence for the operator */
export async function readManifest(system: FileSystem, folder: string, ours: OwnFile): Promise<Manifest> {
  const names = await readdir(folder);
  if (!names.includes(MANIFEST)) return freshManifest(system, folder, names, ours);
  const manifest = parse(folder, await readFile(join(folder, MANIFEST), 'utf8'));
  await checkSegments(system, folder, manifest, names);
  return manifest;
}

/** An empty folder, or one whose first store was not even begun. */
async function freshManifest(system: FileSystem, folder: string, names: readonly string[], ours: OwnFile) {
  const first = segmentName(1);
  for (const name of names) {
    if (ours(name) || name === NEXT_MANIFEST || name === 'lost+found') continue;
    if (name === first && (await stat(join(folder, name))).size === 0) continue;
    if (SEGMENT.test(name)) {
      throw new Error(
        `${folder} holds the log of a store (${name}) but no ${MANIFEST}: restore that file, or, if its files are safe ` +
          'on other servers, move the folder away and start with an empty one',
      );
    }
    throw new Error(`${folder} holds "${name}" and no store: give the server an empty folder of its own`);
  }
  const manifest: Manifest = { store: randomUUID(), segments: [{ number: 1, bytes: undefined }] };
  await makeSegment(system, folder, 1);
  await writeManifest(system, folder, manifest);
  return manifest;
}

/** An empty one; a folder that lists it before it is there would look like one that has lost it. */
export async function makeSegment(system: FileSystem, folder: string, number: number): Promise<void> {
  const descriptor = await system.make(join(folder, segmentName(number)), 'a');
  try {
    await syncFile(system, descriptor);
  } finally {
    system.closeSync(descriptor);
  }
  await system.syncFolder(folder);
}

/** What is in it is in it for good. */
export async function syncSegment(system: FileSystem, folder: string, number: number): Promise<void> {
  const descriptor = system.openSync(join(folder, segmentName(number)));
  try {
    await syncFile(system, descriptor);
  } finally {
    system.closeSync(descriptor);
  }
}

function parse(folder: string, text: string): Manifest {
  const [content = '', sum = ''] = text.split('\n');
  const told = (what: string): Error =>
    new Error(
      `the ${MANIFEST} in ${folder} ${what}: restore it from a copy, or, if its files are safe on other servers, move ` +
        'the folder away and start with an empty one',
    );
  if (String(crc32(content)) !== sum) throw told('is damaged');
  const value = JSON.parse(content) as { format: string; version: number; store: string; segments: number[][] };
  if (value.format !== FORMAT) throw told(`says "${value.format}" and not "${FORMAT}"`);
  if (value.version !== VERSION) {
    throw new Error(
      `${folder} is a store of version ${value.version}, and this program knows version ${VERSION}: use a newer one`,
    );
  }
  const segments = value.segments.map(([number = 0, bytes]) => ({ number, bytes }));
  return { store: value.store, segments };
}

async function checkSegments(
  system: FileSystem,
  folder: string,
  { segments }: Manifest,
  names: readonly string[],
): Promise<void> {
  const listed = new Set(segments.map(({ number }) => number));
  for (const { number, bytes } of segments) {
    const name = segmentName(number);
    const found = names.includes(name) ? (await stat(join(folder, name))).size : undefined;
    const fault =
      found === undefined
        ? 'is missing'
        : bytes !== undefined && found < bytes
          ? `is shorter than its ${bytes} bytes`
          : '';
    if (fault === '') continue;
    throw new Error(
      `${name} in ${folder} ${fault}, and what was acknowledged may have been in it: restore it, or, if its files are ` +
        'safe on other servers, move the folder away and start with an empty one',
    );
  }
  const last = segments[segments.length - 1]?.number ?? 0;
  const gone: string[] = [];
  for (const name of names) {
    const number = Number(SEGMENT.exec(name)?.[1] ?? 0);
    if (number === 0 || listed.has(number)) continue;
    // Taken off the list and not yet removed; or made and not yet listed. What holds nothing lacks nowhere.
    if (number > last && (await stat(join(folder, name))).size > 0) {
      throw new Error(
        `${name} in ${folder} is newer than its ${MANIFEST}, which seems to be an old copy: restore the one that ` +
          'belongs to it, or, if its files are safe on other servers, move the folder away and start with an empty one',
      );
    }
    gone.push(name);
  }
  if (gone.length === 0) return;
  // Whoever took them off the list may have been killed before that was safe; were they gone first, the old list would miss them.
  await system.syncFolder(folder);
  for (const name of gone) await system.unlink(join(folder, name));
}
