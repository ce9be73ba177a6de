/**
 * What is made of the bytes in a folder: the index, the end of the log, and what is to be doubted. A torn end is cut;
 * damage in the middle is told, never passed over; what cannot be judged is suspect. What the server makes of it is
 * decided in core's chain/recovery.ts.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { EntryId, ShardId } from '../../../core/ids.js';
import { trustedOf } from '../../../core/store-port.js';
import { type FileSystem, syncFile } from './file-system.js';
import { Index } from './index.js';
import { type Manifest, makeSegment, segmentName, writeManifest } from './manifest.js';
import { offsetOf, type Place, placeOf, saltOf, segmentOf } from './record.js';
import { makeSafe } from './rewriting.js';
import { type ScanOptions, scanSegment } from './scan.js';
import { type EntryPiece, isSound, type ShardRecords } from './shard-index.js';
import { entryOf, type Opened, openedOf } from './texts.js';

/** A stretch of the log without records. */
interface Hole {
  readonly from: Place;
  readonly to: Place;
  /** It is the first part of a record, at the end of its segment. */
  readonly isTorn: boolean;
}

const SCANS_AT_ONCE = 4;
/** The record that begins a log is not longer. */
const FIRST_RECORD_BYTES_MAX = 4096;

export interface Findings {
  readonly manifest: Manifest;
  readonly index: Index;
  /** Where the next record will stand. */
  readonly end: Place;
  /** Damaged stretches that stay. */
  readonly holes: readonly Hole[];
  /** Segments with records that are there in part: they are never listed as complete, so that every recovery verifies them. */
  readonly unsound: ReadonlySet<number>;
  readonly suspectUpTo: number;
  /** In order. */
  readonly suspectShards: readonly ShardId[];
  /** Of shards that have such: what of them is not trusted. */
  readonly cuts: ReadonlyMap<ShardId, Distrust>;
}

/** What of a shard's records is not trusted. */
interface Distrust {
  /** Entries from this LSN on; from 0: the base, too. */
  readonly from: number;
  /** But these, which were written once more behind what is not. */
  readonly but: readonly RereadEntry[];
}

interface RereadEntry {
  readonly id: EntryId;
  readonly text: string;
}

interface Scan {
  readonly index: Index;
  readonly holes: Hole[];
  /** Records of which a part is not what was written. */
  readonly unsound: Hole[];
  /** How long segments were when the next one was begun. */
  readonly lengths: Map<number, number>;
  readonly sizes: Map<number, number>;
  /** Where the last record ends. */
  lastEnd: Place;
  syncedTo: Place;
  end: Place;
}

/** @param boot the present boot of the machine @param inProcess whoever wrote last is this very process */
export async function examine(
  system: FileSystem,
  folder: string,
  found: Manifest,
  boot: string,
  inProcess: boolean,
): Promise<Findings> {
  let manifest = found;
  let scan = await scanAll(folder, manifest);
  const before = scan.index.opened === undefined ? undefined : openedOf(scan.index.opened.text);
  if (scan.lastEnd === 0 && offsetOf(scan.end) > FIRST_RECORD_BYTES_MAX) throw unreadable(folder);
  for (;;) {
    const tears = [...scan.holes, ...scan.unsound].filter((hole) => isTear(hole, scan, before, boot));
    if (tears.length === 0) break;
    manifest = await cutAt(system, folder, manifest, Math.min(...tears.map(({ from }) => from)));
    scan = await scanAll(folder, manifest);
  }
  const { index, holes } = scan;
  index.settle();
  // What the next life is told of must not vanish behind its back, nor, where it is closed without a doubt, behind that of
  // the one after it.
  await makeSafe(system, folder, manifest, scan.syncedTo);
  // What is left of a head would take what is written behind it for its own.
  const isOpenEnded = holes.some(({ to }) => to === scan.end);
  const unsound = new Set(scan.unsound.map(({ from }) => segmentOf(from)));
  if (isOpenEnded) manifest = await turnPage(system, folder, manifest, scan.end, unsound);
  const end = isOpenEnded ? placeOf(segmentOf(scan.end) + 1, 0) : scan.end;
  const isKnown = (hole: Hole): boolean =>
    before?.holes.some(([from, to]) => from === hole.from && to === hole.to) ?? false;
  const isDamaged = holes.some((hole) => !isKnown(hole)) || index.isBlurred;
  if (isDamaged && index.identity === undefined && index.uploads.recovered().length + index.shards.shards.size > 0) {
    throw unreadable(folder);
  }
  const isDoubtful = isDamaged || (before !== undefined && mayLack(before, index, boot, inProcess));
  return { manifest, index, end, holes, unsound, ...doubts(index, before, isDoubtful) };
}

