/**
 * What an operator reads at the coordinator, and the one thing he orders there: that a lost shard goes on with what one
 * server has of it. What the order may cost is said in words.
 * Must never write a view that does not follow the one it read.
 */
import { MEMBERS, STATISTICS, type Statistics, VIEW_KEY } from '../../core/coordinator-port.js';
import { compareEntryIds, type EntryId, type Epoch, type MemberId, type ShardId, versionText } from '../../core/ids.js';
import { saidIn } from '../../core/view/facts.js';
import type { KeptLog, Registration } from '../../core/view/registration.js';
import { revivedBy } from '../../core/view/revival.js';
import type { View } from '../../core/view/view.js';
import type { Operator } from './operator.js';

export interface Cluster {
  /** Undefined: nobody has founded one. */
  readonly view: View | undefined;
  /** Of the register. */
  readonly version: number;
  readonly registrations: readonly Registration[];
  readonly statistics: readonly Statistics[];
}

export interface Revived {
  readonly epoch: Epoch;
  /** A sentence for people. */
  readonly mayBeLost: string;
}

export interface ReviveOptions {
  /** Also by a server that did not keep the shard when it was lost: it begins with nothing. */
  readonly force?: boolean;
}

/** Other changes of the view may come first so often. */
const TRIES_MAX = 8;

/** @throws if the coordinator does not answer. */
export async function readCluster(operator: Operator): Promise<Cluster> {
  await operator.call({ op: 'sync' });
  const [register, members, figures] = await Promise.all([
    operator.call({ op: 'read', key: VIEW_KEY, watch: false }),
    operator.call({ op: 'list', under: MEMBERS }),
    operator.call({ op: 'list', under: STATISTICS }),
  ]);
  const stored = register.result === 'value' ? register.stored : undefined;
  const values = [members, figures].flatMap((reply) => (reply.result === 'values' ? reply.stored : []));
  return {
    view: stored?.value.kind === 'view' ? stored.value.view : undefined,
    version: stored?.version ?? 0,
    registrations: values.flatMap(({ value }) => (value.kind === 'registration' ? [value.registration] : [])),
    statistics: values.flatMap(({ value }) => (value.kind === 'statistics' ? [value.statistics] : [])),
  };
}

/** Orders that this server brings the lost shard back. @throws with a sentence for the operator, if it cannot. */
export async function revive(
  operator: Operator,
  shard: ShardId,
  from: MemberId,
  { force = false }: ReviveOptions = {},
): Promise<Revived> {
  for (let i = 0; i < TRIES_MAX; i++) {
    const cluster = await readCluster(operator);
    const view = revivalOf(cluster, shard, from, force);
    const mayBeLost = whatMayBeLost(cluster, shard, from);
    const { result } = await operator.call({
      ...{ op: 'set', key: VIEW_KEY, value: { kind: 'view', view }, expected: cluster.version },
    });
    if (result === 'done') return { epoch: view.epoch, mayBeLost };
    if (result === 'unknown') return afterLostReply(operator, view, shard, from, mayBeLost);
  }
  throw new Error(`the view changes faster than shard ${shard} can be revived: try again`);
}

/** Whether ours was taken is what the register shows now. */
async function afterLostReply(
  operator: Operator,
  proposed: View,
  shard: ShardId,
  from: MemberId,
  mayBeLost: string,
): Promise<Revived> {
  const { view } = await readCluster(operator);
  const chain = view?.chains[shard];
  if (view !== undefined && view.epoch >= proposed.epoch && chain?.members[0] === from) {
    return { epoch: view.epoch, mayBeLost };
  }
  throw new Error(`the connection broke, and shard ${shard} is not revived as far as can be seen: look at status`);
}

function revivalOf({ view }: Cluster, shard: ShardId, from: MemberId, force: boolean): View {
  if (view === undefined) throw new Error('there is no ring yet: nobody has founded one');
  const chain = view.chains[shard];
  if (chain === undefined) throw new Error(`there is no shard ${shard}: shards are 0 to ${view.chains.length - 1}`);
  const { members, lost } = chain;
  if (lost.length === 0) throw new Error(`shard ${shard} is not lost: ${members.join(', ')} keep it`);
  const keepers = lost.map(({ id }) => id);
  if (!keepers.includes(from) && !force) {
    const hint = 'ordered by force it would begin with nothing';
    throw new Error(`${from} did not keep shard ${shard} when it was lost, but ${keepers.join(', ')} did: ${hint}`);
  }
  const revived = revivedBy(view, shard, from);
  if (revived !== undefined) return revived;
  const ring = view.ring.map(({ id }) => id).join(', ');
  throw new Error(`${from} is not in the ring at present (${ring}): start it, and wait until it has joined`);
}

/** If this server brings the shard back now: what may be missing afterwards. */
export function whatMayBeLost({ view, registrations }: Cluster, shard: ShardId, from: MemberId): string {
  const chain = view?.chains[shard];
  if (view === undefined || chain === undefined) return 'nothing is known';
  const said = saidIn(view, registrations);
  const logOf = (id: MemberId): KeptLog | undefined => said.get(id)?.kept.find((log) => log.shard === shard);
  const own = logOf(from);
  if (own === undefined) return `${from} has not said what it has of shard ${shard}: everything in it may be lost`;
  if (own.last.sequence === 0) return `${from} has nothing of shard ${shard}: everything in it is lost`;
  const losses = chain.lost.flatMap(({ id }) => (id === from ? [] : lossOf(id, logOf(id), own.last)));
  if (own.suspect) losses.unshift(`something that was acknowledged may be missing at the end of what ${from} has`);
  const upTo = `shard ${shard} goes on with what ${from} has, entries up to ${versionText(own.last)}`;
  return `${upTo}; ${losses.length > 0 ? losses.join('; ') : 'nobody is known to have more'}`;
}

function lossOf(id: MemberId, log: KeptLog | undefined, last: EntryId): readonly string[] {
  if (log === undefined) return [`${id} has not said what it has: what it alone has is lost`];
  if (compareEntryIds(log.last, last) <= 0) return [];
  return [`${id} has entries up to ${versionText(log.last)}: those behind ${versionText(last)} are lost`];
}
