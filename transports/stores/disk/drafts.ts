/** The records of what a server asks for. */
import type { LogEntry } from '../../../core/file.js';
import type { ShardId, UploadId } from '../../../core/ids.js';
import type { StoreIdentity } from '../../../core/store-port.js';
import type { RealChunk } from '../checked.js';
import type { Draft, RecordKind } from './record.js';
import { entryText, type Opened } from './texts.js';

const LSN_UNIT = 2 ** 32;

function draft(kind: RecordKind, lsn: number, rest: Partial<Draft>): Draft {
  return {
    ...{ kind, part: 0, isLast: true, lsn },
    shard: rest.shard ?? 0,
    first: rest.first ?? 0,
    second: rest.second ?? 0,
    text: rest.text ?? '',
    body: rest.body,
    bodyChecksum: rest.bodyChecksum ?? 0,
    from: undefined,
  };
}

export const chunkDraft = (lsn: number, shard: ShardId, chunk: RealChunk): Draft => {
  const { upload, index, payload, checksum } = chunk;
  return draft('chunk', lsn, { shard, first: index, text: upload, body: payload, bodyChecksum: checksum });
};

export const entryDraft = (lsn: number, shard: ShardId, entry: LogEntry): Draft =>
  draft('entry', lsn, { shard, first: entry.id.epoch, second: entry.id.sequence, text: entryText(entry) });

export const identityDraft = (lsn: number, identity: StoreIdentity): Draft =>
  draft('identity', lsn, { text: JSON.stringify(identity) });

export const forgetDraft = (lsn: number, shard: ShardId): Draft => draft('forget', lsn, { shard });

export const dropDraft = (lsn: number, upload: UploadId): Draft => draft('drop', lsn, { text: upload });

export const cutDraft = (lsn: number, shard: ShardId, from: number): Draft =>
  draft('cut', lsn, { shard, first: from % LSN_UNIT, second: Math.floor(from / LSN_UNIT) });

export const openedDraft = (lsn: number, opened: Opened): Draft =>
  draft('opened', lsn, { text: JSON.stringify(opened) });

export const closedDraft = (lsn: number): Draft => draft('closed', lsn, {});
