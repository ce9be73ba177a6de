/**
 * The port of the coordinator: a few keys with versioned values, in the words that ZooKeeper and the embedded service
 * have in common. Drivers translate and decide nothing; what a lost reply, an expired session or a lost race means is
 * decided in coordination/.
 */
import type { Incarnation, MemberId } from './ids.js';
import type { Registration } from './view/registration.js';
import type { View } from './view/view.js';

/** The core's own count of the sessions it asked for, from 1; never reused within a process. */
export type SessionNumber = number;
/** Names a call within a session. */
export type CallId = number;

/**
 * `view`: the register · `lives/<id>`: how many lives a server has had · `members/<id>`: its registration ·
 * `statistics/<id>`: its figures, for people; nothing of the protocol reads them.
 */
export type Key = string;
export const VIEW_KEY: Key = 'view';
export const MEMBERS: Key = 'members/';
export const STATISTICS: Key = 'statistics/';
export const livesKey = (id: string): Key => `lives/${id}`;
export const memberKey = (id: string): Key => `${MEMBERS}${id}`;
export const statisticsKey = (id: string): Key => `${STATISTICS}${id}`;

/** What a server has sent and received over its links since this life of it began. */
export interface Statistics {
  readonly member: MemberId;
  readonly incarnation: Incarnation;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** By its own clock, since 1970. */
  readonly atMs: number;
}

export type CoordinatorValue =
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'lives'; readonly count: Incarnation }
  | { readonly kind: 'registration'; readonly registration: Registration }
  | { readonly kind: 'statistics'; readonly statistics: Statistics };

export interface Stored {
  readonly key: Key;
  readonly value: CoordinatorValue;
  /** Grows with every change of this key, from 0. Compare-and-set compares it. */
  readonly version: number;
  /** Ephemeral values: the coordinator's name of the session that owns it. Empty: it stays. */
  readonly owner: string;
}

export type CoordinatorRequest =
  /** `watch`: tell once of the next change of this key, from the very moment of this read on. */
  | { readonly op: 'read'; readonly key: Key; readonly watch: boolean }
  /** All values whose keys begin so. */
  | { readonly op: 'list'; readonly under: Key }
  | { readonly op: 'create'; readonly key: Key; readonly value: CoordinatorValue; readonly ephemeral: boolean }
  | { readonly op: 'set'; readonly key: Key; readonly value: CoordinatorValue; readonly expected: number }
  | { readonly op: 'delete'; readonly key: Key; readonly expected: number }
  /** Reads of this session that follow see at least what was written before this was served. */
  | { readonly op: 'sync' };

export type CoordinatorReply =
  | { readonly result: 'value'; readonly stored: Stored }
  | { readonly result: 'values'; readonly stored: readonly Stored[] }
  /** Created, set or deleted: the version afterwards. A sync: served. */
  | { readonly result: 'done'; readonly version: number }
  | { readonly result: 'absent' }
  /** create: the key is there already · set, delete: its version is another. */
  | { readonly result: 'conflict' }
  /** The connection was lost: a write may have happened, or may happen yet. */
  | { readonly result: 'unknown' };

/**
 * connected: calls are answered; said again after every disconnection. disconnected: calls under way are answered
 * `unknown`, watches are silent until connected. expired: the session is over, its ephemeral values are gone, nothing
 * more comes of it.
 */
export type SessionState = 'connected' | 'disconnected' | 'expired';
