/**
 * The state of one server, composed of its parts' states: immutable, structurally shared, free of anything that
 * cannot be compared or hashed. Types and the initial value only; the parts' rules are in their folders.
 */
import { type CoordinationState, NO_COORDINATION } from './coordination-state.js';
import type { FileRecord, LogEntry } from './file.js';
import type { DataFrame, Decided, HeadRefusalCode, Token } from './frame.js';
import type { EntryId, Incarnation, LinkId, MemberId, OperationId, RequestId, ShardId, UploadId } from './ids.js';
import type { Learning, Teaching } from './learning-state.js';
import { limitProblems } from './limit-rules.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { type MembershipState, NO_MEMBERSHIP } from './membership-state.js';
import { Queue } from './queue.js';
import type { Ranges } from './ranges.js';
import { NO_READS, type ReadsState } from './reads-state.js';
import { invariant } from './refusals.js';
import { SortedMap } from './sorted-map.js';
import type { RememberedOutcome } from './store-port.js';
import { NEVER, NO_TIMERS, type Timers } from './timers.js';
import { NO_VIEW, type Settings, type View } from './view/view.js';
import type { WriteOperation } from './writes-state.js';

/** What a server is told at its birth. */
export interface Identity {
  readonly id: MemberId;
  /** Undefined: the coordinator gives this life its number. */
  readonly incarnation?: Incarnation;
  readonly address: string;
  /** Empty: not known yet. Its disk knows it, or the first view that it reads. */
  readonly clusterId: string;
  /** If nobody has founded the cluster, this server may, with these settings. Undefined: it must not. */
  readonly founding?: Settings | undefined;
  /** Of its random numbers. */
  readonly seed: number;
  readonly limits?: Partial<Limits>;
}

export interface Link {
  readonly id: LinkId;
  /** Dialled: we hear the peer over it. Accepted: the peer hears us. */
  readonly side: 'dialled' | 'accepted';
  /** Known from the dial or the hello; undefined: not introduced yet. */
  readonly peer: MemberId | undefined;
  readonly peerIncarnation: Incarnation;
  /** Hello and welcome were exchanged. */
  readonly ready: boolean;
  readonly openedMs: number;
  /** Accepted links: credits the hello gave, and the epoch in which they count. */
  readonly freeSlots: number;
  readonly freeSlotsEpoch: number;
}

export interface LinksState {
  readonly table: SortedMap<LinkId, Link>;
  /** The link from the ring predecessor; 0: none. */
  readonly inbound: LinkId;
  /** The link to the ring successor; 0: none. */
  readonly outbound: LinkId;
  /** The last beat before which something was heard over inbound, over outbound. */
  readonly quietInSinceMs: number;
  readonly quietOutSinceMs: number;
  /** Something was heard since the last beat. */
  readonly heardIn: boolean;
  readonly heardOut: boolean;
  /** Dials under way: member → when they began. */
  readonly dialling: SortedMap<MemberId, number>;
  /** Since when the predecessor has not been heard, ms; 0: it is. */
  readonly lostInSinceMs: number;
  /** Since when the successor has not been there, ms; 0: it is. */
  readonly lostOutSinceMs: number;
  /** The link was there in this epoch. */
  readonly hadInbound: boolean;
  readonly hadOutbound: boolean;
  /** The link from the predecessor is not the first one in this epoch: frames may have been lost between. */
  readonly wasRestored: boolean;
  /** Redialling the predecessor failed: the edge counts as broken. */
  readonly brokenIn: boolean;
  /** The successor was there in this epoch and is lost. */
  readonly brokenOut: boolean;
  /** How many places back the search for a living predecessor has come. */
  readonly probedTo: number;
  /** When a view was proposed last: the register is given time to answer. */
  readonly proposedAtMs: number;
  /** Something is reported as broken, or was until the next report. */
  readonly reported: boolean;
}

export interface TokenState {
  /** Number of the last token seen in this epoch. */
  readonly number: number;
  /** The token while this server keeps it: until it has had its share; the ring's first member for a pause, too. */
  readonly held: Token | undefined;
  readonly lastSeenMs: number;
}

export interface StreamState {
  /** Frames on their way through. */
  readonly transit: Queue<DataFrame>;
  /** Frames of this server's own clients and boardings. */
  readonly insert: Queue<DataFrame>;
  /** Chunks for members and learners that lack them. */
  readonly repair: Queue<DataFrame>;
  /** Riders for idle capacity. */
  readonly idle: Queue<DataFrame>;
  /** Free transit slots of the successor, as far as is known. */
  readonly credits: number;
  /** Data frames handed to the outbound link and not drained. */
  readonly onWire: number;
  /** Data frames inserted since the token last left. */
  readonly inserted: number;
  readonly token: TokenState;
}

/** The bytes of one upload that this server keeps. */
export interface HeldUpload {
  readonly shard: ShardId;
  readonly chunks: Ranges;
  /** staged: no log entry yet · kept: a log entry or a file refers to it · retired: goes when its time has come. */
  readonly phase: 'staged' | 'kept' | 'retired';
  /** Retired: when it goes; renewed by readers. */
  readonly dropAtMs: number;
}

