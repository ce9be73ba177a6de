/**
 * What a server says of itself and of the ring as it sees it: the answer of `GET /status`, drawn by `ppnfs status`.
 * Pure: made of the machine's state and of a few figures that only the world around it knows.
 */
import type { MemberId } from '../../core/ids.js';
import { initialState, type NodeState } from '../../core/state.js';
import { type MemberStatus, type OwnStatus, ownStatus } from '../../core/status.js';
import type { Traffic } from '../links/links.js';
import type { StoreFigures } from '../stores/store.js';

export type { MemberStatus };

export interface NodeStatus extends Omit<OwnStatus, 'state' | 'session' | 'writes' | 'reads'> {
  readonly http: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly state: OwnStatus['state'] | 'starting';
  readonly coordinator: { readonly address: string; readonly phase: string };
  /** Since the process began. */
  readonly traffic: Traffic;
  readonly store: StoreFigures;
  /** Writes and reads under way for its clients. */
  readonly operations: number;
}

/** What the world around the machine knows. */
export interface Surroundings {
  readonly http: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly coordinator: string;
  readonly traffic: Traffic;
  readonly store: StoreFigures;
}

/** @param state undefined: before the first life */
export function nodeStatus(id: MemberId, state: NodeState | undefined, around: Surroundings): NodeStatus {
  const { http, version, uptimeMs, coordinator, traffic, store } = around;
  const { session, writes, reads, ...own } = ownStatus(
    state ?? initialState({ id, address: '', clusterId: '', seed: 0 }),
  );
  return {
    ...own,
    ...{ http, version, uptimeMs },
    state: state === undefined ? 'starting' : own.state,
    coordinator: { address: coordinator, phase: session },
    traffic: { sentBytes: traffic.sentBytes, receivedBytes: traffic.receivedBytes },
    store: { liveBytes: store.liveBytes, diskBytes: store.diskBytes },
    operations: writes + reads,
  };
}

/** Whether clients are served, and if not, why. */
export function isReady(state: NodeState | undefined): { readonly ok: boolean; readonly why: string } {
  const say = (why: string): { readonly ok: boolean; readonly why: string } => ({ ok: false, why });
  if (state === undefined) return say('starting: it waits for the coordinator, or reads its disk');
  const own = ownStatus(state);
  if (own.keptOut !== '') return say(`kept out of the ring: ${own.keptOut}`);
  if (own.state !== 'member') return say(`${own.state}: it has no place in the ring at present`);
  const lost = [own.inbound, own.outbound].filter(({ isUp }) => !isUp).map(({ peer }) => peer);
  return own.ring.length === 1 || lost.length === 0
    ? { ok: true, why: '' }
    : say(`no link with ${lost.join(' and ')}: the ring is mending it`);
}
