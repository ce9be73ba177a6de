/**
 * Our entry at the coordinator: created in the session, written when something else is to be said, made again whenever
 * it is lost. At most one call about it is under way; the latest wanted value wins.
 * Must never take an entry for its own that another life or another session made (hazard 3): such an entry goes when
 * its session does, and what it says is not ours.
 */
import { type CoordinatorReply, memberKey, type Stored } from '../coordinator-port.js';
import type { NodeState } from '../state.js';
import { type Turn, tell, wakeBy } from '../turn.js';
import type { Registration } from '../view/registration.js';
import { call, change, isUnderWay, sync } from './session.js';

/** @param address of whoever has our name */
const taken = (address: string): string => `another server is registered under this name, at ${address}`;

/** Of the shards that we have at present. */
export function hasWritten({ shards }: NodeState): boolean {
  for (const { last } of shards.values()) if (last.sequence > 0) return true;
  return false;
}

/** Who we are, with nothing to say. */
export function bareRegistration(turn: Turn): Registration {
  const { self, incarnation, address, clusterId, view, coordination } = turn.state;
  return {
    ...{ member: self, incarnation, address, clusterId, store: coordination.store, life: coordination.life },
    written: hasWritten(turn.state),
    ...{ epoch: view.epoch, brokenIn: false, brokenOut: false, probes: [], seat: undefined },
    ...{ ready: [], stalled: [], kept: [], leaving: 'no' },
  };
}

function isSilent(one: Registration): boolean {
  const { brokenIn, brokenOut, probes, seat, ready, stalled, kept, leaving } = one;
  const lists = probes.length + ready.length + stalled.length + kept.length;
  return !brokenIn && !brokenOut && lists === 0 && seat === undefined && leaving === 'no';
}

/** What was said in another epoch says nothing in this one: whoever has nothing to say needs not say so again. */
function saysTheSame(before: Registration, next: Registration): boolean {
  // Who did not know its cluster before must say so: facts that name none count as nothing.
  if (before.clusterId !== next.clusterId || before.written !== next.written) return false;
  if (isSilent(next) && (isSilent(before) || before.epoch !== next.epoch)) return true;
  return before.epoch === next.epoch && JSON.stringify(before) === JSON.stringify(next);
}

export function want(turn: Turn, registration: Registration): void {
  const { wanted } = turn.state.coordination;
  if (wanted === undefined || !saysTheSame(wanted, registration)) change(turn, { wanted: registration });
}

export function pursueEntry(turn: Turn): void {
  const { incarnation, self } = turn.state;
  if (incarnation === 0) return;
  if (isUnderWay(turn, 'create-entry', 'look-at-entry', 'clear-entry', 'write-entry')) return;
  if (turn.state.coordination.wanted === undefined) change(turn, { wanted: bareRegistration(turn) });
  const { entry, entryVersion, wanted, written, retryAtMs } = turn.state.coordination;
  if (wanted === undefined) return;
  const key = memberKey(self);
  const value = { kind: 'registration', registration: wanted } as const;
  if (entry === 'none') {
    change(turn, { writing: wanted });
    call(turn, 'create-entry', { op: 'create', key, value, ephemeral: true });
  } else if (entry === 'held' && written !== wanted) {
    change(turn, { writing: wanted });
    call(turn, 'write-entry', { op: 'set', key, value, expected: entryVersion });
  } else if (entry === 'doubtful' || (entry === 'foreign' && turn.now >= retryAtMs)) {
    sync(turn);
    call(turn, 'look-at-entry', { op: 'read', key, watch: false });
  }
}

/** The answer to a create or a set. Anything but success: look what is there. */
export function onEntryWritten(turn: Turn, reply: CoordinatorReply): void {
  if (reply.result === 'done') hold(turn, reply.version, turn.state.coordination.writing);
  else change(turn, { entry: 'doubtful', writing: undefined });
}

function hold(turn: Turn, entryVersion: number, written: Registration | undefined): void {
  const { registered } = turn.state.coordination;
  if (!registered) tell(turn, { fact: 'registered', incarnation: turn.state.incarnation });
  change(turn, {
    ...{ entry: 'held', entryVersion, written, writing: undefined, registered: true },
    ...{ keptOut: '', foreignLooks: 0, retryAtMs: 0 },
  });
}

export function onEntrySeen(turn: Turn, reply: CoordinatorReply): void {
  if (reply.result === 'absent') change(turn, { entry: 'none', foreignLooks: 0 });
  else if (reply.result === 'value') judge(turn, reply.stored);
}

function judge(turn: Turn, { value, version, owner }: Stored): void {
  const { coordination, limits, self } = turn.state;
  if (value.kind !== 'registration') return;
  const { life, store, address } = value.registration;
  if (life === coordination.life && owner === coordination.owner) {
    hold(turn, version, value.registration);
  } else if (store === coordination.store) {
    // Of a former life or session of ours: it would go some time, and our place with it.
    call(turn, 'clear-entry', { op: 'delete', key: memberKey(self), expected: version });
  } else {
    const retryAtMs = turn.now + limits.reconnectMs;
    keepOut(turn, taken(address));
    change(turn, { entry: 'foreign', retryAtMs, foreignLooks: coordination.foreignLooks + 1 });
    wakeBy(turn, 'coordinator', retryAtMs);
  }
}

/** Told once for each reason. */
export function keepOut(turn: Turn, why: string): void {
  if (turn.state.coordination.keptOut === why) return;
  change(turn, { keptOut: why });
  tell(turn, { fact: 'kept-out', why });
}

/** Whoever has our name has kept it for longer than an entry outlives its server: he lives. @returns why we must go */
export function namesake(turn: Turn): string | undefined {
  const { keptOut, foreignLooks } = turn.state.coordination;
  return foreignLooks >= turn.state.limits.foreignLooksMax ? keptOut : undefined;
}

export function onEntryCleared(turn: Turn, { result }: CoordinatorReply): void {
  change(turn, { entry: result === 'done' || result === 'absent' ? 'none' : 'doubtful' });
}
