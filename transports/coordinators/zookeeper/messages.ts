/**
 * What the process and the thread of the ZooKeeper client say to one another. Types only.
 * A life is one begin() of a Coordinator, numbered by the process.
 */
import type { CoordinatorInput, CoordinatorOutput } from '../../../core/ports.js';
import type { Place } from './options.js';

export type LifeNumber = number;

export type ToThread =
  | { readonly kind: 'begin'; readonly life: LifeNumber; readonly place: Place }
  | { readonly kind: 'carry-out'; readonly life: LifeNumber; readonly output: CoordinatorOutput }
  /** Answered by `ended`, when the life's sessions are closed. */
  | { readonly kind: 'end'; readonly life: LifeNumber }
  /** The process ends now: its sessions close at once, and `allClosed` of ThreadData tells so. */
  | { readonly kind: 'close-all' };

export type FromThread =
  /** The client is loaded; `why`: it cannot be. */
  | { readonly kind: 'ready'; readonly why: string | undefined }
  | { readonly kind: 'input'; readonly life: LifeNumber; readonly input: CoordinatorInput }
  | { readonly kind: 'note'; readonly life: LifeNumber; readonly note: Note }
  | { readonly kind: 'ended'; readonly life: LifeNumber };

/** For the log. */
export interface Note {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
  readonly details: Readonly<Record<string, string | number>>;
}

export interface ThreadData {
  /** One word, set to 1 and notified. */
  readonly allClosed: Int32Array<SharedArrayBuffer>;
}
