/**
 * The parts that several frames share, as they stand on the wire: routes, files, entries, views.
 * Translates core's words and decides nothing; every bound is in limits.ts.
 */
import type { Change, FileRecord, LogEntry, Manifest, Outcome, Proposal } from '../../core/file.js';
import { isPath, PATH_BYTES_MAX } from '../../core/files/paths.js';
import type { Decided, ListItem, Stamp, Want } from '../../core/frame.js';
import type { EntryId } from '../../core/ids.js';
import type { Range } from '../../core/ranges.js';
import { InvariantError } from '../../core/refusals.js';
import type { RememberedOutcome } from '../../core/store-port.js';
import { type Chain, type Lost, type Member, makeView, type Settings, type View } from '../../core/view/view.js';
import {
  checked,
  count,
  type Field,
  finite,
  flag,
  list,
  Malformed,
  oneOf,
  optional,
  record,
  type Structure,
  text,
  variant,
  whole,
} from './fields.js';
import { FRAME_LIMITS } from './limits.js';

const { chunkBytesMax, contentTypeCharsMax, itemsMax, membersMax, nameCharsMax, shardsMax, transitSlotsMax } =
  FRAME_LIMITS;

export const name = text('name', nameCharsMax);
export const shard = whole('shard', 0, shardsMax - 1);
/** Begins a path, or is empty; what it means is checked at the door. */
export const prefix = text('path prefix', PATH_BYTES_MAX);
/** Names a path and a content type, and some more. */
const fingerprint = text('text', PATH_BYTES_MAX + contentTypeCharsMax + 2 * nameCharsMax);

/** What nearly every path looks like: quicker to check than all that Unicode allows. */
const PLAIN_PATH = /^(?:\/(?!\.{0,2}(?:\/|$))[ -.0-~]+)+$/;
export const path = checked(text('path', PATH_BYTES_MAX), 'path', (value) => PLAIN_PATH.test(value) || isPath(value));

export const entryId = record<EntryId>({ epoch: count, sequence: count }, 'entry id');
/** What a learner has last: sequence -1 says that only tables can help it, whatever it has. */
export const lastEntryId = record<EntryId>(
  { epoch: count, sequence: whole('sequence', -1, Number.MAX_SAFE_INTEGER) },
  'last entry id',
);

const range: Field<Range> = {
  encode: ({ from, to }) => [from, to],
  decode: (value) => {
    const { from, to } = bounds.decode(value);
    if (from >= to) throw new Malformed('an empty range');
    return { from, to };
  },
  says: 'range',
};
const bounds = record<Range>({ from: count, to: count }, 'range');
const anyRanges = list(range, itemsMax);

export const ranges: Field<readonly Range[]> = {
  encode: anyRanges.encode,
  decode: (value) => {
    const read = anyRanges.decode(value);
    const isSorted = read.every(({ from }, at) => at === 0 || from > (read[at - 1] as Range).to);
    if (!isSorted) throw new Malformed('ranges that are not sorted and disjoint');
    return read;
  },
  says: '[range]',
};

export const manifest = record<Manifest>(
  {
    upload: name,
    length: count,
    chunkBytes: whole('count', 1, chunkBytesMax),
    sha256: name,
    contentType: text('text', contentTypeCharsMax),
    modifiedMs: finite,
  },
  'manifest',
);
export const fileRecord = record<FileRecord>({ version: entryId, manifest }, 'file');
export const listItem = record<ListItem>({ path, file: fileRecord }, 'item');

export const change = variant<'kind', Change>('kind', { put: record({ manifest }), delete: record({}) }, 'change');
export const outcome = variant<'result', Outcome>(
  'result',
  {
    stored: record({ version: entryId, upload: name }),
    deleted: record({ found: flag }),
    'precondition-failed': record({}),
  },
  'outcome',
);
export const proposal = record<Proposal>(
  { operation: name, path, change, precondition: optional(name), fingerprint },
  'proposal',
);
export const logEntry = record<LogEntry>({ id: entryId, proposal, outcome }, 'entry');
export const rememberedOutcome = record<RememberedOutcome>({ outcome, fingerprint }, 'remembered');

export const member = record<Member>({ id: name, incarnation: count, address: name }, 'member');
const settings = record<Settings>(
  {
    durability: oneOf('memory', 'os', 'fsync'),
    chainLength: whole('count', 1, membersMax),
    minReplicas: whole('count', 0, membersMax),
    shards: whole('count', 1, shardsMax),
    chunkBytes: whole('count', 1, chunkBytesMax),
    transitSlots: whole('count', 3, transitSlotsMax),
  },
  'settings',
);
const names = list(name, membersMax);
const lost = record<Lost>({ id: name, incarnation: count }, 'lost');
const chain = record<Chain>({ members: names, learners: names, lost: list(lost, membersMax) }, 'chain');
const viewValue = record(
  {
    epoch: count,
    clusterId: name,
    settings,
    ring: list(member, membersMax),
    chains: list(chain, shardsMax),
  },
  'view',
);

/** A server that has read no view yet greets with epoch 0, which nobody is a member of. */
const NO_RING_EPOCH = 0;

/** Its look-up table is made anew, and all that a view promises is checked. */
export const view: Field<View> = {
  encode: viewValue.encode,
  decode: (value) => {
    const read = viewValue.decode(value);
    if (read.epoch === NO_RING_EPOCH) return { ...read, ring: [], chains: [], positions: new Map() };
    try {
      return makeView(read);
    } catch (error) {
      if (error instanceof InvariantError) throw new Malformed(error.message);
      throw error;
    }
  },
  says: 'view',
};

const stamp = variant<'holds', Stamp>(
  'holds',
  { known: record({}), other: record({ file: optional(fileRecord) }) },
  'stamp',
);
const byteRange = record({ fromByte: count, toByte: count }, 'byte range');
export const want = record<Want>(
  {
    origin: name,
    id: count,
    copy: count,
    path,
    shard,
    known: optional(entryId),
    stamp: optional(stamp),
    awaitedBy: names,
    need: optional(byteRange),
    seen: count,
  },
  'want',
);
export const missing = record({ member: name, ranges }, 'missing');
export const decided = record<Decided>({ operation: name, path, outcome }, 'decided');
export const recalled = record({ operation: name, remembered: rememberedOutcome }, 'recalled');
export const staged = record({ upload: name, chunks: ranges }, 'staged');

/** All that FORMAT.md lists by name. */
export const structures: readonly Pick<Structure<unknown>, 'says' | 'listing'>[] = [
  entryId,
  lastEntryId,
  bounds,
  manifest,
  fileRecord,
  listItem,
  change,
  outcome,
  proposal,
  logEntry,
  decided,
  rememberedOutcome,
  recalled,
  member,
  settings,
  lost,
  chain,
  viewValue,
  stamp,
  byteRange,
  want,
  missing,
  staged,
];
