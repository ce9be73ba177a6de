/** The records of what a server asks for. */
import type { LogEntry } from '../../../core/file.js';
import type { EntryId, ShardId, UploadId } from '../../../core/ids.js';
import type { StoreIdentity } from '../../../core/store-port.js';
import type { RealChunk } from '../checked.js';
import type { Draft, RecordKind } from './record.js';
import { entryText, type Opened } from './texts.js';

const LSN_UNIT = 2 ** 32;

/** Field by field: an object spread would cost more than all the rest of a small record. */
function draft(kind: RecordKind, lsn: number, shard: ShardId, first: number, second: number, text: string): Draft {
  return {
    kind,
    part: 0,
    isLast: true,
    lsn,
    shard,
    first,
    second,
    text,
    stood: undefined,
    body: undefined,
    bodyChecksum: 0,
    isHollow: false,
    from: undefined,
  };
}

export function chunkDraft(lsn: number, shard: ShardId, { upload, index, payload, checksum }: RealChunk): Draft {
  return {
    kind: 'chunk',
    part: 0,
    isLast: true,
    lsn,
    shard,
    first: index,
    second: 0,
    text: upload,
    stood: undefined,
    body: payload,
    bodyChecksum: checksum,
    isHollow: false,
    from: undefined,
  };
}

export function entryDraft(lsn: number, shard: ShardId, entry: LogEntry, isHollow: boolean): Draft {
  const whole = entryTextDraft(lsn, shard, entry.id, entryText(entry));
  return isHollow ? { ...whole, isHollow } : whole;
}

/** Of an entry that was read. */
export const entryTextDraft = (lsn: number, shard: ShardId, { epoch, sequence }: EntryId, text: string): Draft =>
  draft('entry', lsn, shard, epoch, sequence, text);

export const identityDraft = (lsn: number, identity: StoreIdentity): Draft =>
  draft('identity', lsn, 0, 0, 0, JSON.stringify(identity));

export const forgetDraft = (lsn: number, shard: ShardId): Draft => draft('forget', lsn, shard, 0, 0, '');

export const dropDraft = (lsn: number, upload: UploadId): Draft => draft('drop', lsn, 0, 0, 0, upload);

export const cutDraft = (lsn: number, shard: ShardId, from: number): Draft =>
  draft('cut', lsn, shard, from % LSN_UNIT, Math.floor(from / LSN_UNIT), '');

export const openedDraft = (lsn: number, opened: Opened): Draft =>
  draft('opened', lsn, 0, 0, 0, JSON.stringify(opened));

export const closedDraft = (lsn: number): Draft => draft('closed', lsn, 0, 0, 0, '');
