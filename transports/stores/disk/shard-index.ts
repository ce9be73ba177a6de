/**
 * Which records make up a shard: its latest base and the entries behind it. Records may be given in any order: the LSN
 * tells what was asked for when, so that what was moved never replaces what came later. Knows how records supersede one
 * another, not what they say.
 */
import type { EntryId, ShardId } from '../../../core/ids.js';
import type { Piece } from './upload-index.js';
import type { Usage } from './usage.js';

export interface EntryPiece extends Piece {
  readonly id: EntryId;
  /** Undefined: it cannot be read, or it was read and is not needed any more. */
  text: string | undefined;
  readonly sound: boolean;
  readonly hollow: boolean;
}

interface PartPiece extends Piece {
  readonly sound: boolean;
}

export interface BasePieces {
  readonly lsn: number;
  readonly at: EntryId;
  readonly parts: PartPiece[];
  /** Known when the last one was seen. */
  partCount: number | undefined;
}

export const isSound = ({ parts }: BasePieces): boolean => parts.every(({ sound }) => sound);

/** Of a shard whose log has a gap, or was damaged: entries from the LSN `from` on until then are not trusted; from 0: nor are bases. */
interface Cut extends Piece {
  readonly from: number;
}

export interface ShardRecords {
  base: BasePieces | undefined;
  /** By LSN. */
  entries: EntryPiece[];
  forgotten: Piece | undefined;
  cuts: Cut[];
  /** Bases that are written in parts, and not complete. */
  coming: BasePieces[];
  /** LSN of the last record that says what is in it. */
  writtenAt: number;
}

/** Asked for every record of a segment that is emptied, so it must not look at all of them. */
export function entryWritten({ entries }: ShardRecords, lsn: number): EntryPiece | undefined {
  const found = entries[firstFrom(entries, lsn)];
  return found?.lsn === lsn ? found : undefined;
}

/** Where the first entry stands that was asked for at this LSN or later. */
function firstFrom(entries: readonly EntryPiece[], lsn: number): number {
  let [from, to] = [0, entries.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((entries[middle] as EntryPiece).lsn < lsn) from = middle + 1;
    else to = middle;
  }
  return from;
}

export class ShardIndex {
  readonly shards = new Map<ShardId, ShardRecords>();

  private isSettled = false;

  constructor(private readonly usage: Usage) {}

  /** An entry's record was found or written. @param text is kept only if it is needed for recovery */
  entry(shard: ShardId, id: EntryId, piece: Piece, text: string | undefined, { sound, hollow }: Judged): void {
    const records = this.records(shard);
    records.writtenAt = Math.max(records.writtenAt, piece.lsn);
    if (isVoid(records, piece.lsn, false) || isSuperseded(records, id, piece.lsn)) return;
    const { entries } = records;
    const at = firstFrom(entries, piece.lsn);
    const same = entries[at]?.lsn === piece.lsn ? entries[at] : undefined;
    if (same !== undefined && this.isWorse({ ...piece, sound }, same)) return;
    if (same !== undefined) this.usage.frees(same.place, same.bytes);
    this.usage.needs(piece.place, piece.bytes);
    const { lsn, place, bytes } = piece;
    const found: EntryPiece = { lsn, place, bytes, id, text, sound, hollow };
    if (same !== undefined) entries[at] = found;
    else if (at === entries.length) entries.push(found);
    else entries.splice(at, 0, found);
  }

  /** A part of a base was found or written; with the last one it replaces what it supersedes. */
  basePart(shard: ShardId, at: EntryId, piece: Piece, { part, isLast, sound }: BasePart): void {
    const records = this.records(shard);
    if (isVoid(records, piece.lsn, true) || piece.lsn < (records.base?.lsn ?? 0)) return;
    const base = this.baseOf(records, piece.lsn, at);
    const before = base.parts[part];
    const found: PartPiece = { lsn: piece.lsn, place: piece.place, bytes: piece.bytes, sound };
    if (before !== undefined && this.isWorse(found, before)) return;
    if (before !== undefined) this.usage.frees(before.place, before.bytes);
    base.parts[part] = found;
    this.usage.needs(piece.place, piece.bytes);
    if (isLast) base.partCount = part + 1;
    if (base !== records.base && isWhole(base)) this.settle(records, base);
  }

  forget(shard: ShardId, piece: Piece): void {
    const records = this.records(shard);
    if (piece.lsn < (records.forgotten?.lsn ?? 0)) return;
    this.replace(records, piece);
    records.writtenAt = Math.max(records.writtenAt, piece.lsn);
    if ((records.base?.lsn ?? piece.lsn) < piece.lsn) this.freeBase(records);
    this.keepEntries(records, ({ lsn }) => lsn > piece.lsn);
    this.keepComing(records, ({ lsn }) => lsn > piece.lsn);
    records.cuts = records.cuts.filter((cut) => this.keeps(cut, cut.lsn > piece.lsn));
  }

