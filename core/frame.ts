/**
 * What links carry: a closed union. Ring frames go clockwise from `origin` until their `lastStop` takes them off
 * (destination stripping, brief §3.2), and do not change on their way unless a server writes on them; link frames live
 * on one link only.
 * Data frames (chunks, markers, small appends, abandons) take a credit each and keep their order; control frames
 * are bounded by admission and pass them by.
 */
import type { Chunk, FileRecord, LogEntry, Outcome, Proposal } from './file.js';
import type { EntryId, Epoch, Incarnation, MemberId, OperationId, ShardId, UploadId } from './ids.js';
import type { Ranges } from './ranges.js';
import type { RememberedOutcome } from './store-port.js';
import type { Member, View } from './view/view.js';

/** Backwards, first: who dials, what view it knows, how many credits it gives. */
export interface Hello {
  readonly kind: 'hello';
  readonly epoch: Epoch;
  readonly from: MemberId;
  readonly incarnation: Incarnation;
  readonly clusterId: string;
  readonly view: View;
  readonly freeSlots: number;
}
/** Clockwise, first: who was dialled, and its view. */
export interface Welcome {
  readonly kind: 'welcome';
  readonly epoch: Epoch;
  readonly from: MemberId;
  readonly incarnation: Incarnation;
  readonly clusterId: string;
  readonly view: View;
}
/** Clockwise, the first frame of an epoch on its link. */
export interface ViewFrame {
  readonly kind: 'view';
  readonly epoch: Epoch;
  readonly view: View;
}
export interface Ping {
  readonly kind: 'ping';
  readonly epoch: Epoch;
}
/** Backwards. */
export interface Pong {
  readonly kind: 'pong';
  readonly epoch: Epoch;
}
/** Backwards: so many transit slots came free. Counts in its own epoch only. */
export interface Credit {
  readonly kind: 'credit';
  readonly epoch: Epoch;
  readonly count: number;
}

/** Backwards, behind the hello of a server that wants a seat before the one it has dialled: please dial me. */
export interface Knock {
  readonly kind: 'knock';
  readonly epoch: Epoch;
  readonly member: Member;
}

/** What every ring frame carries. */
export interface Route {
  readonly epoch: Epoch;
  readonly origin: MemberId;
  /** Equal to origin: one full revolution. */
  readonly lastStop: MemberId;
}

/** The fairness token (MetaRing's SAT): one per epoch, numbered, held by whoever has not had its share. */
export interface Token extends Route {
  readonly kind: 'token';
  readonly number: number;
  /** Somebody inserted data since the ring's first member sent it off. */
  readonly active: boolean;
}
export interface ChunkFrame extends Route {
  readonly kind: 'chunk';
  readonly purpose: 'upload' | 'repair' | 'rider';
  readonly shard: ShardId;
  readonly chunk: Chunk;
  /** Riders: the sender's count of boardings in this epoch; 0 otherwise. */
  readonly boarding: number;
  /** Riders: servers that caught it for a reader. */
  readonly served: number;
}
/** Behind a window of an upload, one revolution: collects what each chain member misses of [from, to). */
export interface Marker extends Route {
  readonly kind: 'marker';
  readonly operation: OperationId;
  readonly shard: ShardId;
  readonly upload: UploadId;
  readonly from: number;
  readonly to: number;
  readonly missing: readonly { readonly member: MemberId; readonly ranges: Ranges }[];
}
/** Entry server to head: please order this. */
export interface Append extends Route {
  readonly kind: 'append';
  /** `data`: behind its own chunks, being their marker. */
  readonly lane: 'control' | 'data';
  readonly shard: ShardId;
  readonly entryIncarnation: Incarnation;
  /** Grows with every repetition in an epoch. A refusal binds the head for all attempts up to its own. */
  readonly attempt: number;
  readonly proposal: Proposal;
}
/**
 * A small file's proposal and all its bytes in one frame, to the farthest member of the chain: each keeps the bytes as they
 * pass, and the head orders. Bounded by admission like all control frames (see files/parcels.ts).
 */
export interface Parcel extends Route {
  readonly kind: 'parcel';
  readonly shard: ShardId;
  readonly entryIncarnation: Incarnation;
  /** As an append's. */
  readonly attempt: number;
  readonly proposal: Proposal;
  /** The only one of the upload that is proposed. */
  readonly chunk: Chunk;
}
export type HeadRefusalCode =
  | 'missing-chunks'
  | 'no-space'
  | 'too-few-replicas'
  | 'no-space'
  | 'busy'
  | 'operation-too-old'
  | 'operation-id-reused';