/** A chunk of a log entry, by the entry's sequence and the chunk's index. */
export interface ChunkPlace {
  readonly sequence: number;
  readonly index: number;
}

/** How often the store was asked to make something of a shard durable, and has answered, in this life. */
export interface Writes {
  readonly asked: number;
  readonly answered: number;
}

/** What became of the write of a committed entry. */
export interface Announced extends Decided {
  readonly id: EntryId;
}

/** One shard at one of its chain members. */
export interface ShardState {
  /** Entries not known to be committed, and none other: kept for resending (hazard 1). */
  readonly log: SortedMap<number, LogEntry>;
  readonly last: EntryId;
  /** Sequence up to which all is durable here, chunks included. */
  readonly durable: number;
  /** The same of all members before this one, as far as they have said. */
  readonly durableBefore: number;
  /** What the successor was told last, in this epoch, of us and all before us. */
  readonly durableTold: number;
  /** Sequence up to which the log is durable; more than `durable` while a chunk could not be written. */
  readonly written: number;
  /** Entries of which a chunk could not be written, and the number of the write behind it; 0: it is not here again. */
  readonly rewrites: SortedMap<number, number>;
  /** Sequence up to which all was sent to the chain successor in this epoch. */
  readonly sentTo: number;
  /** Sequence up to which all is known to be committed. */
  readonly committed: EntryId;
  /** Entries that came before their chunks or before their predecessors. */
  readonly waiting: SortedMap<number, LogEntry>;
  readonly waitingSinceMs: number;
  /** When chunks of waiting entries were asked for last: all of those before this place in the log. */
  readonly fetchedAtMs: number;
  readonly fetchedTo: ChunkPlace;
  /** Latest uncommitted entry for a path. */
  readonly pendingPaths: SortedMap<string, number>;
  readonly pendingOperations: SortedMap<OperationId, number>;
  /** The committed files. */
  readonly files: SortedMap<string, FileRecord>;
  readonly outcomes: SortedMap<OperationId, RememberedOutcome>;
  /** Operation ids up to this one may have been forgotten. */
  readonly floor: OperationId;
  /** Head: attempts refused in this epoch. */
  readonly refused: SortedMap<OperationId, RefusedAttempt>;
  /** Tail: outcomes of entries whose commit frame has not come home. */
  readonly announcing: SortedMap<number, Announced>;
  /** The latest committed entries, for learners. */
  readonly history: SortedMap<number, LogEntry>;
  /** Here we are caught up; undefined: not a learner. */
  readonly learning: Learning | undefined;
  /** Whom we catch up, as tail. */
  readonly teaching: Teaching | undefined;
  /** Recovered, and something acknowledged may be missing at its end. */
  readonly isSuspect: boolean;
  /** Entries behind the last base. */
  readonly sinceBase: number;
  /** When something was last sent or heard for this shard: resending waits from here. */
  readonly activeAtMs: number;
}

export interface RefusedAttempt {
  readonly attempt: number;
  readonly code: HeadRefusalCode;
}

/** A chunk somebody asked for in this epoch. */
export interface Boarding {
  readonly shard: ShardId;
  readonly upload: UploadId;
  readonly index: number;
  readonly lastStop: MemberId;
  /** 0: not inserted yet. */
  readonly number: number;
}

/** A chunk that is fetched from the other members of its chain, one after the other. */
export interface Mending {
  readonly upload: UploadId;
  readonly index: number;
  readonly attempt: number;
  readonly askedAtMs: number;
}

/** How wanted a file is at one of its holders. */
export interface Heat {
  /** Turns of the ring in which somebody new asked, halved by every turn in which nobody did. */
  readonly level: number;
  /** Servers that asked lately, one shortly after the other. */
  readonly askers: number;
  readonly askedAtMs: number;
  /** Somebody asked since the last turn ended. */
  readonly asked: boolean;
}

export interface CarouselState {
  /** `<upload>#<index>` → */
  readonly boardings: SortedMap<string, Boarding>;
  /** Keys in the order in which they will be read and inserted. */
  readonly waiting: Queue<string>;
  /** Keys being read from the store: how many requests they answer. */
  readonly reading: SortedMap<string, 'board' | 'idle'>;
  readonly repairs: SortedMap<string, { readonly shard: ShardId; readonly to: MemberId }>;
  /** Boardings of this epoch so far. */
  readonly count: number;
  /** Oldest boardings first, for forgetting. */
  readonly sent: Queue<string>;
  readonly heat: SortedMap<UploadId, Heat>;
  /** Where idle boarding goes on. */
  readonly idleAt: { readonly shard: ShardId; readonly path: string; readonly index: number };
}

