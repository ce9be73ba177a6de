/**
 * Gives the space of what is no longer needed back: a segment with little in it is emptied, what is needed of it being
 * written once more at the end of the log, and then removed. Records keep their LSN, so that what was moved never
 * replaces what came later. One segment at a time, a bounded number of bytes between two turns of the event loop.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { UploadId } from '../../../core/ids.js';
import { readPiece } from './chunk-reads.js';
import type { Index } from './index.js';
import type { DiskLimits } from './limits.js';
import type { Log } from './log.js';
import { segmentName } from './manifest.js';
import { Pace } from './pace.js';
import { HEAD_BYTES, type Place, type RecordHead, saltOf, segmentOf } from './record.js';
import { type ScannedRecord, scanSegment } from './scan.js';
import type { SegmentFiles } from './segment-files.js';
import type { SegmentList } from './segment-list.js';

export interface CompactionParts {
  readonly folder: string;
  readonly index: Index;
  readonly log: Log;
  readonly files: SegmentFiles;
  readonly list: SegmentList;
  readonly limits: DiskLimits;
  readonly isFull: () => boolean;
  /** Bytes that moving may take. */
  readonly room: () => number;
  /** A segment is gone. */
  readonly freed: () => void;
}

interface Needed {
  readonly head: RecordHead;
  /** Empty for entries and bases, which only the disk reads. */
  readonly text: string;
  readonly place: Place;
  readonly bytes: number;
}

interface Content {
  /** In order. */
  readonly needed: readonly Needed[];
  /** Records of chunks, by upload. */
  readonly chunks: ReadonlyMap<UploadId, number>;
}

export class Compaction {
  /** Something needed in them cannot be read: they stay, until recovery has told of it. */
  private readonly stuck = new Set<number>();
  /** Something of the one that is emptied found no room. */
  private foundNoRoom = false;
  private consideredAt = 0;
  private underWay: Promise<void> | undefined;
  private isOver = false;
  private readonly pace: Pace;

  constructor(private readonly parts: CompactionParts) {
    this.pace = new Pace({ isHurried: () => this.isOver || parts.isFull() || this.isBehind });
  }

  /** There is more waste than it should let come together. */
  private get isBehind(): boolean {
    const { index, limits } = this.parts;
    return index.usage.totalBytes - index.usage.liveBytes > limits.wastedBytesMax;
  }

  /** Begins if it is worth it. Called often; looks at the segments only when something has changed. */
  consider(): void {
    const { index, limits, isFull } = this.parts;
    const { freedBytes } = index.usage;
    if (this.underWay !== undefined || this.isOver) return;
    if (freedBytes - this.consideredAt < limits.segmentBytes / (isFull() ? 64 : 4)) return;
    this.consideredAt = freedBytes;
    this.begin();
  }

  /** There was no room for a record that was to be moved. */
  refused(): void {
    this.foundNoRoom = true;
  }

  /** Looks for work, whatever has changed. */
  begin(): void {
    if (this.underWay !== undefined || this.isOver) return;
    const segment = this.worst();
    if (segment === undefined) return;
    this.underWay = this.empty(segment).finally(() => {
      this.underWay = undefined;
      this.begin();
    });
  }

  /** Nothing more is begun. @returns when what is under way has stopped */
  async end(): Promise<void> {
    this.isOver = true;
    await this.underWay;
  }

  /** The segment of which least is needed. */
  private worst(): number | undefined {
    const { index, log, limits, isFull } = this.parts;
    // What is needed of it stands twice until it is gone.
    const room = this.parts.room();
    let share: number = isFull() ? limits.compactedShareFull : limits.compactedShare;
    let worst: number | undefined;
    for (const [segment, { live, total }] of index.usage.segments) {
      if (segment >= segmentOf(log.end) || this.stuck.has(segment) || live / total >= share || live > room) continue;
      share = live / total;
      worst = segment;
    }
    return worst;
  }

  private async empty(segment: number): Promise<void> {
    const { index, log, list, files } = this.parts;
    // Until it is gone, or is known not to go.
    this.stuck.add(segment);
    this.foundNoRoom = false;
    try {
      const content = await this.contentOf(segment);
      await this.move(content.needed);
      // What replaces it must not be lost with the power.
      if (this.isOver || !(await log.synced())) return;
      if (index.usage.of(segment).live > 0) {
        if (this.foundNoRoom) this.stuck.delete(segment);
        return;
      }
      await list.remove(segment);
      if (log.isBroken) return;
      const closed = files.doom(segment);
      await this.erase(segment, content.chunks);
      this.stuck.delete(segment);
      // Its bytes are free then, and not before; and no second segment keeps another thread at that.
      await closed;
      this.parts.freed();
    } catch {
      // It cannot be read: what is needed of it is asked for, and told of, when somebody wants it.
    }
  }

