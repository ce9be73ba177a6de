/** The state of the dealings with the coordinator. Types and the empty value only; the rules are in coordination/. */
import type { SessionNumber } from './coordinator-port.js';
import type { Epoch } from './ids.js';
import type { Registration } from './view/registration.js';

export interface CoordinationState {
  /** 0: none was asked for yet. */
  readonly session: SessionNumber;
  readonly phase: 'none' | 'connecting' | 'connected' | 'disconnected';
  /** What the coordinator is to hold of us; undefined: nothing yet. */
  readonly wanted: Registration | undefined;
  /** The register as it was read last, for compare-and-set: which epoch has which version. */
  readonly read: { readonly epoch: Epoch; readonly version: number } | undefined;
}

export const NO_COORDINATION: CoordinationState = {
  session: 0,
  phase: 'none',
  wanted: undefined,
  read: undefined,
};