const unreadable = (folder: string): Error =>
  new Error(
    `the log in ${folder} is damaged, and whose it is cannot be read any more: restore it, or, if its files are safe on ` +
      'other servers, move the folder away and start with an empty one',
  );

/** Several segments at once: the index takes records in any order. */
async function scanAll(folder: string, { store, segments }: Manifest): Promise<Scan> {
  const scan: Scan = {
    index: new Index(),
    holes: [],
    unsound: [],
    lengths: new Map(),
    sizes: new Map(),
    lastEnd: 0,
    syncedTo: 0,
    end: 0,
  };
  const left = [...segments];
  const work = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { number: segment, bytes } = one;
      // All that is listed with its length was synced before.
      if (bytes !== undefined) scan.syncedTo = Math.max(scan.syncedTo, placeOf(segment, bytes));
      await scanOne(folder, scan, { segment, salt: saltOf(store, segment), verifiesBodies: bytes === undefined });
    }
  };
  await Promise.all(Array.from({ length: SCANS_AT_ONCE }, work));
  for (const { number } of segments) {
    const [from, to] = [placeOf(number, scan.sizes.get(number) ?? 0), placeOf(number, scan.lengths.get(number) ?? 0)];
    if (from < to) scan.holes.push({ from, to, isTorn: false });
  }
  scan.holes.sort((a, b) => a.from - b.from);
  return scan;
}

async function scanOne(folder: string, scan: Scan, options: Omit<ScanOptions, 'bytes'>): Promise<void> {
  const file = await open(join(folder, segmentName(options.segment)), 'r');
  try {
    const { size: bytes } = await file.stat();
    await scanSegment(
      file,
      { ...options, bytes },
      {
        record: ({ head, text: bytesOfText, place, bytes: length, bodySound }) => {
          const text = bytesOfText?.toString();
          scan.lastEnd = Math.max(scan.lastEnd, place + length);
          scan.syncedTo = Math.max(scan.syncedTo, head.syncedTo);
          scan.index.add({ ...head, text }, place, length, bodySound);
          if (head.kind === 'opened' && text !== undefined) {
            const { behind } = openedOf(text);
            if (behind !== undefined) scan.lengths.set(...behind);
          }
          const isSound = text !== undefined && bodySound;
          if (!isSound) scan.unsound.push({ from: place, to: place + length, isTorn: false });
        },
        hole: (from, to, isTorn) => scan.holes.push({ from, to, isTorn }),
      },
    );
    scan.end = Math.max(scan.end, placeOf(options.segment, bytes));
    scan.sizes.set(options.segment, bytes);
  } finally {
    await file.close();
  }
}

/** What a crash leaves where it was writing: nobody was told that it is durable. */
function isTear(hole: Hole, { lastEnd, syncedTo, index }: Scan, before: Opened | undefined, boot: string): boolean {
  if (hole.from < syncedTo) return false;
  if (hole.from >= lastEnd && hole.isTorn) return true;
  // A loss of power leaves anything there, and may lose what stands before something that it spares.
  if (before === undefined || before.boot === boot) return false;
  // Others than fsync keep what is behind it, for the little that it may be worth; but not when it is nobody's.
  return before.durability === 'fsync' || index.identity === undefined;
}