/** Head to entry server: not ordered, and never will be in this epoch up to this attempt. */
export interface Refusal extends Route {
  readonly kind: 'refusal';
  readonly operation: OperationId;
  readonly attempt: number;
  readonly code: HeadRefusalCode;
  readonly missing: Ranges;
}
/** Head to entry server: this was committed before. */
export interface Reminder extends Route {
  readonly kind: 'reminder';
  readonly operation: OperationId;
  readonly outcome: Outcome;
}
/** Chain member to its successor in the chain. */
export interface Replicate extends Route {
  readonly kind: 'replicate';
  readonly shard: ShardId;
  /** What the sender knows to be committed: learners may apply it. */
  readonly committed: EntryId;
  /** Sequence up to which the log is durable with the sender and all members before it. */
  readonly durable: number;
  readonly entries: readonly LogEntry[];
}
/** What became of one write. */
export interface Decided {
  readonly operation: OperationId;
  readonly path: string;
  readonly outcome: Outcome;
}
/** From the tail, one revolution, cumulative, repeated until it returns. */
export interface Commit extends Route {
  readonly kind: 'commit';
  readonly shard: ShardId;
  readonly upTo: EntryId;
  readonly chainLength: number;
  readonly outcomes: readonly Decided[];
}
/** From an entry server, one revolution behind its chunks: forget this upload. */
export interface Abandon extends Route {
  readonly kind: 'abandon';
  readonly upload: UploadId;
}
/** What the tail says of a path: the version that its asker knows is the committed one; or what is committed instead. */
export type Stamp =
  | { readonly holds: 'known' }
  | {
      readonly holds: 'other';
      /** Undefined: no such file. */
      readonly file: FileRecord | undefined;
    };
/** A reader's request (brief §3.5.2): makes one revolution, aboard a shuttle. */
export interface Want {
  readonly origin: MemberId;
  readonly id: number;
  /** Tells the copies of a want that was sent again apart: what was joined is one copy, with its own stamp. */
  readonly copy: number;
  readonly path: string;
  readonly shard: ShardId;
  /** The version that all who wait for it know the head of. */
  readonly known: EntryId | undefined;
  readonly stamp: Stamp | undefined;
  /** Whose readers it still has to come home to: its origin, and those who joined it since. */
  readonly awaitedBy: readonly MemberId[];
  /** Byte range whose first window the origin's nearest holder boards at once; undefined for stat and for holders. */
  readonly need: { readonly fromByte: number; readonly toByte: number } | undefined;
  /** Highest boarding of that holder which has passed the origin in this epoch. */
  readonly seen: number;
}
/** Carries wants round the ring, whoever's they are; passed on in its own epoch only, so that none comes home from another. */
export interface Shuttle extends Route {
  readonly kind: 'shuttle';
  /** Of its origin's. */
  readonly number: number;
  /** Servers whose wants or readers have boarded since it left its origin last. */
  readonly boarded: number;
  /** When it is home it will set off once more, full or empty: it may be waited for. */
  readonly comesAgain: boolean;
  /** It has come over a link that broke in this epoch: commits may have been lost there. */
  readonly isGapped: boolean;
  /** Servers whose readers need no more than its revolution. */
  readonly awaitedBy: readonly MemberId[];
  readonly wants: readonly Want[];
}
/** Reader's server to a holder: board these (`read`), or send them to me alone (`repair`). */
export interface Fetch extends Route {
  readonly kind: 'fetch';
  readonly purpose: 'read' | 'repair';
  readonly shard: ShardId;
  readonly upload: UploadId;
  readonly ranges: Ranges;
  readonly seen: number;
  /** An earlier request for the same was in vain: board whatever the books say. */
  readonly again: boolean;
}
/** Holder to reader's server: the bytes of this upload are no more. */
export interface Gone extends Route {
  readonly kind: 'gone';
  readonly upload: UploadId;
}
export interface ListItem {
  readonly path: string;
  readonly file: FileRecord;
}
/** One revolution: every tail stamps its shards and adds its files, the least paths first. */
export interface ListFrame extends Route {
  readonly kind: 'list';
  readonly id: number;
  readonly prefix: string;
  /** Only paths greater than this. */
  readonly after: string;
  readonly limit: number;
  readonly items: readonly ListItem[];
  readonly stampedShards: number;
  /** Some path was left out for the limit: the list is complete up to its last item only. */
  readonly more: boolean;
}

