/**
 * Names of things, and the one order in which log entries are compared.
 * A leaf: knows nothing of the protocol that uses the names.
 */

/** A member's lasting name, such as `n3`. */
export type MemberId = string;
/** One life of a member: grows by at least one at every start of its process. */
export type Incarnation = number;
/** Number of a view; grows by one with every change of the register. */
export type Epoch = number;
/** Index of a fixed slice of the path hash space, from 0. */
export type ShardId = number;
/** Names the bytes of one upload for ever: `<entry member>.<incarnation>.<count>`. */
export type UploadId = string;
/** A UUIDv7 that names one write, whoever repeats it: sorted as text it is sorted by birth time. */
export type OperationId = string;
/** The driver's name for one client conversation at one server; never leaves that server. */
export type RequestId = string;
/** The driver's number for one connection; never reused within a process. */
export type LinkId = number;

/** Identity of a log entry and, of the entry that wrote it, of a file version. Never reused. */
export interface EntryId {
  readonly epoch: Epoch;
  /** Position in the shard's log, from 1; 0 stands before the first entry. */
  readonly sequence: number;
}

export const NO_ENTRY: EntryId = { epoch: 0, sequence: 0 };

/** Epoch first, then sequence: comparing by sequence alone loses acknowledged writes (brief §3.4). */
export function compareEntryIds(a: EntryId, b: EntryId): number {
  return a.epoch !== b.epoch ? a.epoch - b.epoch : a.sequence - b.sequence;
}

/** The text in which users see a version (the ETag): `<epoch>.<sequence>`. */
export function versionText(id: EntryId): string {
  return `${id.epoch}.${id.sequence}`;
}