export interface NodeState {
  readonly self: MemberId;
  /** 0: this life has no number yet. */
  readonly incarnation: Incarnation;
  readonly address: string;
  /** Empty: not known yet. */
  readonly clusterId: string;
  readonly founding: Settings | undefined;
  readonly limits: Limits;
  /** joining: not in any view it has read · member · removed: for good, in this incarnation. */
  readonly status: 'joining' | 'member' | 'removed';
  readonly view: View;
  readonly seed: number;
  readonly links: LinksState;
  readonly stream: StreamState;
  readonly carousel: CarouselState;
  readonly shards: SortedMap<ShardId, ShardState>;
  /** What the store was asked to make durable, and has answered. */
  readonly writes: SortedMap<ShardId, Writes>;
  readonly held: SortedMap<UploadId, HeldUpload>;
  /** Which of them no entry names yet, and their shards: a server has few of these, and may have millions of the others. */
  readonly staged: SortedMap<UploadId, ShardId>;
  /** Retired uploads, the oldest first, and when to look at each again. */
  readonly retiring: Queue<{ readonly upload: UploadId; readonly atMs: number }>;
  readonly operations: SortedMap<OperationId, WriteOperation>;
  /** How many of them are parcels. */
  readonly parcels: number;
  readonly requests: SortedMap<RequestId, OperationId>;
  /** Uploads to be forgotten by everybody: upload → when that was last said. */
  readonly abandoning: SortedMap<UploadId, number>;
  readonly uploadCount: number;
  readonly reads: ReadsState;
  /** What was found on the disk: the first and the last life that were members with it; whether something may be gone
   * unseen. */
  readonly recovered: { readonly since: Incarnation; readonly life: Incarnation; readonly suspectUpTo: Incarnation };
  /** Chunks that our disk has lost, `<upload>#<index>` →, until another holder has sent them. */
  readonly mending: SortedMap<string, Mending>;
  readonly coordination: CoordinationState;
  readonly membership: MembershipState;
  /** Servers that have said their disk is too full for chunks, this one perhaps among them → when they said so last, ms. */
  readonly fullDisks: SortedMap<MemberId, number>;
  readonly timers: Timers;
  /** The wake-up the world was asked for last. */
  readonly alarm: { readonly at: number };
}

export const NO_LINKS: LinksState = {
  table: SortedMap.empty(),
  inbound: 0,
  outbound: 0,
  quietInSinceMs: 0,
  quietOutSinceMs: 0,
  heardIn: false,
  heardOut: false,
  dialling: SortedMap.empty(),
  lostInSinceMs: 0,
  lostOutSinceMs: 0,
  hadInbound: false,
  hadOutbound: false,
  wasRestored: false,
  brokenIn: false,
  brokenOut: false,
  probedTo: 1,
  reported: false,
  proposedAtMs: 0,
};

/** What a stream is at the beginning of every epoch: a new view empties the transit buffers (see ARCHITECTURE). */
export const FRESH_STREAM: StreamState = {
  transit: Queue.empty(),
  insert: Queue.empty(),
  repair: Queue.empty(),
  idle: Queue.empty(),
  credits: 0,
  onWire: 0,
  inserted: 0,
  token: { number: 0, held: undefined, lastSeenMs: 0 },
};

export const FRESH_CAROUSEL: CarouselState = {
  boardings: SortedMap.empty(),
  waiting: Queue.empty(),
  reading: SortedMap.empty(),
  repairs: SortedMap.empty(),
  count: 0,
  sent: Queue.empty(),
  heat: SortedMap.empty(),
  idleAt: { shard: 0, path: '', index: 0 },
};

/** No wake-up was asked for. */
export const NO_ALARM = { at: NEVER };

/** @throws InvariantError if the limits make no sense together: whoever lets limits in asks limitProblems first. */
export function initialState(identity: Identity): NodeState {
  const limits = { ...DEFAULT_LIMITS, ...identity.limits };
  const [problem] = limitProblems(limits);
  invariant(problem === undefined, problem?.why ?? '');
  return {
    self: identity.id,
    incarnation: identity.incarnation ?? 0,
    address: identity.address,
    clusterId: identity.clusterId,
    founding: identity.founding,
    limits,
    status: 'joining',
    view: NO_VIEW,
    seed: identity.seed >>> 0,
    links: NO_LINKS,
    stream: FRESH_STREAM,
    carousel: FRESH_CAROUSEL,
    shards: SortedMap.empty(),
    writes: SortedMap.empty(),
    held: SortedMap.empty(),
    staged: SortedMap.empty(),
    retiring: Queue.empty(),
    operations: SortedMap.empty(),
    parcels: 0,
    requests: SortedMap.empty(),
    abandoning: SortedMap.empty(),
    uploadCount: 0,
    reads: NO_READS,
    recovered: { since: 0, life: 0, suspectUpTo: 0 },
    mending: SortedMap.empty(),
    coordination: NO_COORDINATION,
    membership: NO_MEMBERSHIP,
    fullDisks: SortedMap.empty(),
    timers: NO_TIMERS,
    alarm: NO_ALARM,
  };
}
