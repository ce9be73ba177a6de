/**
 * What a server knows of itself and of the ring, as plain values for people and tools: `status`, the console, metrics.
 * Pure, and reads only; nothing of the protocol may depend on it.
 */
import type { Epoch, Incarnation, MemberId, ShardId } from './ids.js';
import type { Learning } from './learning-state.js';
import type { NodeState } from './state.js';
import { waitingFrames } from './stream/flow.js';
import { explainShards, type ShardTrouble } from './view/explain.js';
import type { Registration } from './view/registration.js';
import { neighbour, type Settings, type View } from './view/view.js';

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
  /** Of those that are not full: why, and what would help. */
  readonly troubles: readonly ShardTrouble[];
}

/** A chain in which this server is. */
export interface PlaceStatus {
  readonly shard: ShardId;
  readonly role: 'head' | 'middle' | 'tail' | 'only' | 'learner';
  readonly files: number;
  /** Entries that it does not know to be committed. */
  readonly uncommitted: number;
  /** How far a learner has come. */
  readonly learning: Learning['phase'] | undefined;
}

export interface StreamStatus {
  /** Data frames on their way through, and how many there may be. */
  readonly transit: number;
  readonly transitSlots: number;
  /** Data frames of its own that wait to be inserted. */
  readonly waiting: number;
  /** Data frames that its successor would take at present. */
  readonly credits: number;
}

export interface OwnStatus {
  readonly id: MemberId;
  /** 0: this life has no number yet. */
  readonly incarnation: Incarnation;
  readonly address: string;
  readonly state: NodeState['status'] | 'leaving';
  /** Why it is kept out of the ring; empty: it is not. */
  readonly keptOut: string;
  /** Of its session with the coordinator. */
  readonly session: NodeState['coordination']['phase'];
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
  /** The chains it is in. */
  readonly places: readonly PlaceStatus[];
  /** Files of which it has a copy; and those whose tail it is: summed up over the ring, each is counted once. */
  readonly files: number;
  readonly tailFiles: number;
  readonly isDiskFull: boolean;
  /** Under way for its clients. */
  readonly writes: number;
  readonly reads: number;
  readonly stream: StreamStatus;
}

/** @param registrations if at hand: they say who of the lost ones is back, and with what. */
export function ownStatus(state: NodeState, registrations: readonly Registration[] = []): OwnStatus {
  const { self, view, membership, coordination, operations, reads } = state;
  const isKnown = view.epoch > 0;
  const places = placesOf(state);
  return {
    ...{ id: self, incarnation: state.incarnation, address: state.address },
    state: membership.leaving === 'no' ? state.status : 'leaving',
    ...{ keptOut: coordination.keptOut, session: coordination.phase, clusterId: state.clusterId, epoch: view.epoch },
    settings: isKnown ? view.settings : undefined,
    ring: membersOf(view),
    chains: chainsOf(view, registrations),
    ...linksOf(state),
    places,
    files: sumOf(places),
    tailFiles: sumOf(places.filter(({ role }) => role === 'tail' || role === 'only')),
    isDiskFull: state.fullDisks.has(self),
    writes: operations.size,
    reads: reads.readers.size + reads.listers.size,
    stream: streamOf(state),
  };
}

function membersOf({ ring, chains }: View): readonly MemberStatus[] {
  return ring.map(({ id, incarnation, address }) => ({
    ...{ id, incarnation, address },
    heads: chains.filter(({ members }) => members[0] === id).length,
    chains: chains.filter(({ members }) => members.includes(id)).length,
    learning: chains.filter(({ learners }) => learners.includes(id)).length,
  }));
}

function chainsOf(view: View, registrations: readonly Registration[]): ChainsStatus {
  const troubles = explainShards(view, registrations);
  const unavailable = troubles.filter(({ isAvailable }) => !isAvailable).length;
  const short = troubles.length - unavailable;
  return { full: view.chains.length - troubles.length, short, unavailable, troubles };
}

const NO_LINK: LinkStatus = { peer: undefined, isUp: false };

function linksOf({ self, status, view, links }: NodeState): Pick<OwnStatus, 'inbound' | 'outbound'> {
  if (status !== 'member' || view.ring.length < 2) return { inbound: NO_LINK, outbound: NO_LINK };
  return {
    inbound: { peer: neighbour(view, self, -1).id, isUp: links.inbound !== 0 },
    outbound: { peer: neighbour(view, self, 1).id, isUp: links.outbound !== 0 },
  };
}

function placesOf({ self, status, view, shards }: NodeState): readonly PlaceStatus[] {
  if (status !== 'member') return [];
  return view.chains.flatMap(({ members, learners }, shard): PlaceStatus[] => {
    const own = shards.get(shard);
    const place = members.indexOf(self);
    if (place < 0 && !learners.includes(self)) return [];
    const role = place < 0 ? 'learner' : roleOf(place, members.length);
    const uncommitted = own?.log.size ?? 0;
    return [{ shard, role, files: own?.files.size ?? 0, uncommitted, learning: own?.learning?.phase }];
  });
}

function roleOf(place: number, length: number): PlaceStatus['role'] {
  if (length === 1) return 'only';
  if (place === 0) return 'head';
  return place === length - 1 ? 'tail' : 'middle';
}

function streamOf({ view, stream }: NodeState): StreamStatus {
  const { transit, credits } = stream;
  return {
    ...{ transit: transit.size, transitSlots: view.settings.transitSlots },
    ...{ waiting: waitingFrames(stream), credits },
  };
}

const sumOf = (places: readonly PlaceStatus[]): number => places.reduce((sum, { files }) => sum + files, 0);