  private async contentOf(segment: number): Promise<Content> {
    const { folder, index, list } = this.parts;
    const needed: Needed[] = [];
    const chunks = new Map<UploadId, number>();
    const file = await open(join(folder, segmentName(segment)), 'r');
    try {
      const { size } = await file.stat();
      const salt = saltOf(list.manifest.store, segment);
      await scanSegment(
        file,
        { segment, salt, bytes: size, verifiesBodies: false, pace: this.pace },
        {
          record: ({ head, text, place, bytes }: ScannedRecord) => {
            if (text === undefined) return;
            const known = isMovedAsItStood(head) ? '' : text.toString();
            if (head.kind === 'chunk') chunks.set(known, (chunks.get(known) ?? 0) + 1);
            if (index.needs(head, known, place)) needed.push({ head, text: known, place, bytes });
          },
          hole: () => undefined,
        },
      );
      await this.pace.rest();
    } finally {
      await file.close();
    }
    return { needed, chunks };
  }

  private async move(needed: readonly Needed[]): Promise<void> {
    const { log, limits } = this.parts;
    for (const some of runs(needed, limits.movedBytes, limits.movedRecords)) {
      // A slow disk, or a busy one: whoever asked for something goes first. If nobody did, nobody else writes it.
      while (log.waitingBytes > limits.movedBytes && !log.isBroken && !this.isOver) {
        log.flush();
        await wait(1);
      }
      if (this.isOver || log.isBroken) return;
      // Somebody else may have taken it.
      if (bytesOf(some) > this.parts.room()) {
        this.foundNoRoom = true;
        return;
      }
      await this.moveRun(some);
    }
  }

  /** Records that stand close together, read at once. */
  private async moveRun(records: readonly Needed[]): Promise<void> {
    const [first, last] = [records[0] as Needed, records[records.length - 1] as Needed];
    const { place } = first;
    const bytes = await this.read(place, last.place + last.bytes - place);
    if (bytes === undefined) return;
    this.pace.begin();
    for (const record of records) this.moveOne(record, bytes.subarray(record.place - place).subarray(0, record.bytes));
    // Now, and not with whatever somebody asks for next: that one would wait for it, and its work would not be counted.
    this.parts.log.flush();
    await this.pace.rest();
  }

  private moveOne({ head, text, place }: Needed, bytes: Buffer): void {
    const { index, log } = this.parts;
    const body = bytes.subarray(HEAD_BYTES + head.textBytes);
    if (body.length > 0 && crc32(body) !== head.bodyChecksum) {
      // Rotten: never copied (hazard 7). Whoever asks for it hears that it is not there.
      if (index.uploads.find(text, head.first)?.place === place) index.uploads.lose(text, head.first);
      return;
    }
    const { kind, part, isLast, lsn, shard, first, second, textChecksum, bodyChecksum, isHollow } = head;
    const textBytes = bytes.subarray(HEAD_BYTES, HEAD_BYTES + head.textBytes);
    // It has rotted since it was looked at: it stays, and its segment with it, until recovery tells of that.
    if (isMovedAsItStood(head) && crc32(textBytes) !== textChecksum) return;
    log.append({
      kind,
      part,
      isLast,
      lsn,
      shard,
      first,
      second,
      text,
      stood: isMovedAsItStood(head) ? { bytes: textBytes, checksum: textChecksum } : undefined,
      body: body.length > 0 ? body : undefined,
      bodyChecksum,
      isHollow,
      from: place,
    });
  }

  /** The segment is gone: so are the records of chunks that were in it. */
  private async erase(segment: number, chunks: ReadonlyMap<UploadId, number>): Promise<void> {
    const { index, limits } = this.parts;
    const { uploads, usage } = index;
    this.pace.begin();
    let erased = 0;
    for (const [upload, records] of chunks) {
      uploads.erased(upload, records);
      if (++erased % limits.erasedRecords > 0) continue;
      await this.pace.rest();
      this.pace.begin();
    }
    usage.erased(segment);
    await this.pace.rest();
  }

  private read(place: Place, bytes: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => readPiece(this.parts.files, { place, bytes, lsn: 0 }, resolve));
  }
}

/** Most records are such, and putting each into words and back was a good part of the work. */
const isMovedAsItStood = ({ kind }: RecordHead): boolean => kind === 'entry' || kind === 'base';

const bytesOf = (records: readonly Needed[]): number => records.reduce((sum, { bytes }) => sum + bytes, 0);

/** Neighbours in runs of so many bytes, gaps between them included, and so many records. */
function* runs(records: readonly Needed[], bytesMax: number, recordsMax: number): Generator<readonly Needed[]> {
  let run: Needed[] = [];
  for (const record of records) {
    const [first] = run;
    const isLonger = first !== undefined && record.place + record.bytes - first.place > bytesMax;
    if (isLonger || run.length === recordsMax) {
      yield run;
      run = [];
    }
    run.push(record);
  }
  if (run.length > 0) yield run;
}
