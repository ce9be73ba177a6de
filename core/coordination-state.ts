/** The state of the dealings with the coordinator. Types and the empty value only; the rules are in coordination/. */
import type { CallId, SessionNumber } from './coordinator-port.js';
import type { Epoch, Incarnation } from './ids.js';
import { SortedMap } from './sorted-map.js';
import type { Registration } from './view/registration.js';
import type { View } from './view/view.js';

/** What a call is for. */
export type Errand =
  | 'sync'
  | 'read-lives'
  | 'bump-lives'
  | 'create-entry'
  | 'look-at-entry'
  | 'clear-entry'
  | 'write-entry'
  | 'read-view'
  | 'create-view'
  | 'propose-view'
  | 'list-members';

/** A cluster that this server is about to found. */
export interface Founding {
  /** Empty: not named yet. */
  readonly clusterId: string;
  /** The disk knows of it, durably. */
  readonly isOnDisk: boolean;
  /** The register was read and is empty, and was not asked for since. */
  readonly isDue: boolean;
}

export interface CoordinationState {
  /** 0: none was asked for yet. */
  readonly session: SessionNumber;
  readonly phase: 'none' | 'connecting' | 'connected' | 'disconnected';
  /** The coordinator's name for the session, as in Stored. */
  readonly owner: string;
  /** When anything was heard of the coordinator last: the lease of the session. */
  readonly heardAtMs: number;
  readonly lastCall: CallId;
  readonly underWay: SortedMap<CallId, Errand>;

  /** Names the store and this life of the process, as in Registration. */
  readonly store: string;
  readonly life: string;
  /** The number of this life must be higher. */
  readonly livesBefore: Incarnation;
  /** The number that was asked for last. */
  readonly bumping: Incarnation;
  /** What the coordinator says of lives may be old: an answer was lost, or a race. */
  readonly livesInDoubt: boolean;

  /**
   * What stands in our place at the coordinator. none: nothing · doubtful: look · held: our entry · foreign: another
   * store's, look again at retryAtMs.
   */
  readonly entry: 'none' | 'doubtful' | 'held' | 'foreign';
  /** Held: its version and what it says. */
  readonly entryVersion: number;
  readonly written: Registration | undefined;
  /** What the write under way says. */
  readonly writing: Registration | undefined;
  /** What the coordinator is to hold of us; undefined: nothing yet. */
  readonly wanted: Registration | undefined;
  /** Our entry was made in this session, and that was told. */
  readonly registered: boolean;
  /** Why we are kept out, as it was told last; empty: we are not. */
  readonly keptOut: string;
  /** So often in a row the entry in our place was another store's. */
  readonly foreignLooks: number;
  /** When what is in the way is tried again; 0: nothing is. */
  readonly retryAtMs: number;

  /** The register as it was read last, for compare-and-set: which epoch has which version. */
  readonly read: { readonly epoch: Epoch; readonly version: number } | undefined;
  readonly readAtMs: number;
  /** as-seen: the register is to be read, whoever answers · synced: it must be seen as it is now. */
  readonly viewDue: 'no' | 'as-seen' | 'synced';
  /** Waits for the version of the view it replaces. */
  readonly proposal: View | undefined;
  /** Undefined: nothing is to be founded, as far as is known. */
  readonly founding: Founding | undefined;
}

export const NO_COORDINATION: CoordinationState = {
  session: 0,
  phase: 'none',
  owner: '',
  heardAtMs: 0,
  lastCall: 0,
  underWay: SortedMap.empty(),
  store: '',
  life: '',
  livesBefore: 0,
  bumping: 0,
  livesInDoubt: false,
  entry: 'none',
  entryVersion: 0,
  written: undefined,
  writing: undefined,
  wanted: undefined,
  registered: false,
  keptOut: '',
  foreignLooks: 0,
  retryAtMs: 0,
  read: undefined,
  readAtMs: 0,
  viewDue: 'no',
  proposal: undefined,
  founding: undefined,
};
