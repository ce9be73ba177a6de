/** The state of catching up, at the learner and at the tail that teaches it. Types only; the rules are in chain/. */
import type { FileRecord } from './file.js';
import type { EntryId, MemberId, OperationId, UploadId } from './ids.js';
import type { Ranges } from './ranges.js';
import type { SortedMap } from './sorted-map.js';
import type { RememberedOutcome } from './store-port.js';

/** A learner's side, in one epoch. */
export interface Learning {
  /**
   * asking: the tail has not answered · tables: pages come · chunks: of these tables · base: all of it is being made
   * durable · log: entries behind it come.
   */
  readonly phase: 'asking' | 'tables' | 'chunks' | 'base' | 'log';
  readonly at: EntryId;
  /** Pages that are here. */
  readonly page: number;
  readonly files: SortedMap<string, FileRecord>;
  readonly outcomes: SortedMap<OperationId, RememberedOutcome>;
  readonly floor: OperationId;
  readonly staged: SortedMap<UploadId, Ranges>;
  /** Files before this path have all their chunks here. */
  readonly chunksFrom: string;
  /** Chunks that were asked for and have not come. */
  readonly awaited: number;
  /** Uploads that the tail has no more: a later entry replaces what named them. */
  readonly gone: SortedMap<UploadId, true>;
  /** Uploads that were abandoned in this epoch: those that no entry has taken up are not needed. */
  readonly abandoned: SortedMap<UploadId, true>;
  /** Files this server had and the tail has not. */
  readonly dropped: number;
  /** Sequence up to which the tail has told of commits. */
  readonly committedTo: number;
  /** Entries do not help any more: the tables are needed. */
  readonly wantsTables: boolean;
  /** Something came that is not durable yet: a base must be written behind it. */
  readonly isDirty: boolean;
  /** The number of that write, once it is asked for. */
  readonly baseWrite: number;
  readonly askedAtMs: number;
}

/** The tail's side, in one epoch. */
export interface Teaching {
  readonly learner: MemberId;
  readonly how: 'log' | 'snapshot';
  /** The tables being handed over: as they were when they were asked for. */
  readonly at: EntryId;
  readonly files: SortedMap<string, FileRecord>;
  readonly outcomes: SortedMap<OperationId, RememberedOutcome>;
  readonly floor: OperationId;
  /** Sequence up to which entries were sent behind the tables. */
  readonly sentTo: number;
  /** What the learner was told last of what is durable here and before. */
  readonly durableTold: number;
  /** Sequence up to which all is durable at the learner; -1: it has not said so yet. */
  readonly acknowledged: number;
  /** The end of a round: it has acknowledged all that was durable here when the round began; and when that was, ms. */
  readonly target: number;
  readonly roundSinceMs: number;
  /** Rule J: since when only what the learner has persisted is committed, ms; 0: not yet. */
  readonly holdSinceMs: number;
  /** The learner must have this to be caught up: what was committed without it. */
  readonly holdFrom: number;
  readonly isReady: boolean;
  readonly isStalled: boolean;
  /** When the learner said something last that was new. */
  readonly progressAtMs: number;
  readonly sentAtMs: number;
}
