/**
 * The kinds of frames: the number of each on the wire, and the fields of its control part, in their order. The numbers
 * and the order are for ever; FORMAT.md is checked against this table.
 */
import type { ChunkFrame, Frame, Parcel, Route } from '../../core/frame.js';
import { count, type Fields, flag, list, oneOf, type RecordField, record, uint32, whole } from './fields.js';
import { FRAME_LIMITS } from './limits.js';
import {
  decided,
  entryId,
  lastEntryId,
  listItem,
  logEntry,
  member,
  missing,
  name,
  outcome,
  prefix,
  proposal,
  ranges,
  recalled,
  shard,
  staged,
  view,
  want,
} from './parts.js';

const { itemsMax, membersMax, transitSlotsMax } = FRAME_LIMITS;

/** Kind and epoch stand in the header, an append's lane too. */
type Body<F> = Omit<F, 'kind' | 'epoch' | 'lane'>;
type Flat = Omit<Body<ChunkFrame>, 'chunk'> & Omit<ChunkFrame['chunk'], 'length' | 'payload'>;
/** Its chunk is the first and only one of the upload that is proposed. */
type FlatParcel = Omit<Body<Parcel>, 'chunk'> & Pick<Parcel['chunk'], 'checksum'>;
type BodyOf<K extends Frame['kind']> = K extends 'chunk'
  ? Flat
  : K extends 'parcel'
    ? FlatParcel
    : Body<Extract<Frame, { readonly kind: K }>>;

export interface Kind<T> {
  /** 1 to 127: frames between servers. 128 to 255 are left to the TCP client protocol. */
  readonly type: number;
  readonly body: RecordField<T>;
}

const kind = <T extends object>(type: number, fields: Fields<T>): Kind<T> => ({ type, body: record(fields) });

const route: Fields<Omit<Route, 'epoch'>> = { origin: name, lastStop: name };
const greeting = { from: name, incarnation: count, clusterId: name, view };

export const kinds: { readonly [K in Frame['kind']]: Kind<BodyOf<K>> } = {
  hello: kind(1, { ...greeting, freeSlots: whole('count', 0, transitSlotsMax) }),
  welcome: kind(2, greeting),
  view: kind(3, { view }),
  ping: kind(4, {}),
  pong: kind(5, {}),
  credit: kind(6, { count: whole('count', 1, transitSlotsMax) }),
  knock: kind(7, { member }),

  token: kind(16, { ...route, number: count, active: flag }),
  chunk: kind(17, {
    ...route,
    purpose: oneOf('upload', 'repair', 'rider'),
    shard,
    upload: name,
    index: count,
    checksum: uint32,
    boarding: count,
    served: count,
  }),
  marker: kind(18, {
    ...route,
    operation: name,
    shard,
    upload: name,
    from: count,
    to: count,
    missing: list(missing, membersMax),
  }),
  append: kind(19, { ...route, shard, entryIncarnation: count, attempt: count, proposal }),
  refusal: kind(20, {
    ...route,
    operation: name,
    attempt: count,
    code: oneOf('missing-chunks', 'no-space', 'too-few-replicas', 'busy', 'operation-too-old', 'operation-id-reused'),
    missing: ranges,
  }),
  reminder: kind(21, { ...route, operation: name, outcome }),
  replicate: kind(22, { ...route, shard, committed: entryId, durable: count, entries: list(logEntry, itemsMax) }),
  commit: kind(23, { ...route, shard, upTo: entryId, chainLength: count, outcomes: list(decided, itemsMax) }),
  abandon: kind(24, { ...route, upload: name }),
  fetch: kind(26, {
    ...route,
    purpose: oneOf('read', 'repair'),
    shard,
    upload: name,
    ranges,
    seen: count,
    again: flag,
  }),
  gone: kind(27, { ...route, upload: name }),
  list: kind(28, {
    ...route,
    id: count,
    prefix,
    after: prefix,
    limit: count,
    items: list(listItem, itemsMax),
    stampedShards: count,
    more: flag,
  }),
  learn: kind(29, {
    ...route,
    shard,
    last: lastEntryId,
    at: entryId,
    page: count,
    afterPath: prefix,
    afterOperation: name,
  }),
  lesson: kind(30, {
    ...route,
    shard,
    how: oneOf('log', 'snapshot'),
    at: entryId,
    committed: entryId,
    page: count,
    files: list(listItem, itemsMax),
    outcomes: list(recalled, itemsMax),
    floor: name,
    staged: list(staged, itemsMax),
    isLast: flag,
    count,
  }),
  learned: kind(31, { ...route, shard, upTo: entryId }),
  space: kind(32, { ...route, full: flag }),
  shuttle: kind(33, {
    ...route,
    number: count,
    boarded: count,
    comesAgain: flag,
    isGapped: flag,
    awaitedBy: list(name, membersMax),
    wants: list(want, itemsMax),
  }),
  parcel: kind(34, { ...route, shard, entryIncarnation: count, attempt: count, proposal, checksum: uint32 }),
};
