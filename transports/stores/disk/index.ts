/**
 * What is on the disk and where: filled by recovery with whatever is found, in any order, and kept up by whatever is
 * written. Tells of every record whether something still needs it.
 */
import type { Place, RecordHead } from './record.js';
import { entryWritten, ShardIndex } from './shard-index.js';
import { type Piece, UploadIndex } from './upload-index.js';
import { Usage } from './usage.js';

/** What the index has to know of a record, found or written. */
export interface IndexedRecord
  extends Pick<RecordHead, 'kind' | 'part' | 'isLast' | 'lsn' | 'shard' | 'first' | 'second' | 'isHollow'> {
  /** Undefined: it cannot be read. */
  readonly text: string | undefined;
}

/** Of records of which only the latest counts. */
export interface Latest extends Piece {
  readonly text: string;
}

export class Index {
  readonly usage = new Usage();
  readonly uploads = new UploadIndex(this.usage);
  readonly shards = new ShardIndex(this.usage);
  identity: Latest | undefined;
  opened: Latest | undefined;
  /** LSNs of the last ones that cannot be read. */
  private lostIdentityAt = 0;
  private lostOpenedAt = 0;
  /** LSN of the last clean close. */
  closedAt = 0;
  lastLsn = 0;
  /** Texts are kept until recovery is over. */
  private isSettled = false;

  /** @param bodySound false: a chunk's bytes are not there */
  add(record: IndexedRecord, place: Place, bytes: number, bodySound = true): void {
    const { kind, lsn, shard, first, second, text } = record;
    const piece: Piece = { lsn, place, bytes };
    this.lastLsn = Math.max(this.lastLsn, lsn);
    this.usage.wrote(place, bytes);
    switch (kind) {
      case 'chunk':
        if (text !== undefined) this.uploads.chunk(text, first, shard, piece, bodySound);
        break;
      case 'drop':
        if (text !== undefined) this.uploads.drop(text, piece);
        break;
      case 'entry':
        this.shards.entry(shard, { epoch: first, sequence: second }, piece, this.isSettled ? undefined : text, {
          sound: text !== undefined,
          hollow: record.isHollow,
        });
        break;
      case 'base': {
        const { part, isLast } = record;
        const sound = text !== undefined;
        this.shards.basePart(shard, { epoch: first, sequence: second }, piece, { part, isLast, sound });
        break;
      }
      case 'forget':
        this.shards.forget(shard, piece);
        break;
      case 'cut':
        this.shards.cut(shard, first + second * 2 ** 32, piece);
        break;
      case 'identity':
        if (text === undefined) this.lostIdentityAt = Math.max(this.lostIdentityAt, lsn);
        else this.identity = this.later(this.identity, { ...piece, text });
        break;
      case 'opened':
        if (text === undefined) this.lostOpenedAt = Math.max(this.lostOpenedAt, lsn);
        else this.opened = this.later(this.opened, { ...piece, text });
        break;
      case 'closed':
        this.closedAt = Math.max(this.closedAt, lsn);
        break;
    }
  }

  /** The latest identity or opening cannot be read: an older one stands in for it, or none. */
  get isBlurred(): boolean {
    return this.lostIdentityAt > (this.identity?.lsn ?? 0) || this.lostOpenedAt > (this.opened?.lsn ?? 0);
  }

  /** Recovery has given all there is. */
  settle(): void {
    this.isSettled = true;
    this.uploads.settle();
    this.shards.settleAll();
  }

  /** Whether something needs the record that stands there. @param name of its upload, if it is a chunk or a drop */
  needs(
    { kind, lsn, shard, first, part }: Omit<IndexedRecord, 'text' | 'isHollow'>,
    name: string,
    place: Place,
  ): boolean {
    const records = this.shards.shards.get(shard);
    switch (kind) {
      case 'chunk':
        return this.uploads.find(name, first)?.place === place;
      case 'drop':
        return this.uploads.findDrop(name)?.place === place;
      case 'entry':
        return records !== undefined && entryWritten(records, lsn)?.place === place;
      case 'base': {
        const bases = [records?.base, ...(records?.coming ?? [])];
        return bases.some((base) => base?.lsn === lsn && base.parts[part]?.place === place);
      }
      case 'forget':
        return records?.forgotten?.place === place;
      case 'cut':
        return records?.cuts.some((cut) => cut.place === place) ?? false;
      case 'identity':
        return this.identity?.place === place;
      case 'opened':
        return this.opened?.place === place;
      case 'closed':
        return false;
    }
  }

  private later(present: Latest | undefined, one: Latest): Latest {
    if (present !== undefined && present.lsn > one.lsn) return present;
    if (present !== undefined) this.usage.frees(present.place, present.bytes);
    this.usage.needs(one.place, one.bytes);
    return one;
  }
}
