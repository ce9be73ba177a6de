/**
 * The register is empty: nobody has founded the cluster, or the coordinator has lost it. A registered server that was
 * given settings, and whose disk belongs to no cluster, founds one, alone; the others come in over its view.
 * Its disk must know of that before the register does: a founder that crashes in between would come back as somebody else,
 * and all shards would wait for a member that nobody is any more.
 */
import { type CoordinatorReply, VIEW_KEY } from '../coordinator-port.js';
import { put, type Turn, tell } from '../turn.js';
import { foundingView } from '../view/placement.js';
import { madeUuid } from './made-names.js';
import { wantView } from './register.js';
import { keepOut } from './registration.js';
import { call, change, EMPTY, isUnderWay } from './session.js';

/** The register was read. */
export function onRegisterRead(turn: Turn, reply: CoordinatorReply): void {
  if (reply.result === 'absent') onAbsent(turn);
  else if (reply.result === 'value' && reply.stored.value.kind === 'view') onFounded(turn, reply.stored.value.view);
}

function onAbsent(turn: Turn): void {
  const { founding, coordination } = turn.state;
  const cluster = clusterOfDisk(turn);
  if (cluster !== '') {
    keepOut(turn, `${EMPTY}, but the disk belongs to cluster ${cluster}: restore the coordinator's state`);
  } else if (founding === undefined) {
    keepOut(turn, EMPTY);
  } else {
    const begun = coordination.founding ?? { clusterId: '', isOnDisk: false };
    change(turn, { founding: { ...begun, isDue: true } });
  }
}

/** To which cluster this disk belongs; empty: to none, one may be founded on it. */
function clusterOfDisk(turn: Turn): string {
  const { view, membership, shards } = turn.state;
  if (view.epoch > 0) return view.clusterId;
  if (membership.disk !== undefined) return membership.disk.epoch > 0 ? membership.disk.clusterId : '';
  // Never over what somebody has left there (hazard 9).
  return shards.size > 0 ? '(unknown)' : '';
}

/** By us or by another one: what is there now is the cluster. */
function onFounded(turn: Turn, { clusterId }: { readonly clusterId: string }): void {
  const { founding } = turn.state.coordination;
  if (founding === undefined) return;
  if (founding.clusterId === clusterId) tell(turn, { fact: 'cluster-founded', clusterId });
  change(turn, { founding: undefined });
}

export function pursueFounding(turn: Turn): void {
  const { founding, entry } = turn.state.coordination;
  // Not registered: another server may have this name.
  if (founding?.isDue !== true || entry !== 'held' || isUnderWay(turn, 'create-view')) return;
  if (founding.clusterId === '') prepare(turn);
  else if (founding.isOnDisk) found(turn, founding.clusterId);
}

function prepare(turn: Turn): void {
  const { clusterId: given, incarnation, coordination, membership } = turn.state;
  const clusterId = given === '' ? madeUuid(turn) : given;
  change(turn, { founding: { clusterId, isOnDisk: false, isDue: true } });
  // A founding that a former life has asked for may strike yet: this disk speaks for that life, too.
  const since = membership.disk?.since ?? incarnation;
  const identity = { clusterId, store: coordination.store, incarnation, since, epoch: 0 };
  put(turn, { kind: 'write-identity', identity });
}

/** The identity is durable: before there is a view it is this one. @returns whether it was waited for. */
export function onPrepared(turn: Turn): boolean {
  const { founding } = turn.state.coordination;
  if (founding === undefined || founding.clusterId === '' || founding.isOnDisk) return false;
  change(turn, { founding: { ...founding, isOnDisk: true } });
  return true;
}

/** Whoever loses this race, or its reply, reads what is there; it is asked for again only if nothing is. */
function found(turn: Turn, clusterId: string): void {
  const { self: id, incarnation, address, founding, coordination } = turn.state;
  if (founding === undefined || coordination.founding === undefined) return;
  const view = foundingView([{ id, incarnation, address }], clusterId, founding);
  change(turn, { founding: { ...coordination.founding, isDue: false } });
  call(turn, 'create-view', { op: 'create', key: VIEW_KEY, value: { kind: 'view', view }, ephemeral: false });
  wantView(turn, 'synced');
}