/** Learner to tail: teach me. Page 0: from my last entry; a later one: that page of the snapshot `at`. */
export interface Learn extends Route {
  readonly kind: 'learn';
  readonly shard: ShardId;
  readonly last: EntryId;
  readonly at: EntryId;
  readonly page: number;
  /** Where the page begins: behind this path, behind this outcome. */
  readonly afterPath: string;
  readonly afterOperation: OperationId;
}
/** Tail to learner: your log is a prefix of mine, more follows (`log`); or a page of my tables (brief §3.7). */
export interface Lesson extends Route {
  readonly kind: 'lesson';
  readonly shard: ShardId;
  readonly how: 'log' | 'snapshot';
  /** The committed entry that the tables are of; of a log, the last entry that both have. */
  readonly at: EntryId;
  readonly committed: EntryId;
  readonly page: number;
  readonly files: readonly ListItem[];
  readonly outcomes: readonly { readonly operation: OperationId; readonly remembered: RememberedOutcome }[];
  readonly floor: OperationId;
  /** Uploads that no entry names yet: what the chain has of them, the learner must have, too. */
  readonly staged: readonly { readonly upload: UploadId; readonly chunks: Ranges }[];
  readonly isLast: boolean;
  /** On the last page: files and outcomes in all pages together. */
  readonly count: number;
}
/** Learner to tail: all up to here is durable with me, chunks included. */
export interface Learned extends Route {
  readonly kind: 'learned';
  readonly shard: ShardId;
  readonly upTo: EntryId;
}
/** One revolution: the origin's disk is too full for chunks, or no longer. */
export interface Space extends Route {
  readonly kind: 'space';
  readonly full: boolean;
}

export type LinkFrame = Hello | Welcome | ViewFrame | Ping | Pong | Credit | Knock;
export type RingFrame =
  | Token
  | ChunkFrame
  | Marker
  | Append
  | Parcel
  | Refusal
  | Reminder
  | Replicate
  | Commit
  | Abandon
  | Shuttle
  | Fetch
  | Gone
  | ListFrame
  | Learn
  | Lesson
  | Learned
  | Space;
export type Frame = LinkFrame | RingFrame;

/** Frames of the data lane: each takes a credit, and none overtakes another. */
export type DataFrame = ChunkFrame | Marker | (Append & { lane: 'data' }) | Abandon;

export function isData(frame: Frame): frame is DataFrame {
  switch (frame.kind) {
    case 'chunk':
    case 'marker':
    case 'abandon':
      return true;
    case 'append':
      return frame.lane === 'data';
    default:
      return false;
  }
}

/** Frames that go against the stream: a dialler's greeting and what a link tells its sender. */
export function isBackward(frame: Frame): boolean {
  return frame.kind === 'hello' || frame.kind === 'pong' || frame.kind === 'credit' || frame.kind === 'knock';
}

const HEADER_BYTES = 32;
const ENTRY_BYTES = 192;

/** About how many bytes a frame takes on the wire: what the traffic figures and the simulated links count. */
export function frameBytes(frame: Frame): number {
  switch (frame.kind) {
    case 'chunk':
      return HEADER_BYTES + 32 + frame.chunk.length;
    case 'hello':
    case 'welcome':
    case 'view':
      return HEADER_BYTES + 48 * frame.view.ring.length + 8 * frame.view.chains.length;
    case 'replicate':
      return HEADER_BYTES + ENTRY_BYTES * frame.entries.length;
    case 'commit':
      return frame.outcomes.reduce((bytes, { path }) => bytes + 48 + path.length, HEADER_BYTES + 16);
    case 'append':
      return HEADER_BYTES + ENTRY_BYTES;
    case 'parcel':
      return HEADER_BYTES + ENTRY_BYTES + frame.chunk.length;
    case 'list':
      return HEADER_BYTES + 32 + ENTRY_BYTES * frame.items.length;
    case 'lesson':
      return HEADER_BYTES + 64 + ENTRY_BYTES * (frame.files.length + frame.outcomes.length + frame.staged.length);
    case 'shuttle':
      return frame.wants.reduce(
        (bytes, want) => bytes + wantBytes(want),
        HEADER_BYTES + 16 + 8 * frame.awaitedBy.length,
      );
    default:
      return HEADER_BYTES + 16;
  }
}

function wantBytes({ path, awaitedBy, stamp }: Want): number {
  const isFull = stamp?.holds === 'other' && stamp.file !== undefined;
  return 32 + path.length + 12 * awaitedBy.length + (isFull ? ENTRY_BYTES : 0);
}