  /** The shard's entries from this LSN on up to the cut's own are void; from 0: everything. */
  cut(shard: ShardId, from: number, piece: Piece): void {
    const records = this.records(shard);
    if (piece.lsn < (records.forgotten?.lsn ?? 0)) return;
    const same = records.cuts.find(({ lsn }) => lsn === piece.lsn);
    if (same !== undefined) this.usage.frees(same.place, same.bytes);
    this.usage.needs(piece.place, piece.bytes);
    records.cuts = [...records.cuts.filter((cut) => cut !== same), { ...piece, from }];
    this.keepEntries(records, ({ lsn }) => lsn < from || lsn > piece.lsn);
    if (from > 0) return;
    if (records.base !== undefined && records.base.lsn < piece.lsn) this.freeBase(records);
    this.keepComing(records, ({ lsn }) => lsn > piece.lsn);
  }

  /** All records were given: bases that never were completed are not needed. */
  settleAll(): void {
    this.isSettled = true;
    for (const records of this.shards.values()) this.keepComing(records, () => false);
  }

  /** Found twice, a record was being moved when the power went: the one that is whole holds, or that from before. */
  private isWorse(found: PartPiece, other: PartPiece): boolean {
    if (this.isSettled) return false;
    return found.sound === other.sound ? found.place > other.place : !found.sound;
  }

  private settle(records: ShardRecords, base: BasePieces): void {
    records.coming = records.coming.filter((one) => one !== base);
    this.freeBase(records);
    records.base = base;
    records.writtenAt = Math.max(records.writtenAt, base.lsn);
    this.keepEntries(records, ({ id, lsn }) => !isSuperseded(records, id, lsn));
    this.keepComing(records, ({ lsn }) => lsn > base.lsn);
  }

  private baseOf(records: ShardRecords, lsn: number, at: EntryId): BasePieces {
    if (records.base?.lsn === lsn) return records.base;
    let base = records.coming.find((one) => one.lsn === lsn);
    if (base === undefined) {
      base = { lsn, at, parts: [], partCount: undefined };
      records.coming.push(base);
    }
    return base;
  }

  private records(shard: ShardId): ShardRecords {
    let records = this.shards.get(shard);
    if (records === undefined) {
      records = {
        ...{ base: undefined, entries: [], forgotten: undefined, cuts: [], coming: [] },
        writtenAt: 0,
      };
      this.shards.set(shard, records);
    }
    return records;
  }

  private replace(records: ShardRecords, forgotten: Piece): void {
    if (records.forgotten !== undefined) this.usage.frees(records.forgotten.place, records.forgotten.bytes);
    records.forgotten = forgotten;
    this.usage.needs(forgotten.place, forgotten.bytes);
  }

  private freeBase(records: ShardRecords): void {
    for (const { place, bytes } of records.base?.parts ?? []) this.usage.frees(place, bytes);
    records.base = undefined;
  }

  private keepEntries(records: ShardRecords, isKept: (entry: EntryPiece) => boolean): void {
    records.entries = records.entries.filter((entry) => this.keeps(entry, isKept(entry)));
  }

  private keepComing(records: ShardRecords, isKept: (base: BasePieces) => boolean): void {
    records.coming = records.coming.filter((base) => {
      const kept = isKept(base);
      if (!kept) for (const part of base.parts) if (part !== undefined) this.usage.frees(part.place, part.bytes);
      return kept;
    });
  }

  private keeps(piece: Piece, isKept: boolean): boolean {
    if (!isKept) this.usage.frees(piece.place, piece.bytes);
    return isKept;
  }
}

interface Judged {
  readonly sound: boolean;
  readonly hollow: boolean;
}

export interface BasePart {
  /** From 0. */
  readonly part: number;
  readonly isLast: boolean;
  readonly sound: boolean;
}

function isWhole({ parts, partCount = Number.POSITIVE_INFINITY }: BasePieces): boolean {
  for (let part = 0; part < partCount; part++) if (parts[part] === undefined) return false;
  return true;
}

const isVoid = ({ forgotten, cuts }: ShardRecords, lsn: number, isBase: boolean): boolean =>
  lsn < (forgotten?.lsn ?? 0) || cuts.some((cut) => cut.from <= lsn && lsn < cut.lsn && (!isBase || cut.from === 0));

/** Later ones stay: they are not in these tables. */
const isSuperseded = ({ base }: ShardRecords, id: EntryId, lsn: number): boolean =>
  base !== undefined && lsn < base.lsn && id.sequence <= base.at.sequence;
