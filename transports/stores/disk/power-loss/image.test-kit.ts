// What a loss of power may leave of what was asked of a file system. What was synced is there. Of the rest anything may
// be missing: a write, wholly or by sectors, also where the file has got its length; a file's being cut; the making,
// renaming and removing of files, each by itself.
import { dirname } from 'node:path';
import type { Random } from './random.test-kit.js';
import type { Deed, FileId, Image, Trace } from './trace.test-kit.js';

const SECTOR_BYTES = 512;

/** From which position on each step is safe. */
export function safety({ steps }: Trace): readonly number[] {
  const safeFrom = steps.map(() => Number.POSITIVE_INFINITY);
  const lost = new Set<number>();
  for (const [at, { deed }] of steps.entries()) {
    if (deed.kind === 'sync-failed') {
      for (let i = 0; i < at; i++) {
        const one = steps[i]?.deed;
        if (one?.kind === 'write' && one.file === deed.file && (safeFrom[i] as number) > at) lost.add(i);
      }
    }
    if (deed.kind !== 'sync' && deed.kind !== 'sync-folder') continue;
    for (let i = 0; i < deed.since; i++) {
      const step = steps[i];
      if (step !== undefined && step.doneAt <= deed.since && isOf(step.deed, deed) && !lost.has(i)) {
        safeFrom[i] = Math.min(safeFrom[i] as number, at + 1);
      }
    }
  }
  return safeFrom;
}

function isOf(deed: Deed, sync: Deed): boolean {
  if (sync.kind === 'sync') return (deed.kind === 'write' || deed.kind === 'truncate') && deed.file === sync.file;
  if (sync.kind !== 'sync-folder') return false;
  if (deed.kind === 'rename') return dirname(deed.to) === sync.path;
  return (deed.kind === 'make' || deed.kind === 'unlink' || deed.kind === 'folder') && dirname(deed.path) === sync.path;
}

/** What becomes of what was not safe. */
export interface Fate {
  readonly name: string;
  readonly keeps: (deed: Deed, nth: number) => boolean;
  /** Of a write that is kept: not all of its sectors. */
  readonly tears: boolean;
  /** A write that is lost has made the file longer. */
  readonly grows: boolean;
}

export const EVERYTHING: Fate = { name: 'everything', keeps: () => true, tears: false, grows: false };
export const NOTHING_MORE: Fate = { name: 'nothing', keeps: () => false, tears: false, grows: false };

const isName = ({ kind }: Deed): boolean => kind !== 'write' && kind !== 'truncate';

/** @param count steps that are not safe */
export function drawFate(random: Random, count: number): Fate {
  const [tears, grows] = [random.in100(40), random.in100(50)];
  const some = random.below(count + 1);
  const rules: readonly (readonly [string, Fate['keeps']])[] = [
    ['half', () => random.in100(50)],
    ['most', () => random.in100(85)],
    ['names', isName],
    ['bytes', (deed) => !isName(deed)],
    [`all but ${some}`, (_, nth) => nth !== some],
    [`only ${some}`, (_, nth) => nth === some],
    [`up to ${some}`, (_, nth) => nth < some],
    [`from ${some} on`, (_, nth) => nth >= some],
  ];
  const [name, keeps] = random.of(rules);
  return { name: `${name}${tears ? ', torn' : ''}${grows ? ', long' : ''}`, keeps, tears, grows };
}

/** What is there when the power goes at this position. */
export function imageAt(trace: Trace, safeFrom: readonly number[], end: number, fate: Fate, random: Random): Image {
  const disk = new Disk(trace);
  let nth = 0;
  for (let i = 0; i < end; i++) {
    const { deed } = trace.steps[i] as Trace['steps'][number];
    if (isNothing(deed)) continue;
    if ((safeFrom[i] as number) <= end) disk.apply(deed);
    else if (!fate.keeps(deed, nth++)) disk.lose(deed, fate.grows);
    else if (fate.tears && deed.kind === 'write') disk.tear(deed, random);
    else disk.apply(deed);
  }
  return disk.image();
}

export function unsafeCount(trace: Trace, safeFrom: readonly number[], end: number): number {
  let count = 0;
  for (let i = 0; i < end; i++) {
    if (!isNothing((trace.steps[i] as Trace['steps'][number]).deed) && (safeFrom[i] as number) > end) count++;
  }
  return count;
}

/** It changes nothing itself. */
const isNothing = ({ kind }: Deed): boolean =>
  kind === 'mark' || kind === 'sync' || kind === 'sync-folder' || kind === 'sync-failed';

type Write = Deed & { kind: 'write' };

class Disk {
  private readonly folders: Set<string>;
  private readonly names = new Map<string, FileId>();
  private readonly contents = new Map<FileId, Buffer>();

  constructor({ initial, contents }: Trace) {
    this.folders = new Set(initial.folders);
    let file = 0;
    for (const path of initial.files.keys()) this.names.set(path, ++file);
    for (const [one, bytes] of contents) this.contents.set(one, bytes);
  }

  apply(deed: Deed): void {
    switch (deed.kind) {
      case 'folder':
        this.folders.add(deed.path);
        break;
      case 'make':
        this.names.set(deed.path, deed.file);
        break;
      case 'rename': {
        if (this.names.get(deed.from) === deed.file) this.names.delete(deed.from);
        this.names.set(deed.to, deed.file);
        break;
      }
      case 'unlink':
        this.names.delete(deed.path);
        break;
      case 'truncate':
        this.contents.set(deed.file, this.sized(deed.file, deed.bytes));
        break;
      case 'write':
        this.write(deed, 0, deed.bytes.length);
        break;
    }
  }

  lose(deed: Deed, grows: boolean): void {
    if (deed.kind === 'write' && grows) this.grow(deed.file, deed.offset + deed.bytes.length);
  }

  /** Every sector by itself, or the first bytes only. */
  tear(deed: Write, random: Random): void {
    const { offset, bytes, file } = deed;
    if (random.in100(50)) {
      this.write(deed, 0, random.below(bytes.length + 1));
      return;
    }
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + SECTOR_BYTES - ((offset + from) % SECTOR_BYTES));
      if (random.in100(50)) this.write(deed, from, to);
      from = to;
    }
    if (random.in100(50)) this.grow(file, offset + bytes.length);
  }

  image(): Image {
    const files = new Map<string, Buffer>();
    for (const [path, file] of this.names) {
      if (this.isReached(dirname(path))) files.set(path, this.bytesOf(file));
    }
    return { folders: new Set([...this.folders].filter((path) => this.isReached(path))), files };
  }

  private isReached(path: string): boolean {
    return path === '.' || (this.folders.has(path) && this.isReached(dirname(path)));
  }

  private bytesOf(file: FileId): Buffer {
    return this.contents.get(file) ?? Buffer.alloc(0);
  }

  private sized(file: FileId, length: number): Buffer {
    const sized = Buffer.alloc(length);
    this.bytesOf(file).copy(sized);
    return sized;
  }

  private grow(file: FileId, length: number): void {
    if (this.bytesOf(file).length < length) this.contents.set(file, this.sized(file, length));
  }

  private write({ file, offset, bytes }: Write, from: number, to: number): void {
    if (from === to) return;
    const whole = this.sized(file, Math.max(this.bytesOf(file).length, offset + to));
    bytes.copy(whole, offset + from, from, to);
    this.contents.set(file, whole);
  }
}
