/**
 * What a server says of itself and of the ring as it sees it: the answer of `GET /status`, drawn by `ppnfs status`.
 * Pure: made of the machine's state and of a few figures that only the world around it knows.
 */
import type { Epoch, Incarnation, MemberId } from '../../core/ids.js';
import type { NodeState } from '../../core/state.js';
import { explainShards, type ShardTrouble } from '../../core/view/explain.js';
import { neighbour, type Settings, type View } from '../../core/view/view.js';
import type { Traffic } from '../links/links.js';
import type { StoreFigures } from '../stores/store.js';

export interface LinkStatus {
  /** Undefined: a ring of one, or not in the ring. */
  readonly peer: MemberId | undefined;
  readonly isUp: boolean;
}

export interface MemberStatus {
  readonly id: MemberId;
  readonly incarnation: Incarnation;
  readonly address: string;
  /** Chains in which it is head, member in sync (head and tail included), and learner. */
  readonly heads: number;
  readonly chains: number;
  readonly learning: number;
}

export interface ChainsStatus {
  readonly full: number;
  readonly short: number;
  readonly unavailable: number;
  readonly troubles: readonly ShardTrouble[];
}

export interface NodeStatus {
  readonly id: MemberId;
  /** 0: this life has no number yet. */
  readonly incarnation: Incarnation;
  /** Where others dial it. */
  readonly address: string;
  readonly http: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly state: NodeState['status'] | 'starting' | 'leaving';
  /** Why it is kept out of the ring; empty: it is not. */
  readonly keptOut: string;
  readonly coordinator: { readonly address: string; readonly phase: string };
  readonly clusterId: string;
  /** 0: it knows no view yet. */
  readonly epoch: Epoch;
  readonly settings: Settings | undefined;
  /** Clockwise. */
  readonly ring: readonly MemberStatus[];
  readonly chains: ChainsStatus;
  /** What it hears (from its predecessor), and who hears it (its successor). */
  readonly inbound: LinkStatus;
  readonly outbound: LinkStatus;
  /** Since the process began. */
  readonly traffic: Traffic;
  /** Of the shards that this server keeps. */
  readonly files: number;
  readonly store: StoreFigures;
  readonly isDiskFull: boolean;
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

const NO_LINK: LinkStatus = { peer: undefined, isUp: false };

/** @param state undefined: before the first life */
export function nodeStatus(id: MemberId, state: NodeState | undefined, around: Surroundings): NodeStatus {
  const { http, version, uptimeMs, traffic, store } = around;
  const view = state?.view;
  const isKnown = view !== undefined && view.epoch > 0;
  return {
    id,
    ...{ incarnation: state?.incarnation ?? 0, address: state?.address ?? '', http, version, uptimeMs },
    state: stateOf(state),
    keptOut: state?.coordination.keptOut ?? '',
    coordinator: { address: around.coordinator, phase: state?.coordination.phase ?? 'none' },
    clusterId: view?.clusterId ?? '',
    epoch: view?.epoch ?? 0,
    settings: isKnown ? view.settings : undefined,
    ring: isKnown ? membersOf(view) : [],
    chains: isKnown ? chainsOf(view) : { full: 0, short: 0, unavailable: 0, troubles: [] },
    ...linksOf(state),
    traffic: { sentBytes: traffic.sentBytes, receivedBytes: traffic.receivedBytes },
    files: state === undefined ? 0 : [...state.shards.values()].reduce((sum, { files }) => sum + files.size, 0),
    store: { liveBytes: store.liveBytes, diskBytes: store.diskBytes },
    isDiskFull: state?.fullDisks.get(id) !== undefined,
    operations: (state?.operations.size ?? 0) + (state?.reads.readers.size ?? 0),
  };
}

function stateOf(state: NodeState | undefined): NodeStatus['state'] {
  if (state === undefined) return 'starting';
  return state.membership.leaving === 'no' ? state.status : 'leaving';
}

function membersOf({ ring, chains }: View): readonly MemberStatus[] {
  return ring.map(({ id, incarnation, address }) => ({
    ...{ id, incarnation, address },
    heads: chains.filter(({ members }) => members[0] === id).length,
    chains: chains.filter(({ members }) => members.includes(id)).length,
    learning: chains.filter(({ learners }) => learners.includes(id)).length,
  }));
}

function chainsOf(view: View): ChainsStatus {
  const troubles = explainShards(view);
  const unavailable = troubles.filter(({ isAvailable }) => !isAvailable).length;
  const short = troubles.length - unavailable;
  return { full: view.chains.length - troubles.length, short, unavailable, troubles };
}

function linksOf(state: NodeState | undefined): { readonly inbound: LinkStatus; readonly outbound: LinkStatus } {
  if (state === undefined || state.status !== 'member' || state.view.ring.length < 2) {
    return { inbound: NO_LINK, outbound: NO_LINK };
  }
  const { self, view, links } = state;
  return {
    inbound: { peer: neighbour(view, self, -1).id, isUp: links.inbound !== 0 },
    outbound: { peer: neighbour(view, self, 1).id, isUp: links.outbound !== 0 },
  };
}