/** The log goes on in another segment; what is in this one is safe. */
async function turnPage(
  system: FileSystem,
  folder: string,
  manifest: Manifest,
  end: Place,
  unsound: ReadonlySet<number>,
): Promise<Manifest> {
  const number = segmentOf(end);
  const bytes = unsound.has(number) ? undefined : offsetOf(end);
  await makeSegment(system, folder, number + 1);
  const before = manifest.segments.filter((one) => one.number !== number);
  const next = { ...manifest, segments: [...before, { number, bytes }, { number: number + 1, bytes: undefined }] };
  await writeManifest(system, folder, next);
  return next;
}

/**
 * Nothing from there on is kept: what was written behind a tear was not acknowledged either. The tear goes last: whoever
 * is cut off while at it finds it again, and segments behind it that hold nothing.
 */
export async function cutAt(system: FileSystem, folder: string, manifest: Manifest, place: Place): Promise<Manifest> {
  const last = segmentOf(place);
  const behind = manifest.segments.filter(({ number }) => number > last).reverse();
  const open = manifest.segments.map(({ number, bytes }) => ({ number, bytes: number < last ? bytes : undefined }));
  await writeManifest(system, folder, { ...manifest, segments: open });
  for (const { number } of behind) await shorten(system, folder, placeOf(number, 0));
  await shorten(system, folder, place);
  const next: Manifest = { ...manifest, segments: open.filter(({ number }) => number <= last) };
  await writeManifest(system, folder, next);
  for (const { number } of behind) await system.unlink(join(folder, segmentName(number)));
  await system.syncFolder(folder);
  return next;
}

/** Its segment ends there. */
async function shorten(system: FileSystem, folder: string, end: Place): Promise<void> {
  const descriptor = system.openSync(join(folder, segmentName(segmentOf(end))));
  try {
    system.ftruncateSync(descriptor, offsetOf(end));
    await syncFile(system, descriptor);
  } finally {
    system.closeSync(descriptor);
  }
}

/** Whether acknowledged records may be missing at the end of the log, without a trace. */
function mayLack({ durability, boot }: Opened, index: Index, now: string, inProcess: boolean): boolean {
  if (durability === 'fsync' || index.closedAt === index.lastLsn) return false;
  return durability === 'os' ? boot !== now : !inProcess;
}

function doubts(index: Index, before: Opened | undefined, isDoubtful: boolean) {
  const suspects = new Set<ShardId>();
  const cuts = new Map<ShardId, Distrust>();
  for (const shard of before?.suspectShards ?? []) {
    const writtenAt = index.shards.shards.get(shard)?.writtenAt ?? 0;
    if (writtenAt < (index.opened?.lsn ?? 0)) suspects.add(shard);
  }
  for (const [shard, records] of index.shards.shards) {
    const distrust = distrustOf(records);
    if (distrust !== undefined) cuts.set(shard, distrust);
    const isThere = records.base !== undefined || records.entries.length > 0;
    if (isUnsound(records) || (isDoubtful && isThere)) suspects.add(shard);
  }
  const life =
    index.identity === undefined ? 0 : (JSON.parse(index.identity.text) as { incarnation: number }).incarnation;
  const suspectUpTo = isDoubtful ? life : (before?.suspectUpTo ?? 0);
  return { suspectUpTo, suspectShards: [...suspects].sort((a, b) => a - b), cuts };
}

const isUnsound = ({ base, entries }: ShardRecords): boolean =>
  (base !== undefined && !isSound(base)) || entries.some(({ sound }) => !sound);

/** An entry may be missing where nothing acknowledged is: a base was under way, and what was behind it is there. */
function distrustOf({ base, entries }: ShardRecords): Distrust | undefined {
  if (base !== undefined && !isSound(base)) return { from: 0, but: [] };
  const readEntry = ({ text }: EntryPiece) => (text === undefined ? undefined : entryOf(text));
  const counted = trustedOf(base?.at.sequence ?? 0, entries, readEntry);
  if (counted.length === entries.length) return undefined;
  const trusted = new Set(counted);
  const first = entries.findIndex((piece) => !trusted.has(piece));
  const but = entries.slice(first).filter((piece) => trusted.has(piece));
  return { from: (entries[first] as EntryPiece).lsn, but: but.map(({ id, text }) => ({ id, text: text as string })) };
}
