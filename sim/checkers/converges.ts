/**
 * Invariant: some bounded time after the last fault and the last operation all is calm: nothing pending, every server that
 * runs in the ring and every one that is gone struck from it, no link broken, every chain as long as it should be and
 * nobody still being caught up, everybody registered at the coordinator, and all replicas of a chain equal: files,
 * remembered outcomes and bytes.
 */
import type { MemberId, ShardId } from '../../core/ids.js';
import { compareEntryIds, versionText } from '../../core/ids.js';
import type { NodeState } from '../../core/state.js';
import { type Chain, chainOf, type View } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { ServerHandle, World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { committedId, fullChain, livingChain, livingMember, shardState } from './living.js';
import { registrationReasons } from './registered.js';
import { differences } from './replicas.js';

/** Why it is not calm yet, a line each; the first few are enough. */
const REASONS_MAX = 12;

/** What a run may come to in the end. */
export interface Excuses {
  /** A chain lost as a whole may stay lost where nobody has anything of it any more. */
  readonly mayLose: boolean;
  /** Something stands between this server and others even now. */
  readonly isCutOff: (id: MemberId) => boolean;
}
const NO_EXCUSES: Excuses = { mayLose: false, isCutOff: () => false };

function memberReasons(world: World, view: View): string[] {
  const reasons: string[] = [];
  const isThere = (id: string): boolean => livingMember(world, view, id)?.process === 'running';
  if (!view.ring.some(({ id }) => isThere(id))) return reasons;
  for (const { id } of view.ring) {
    if (reasons.length >= REASONS_MAX) break;
    const server = livingMember(world, view, id);
    if (server === undefined) reasons.push(`${id} is down and still in view ${view.epoch}`);
    else if (server.process === 'paused') reasons.push(`${id} is paused and still in view ${view.epoch}`);
    else reasons.push(...serverReasons(server.state, view));
  }
  return reasons;
}

/** Running servers that are not in the ring, though nothing keeps them out of it. */
function outsiderReasons(world: World, view: View, { isCutOff }: Excuses): string[] {
  const reasons: string[] = [];
  for (const server of world.servers.values()) {
    if (reasons.length >= REASONS_MAX) break;
    const { id, process, state } = server;
    if (process !== 'running' || livingMember(world, view, id) !== undefined) continue;
    if (isCutOff(id) || state.membership.leaving !== 'no') continue;
    reasons.push(`${id} runs (${state.status}) and is not in view ${view.epoch}`);
  }
  return reasons;
}

function serverReasons(state: NodeState, view: View): string[] {
  const { self, links, operations, reads } = state;
  if (state.view.epoch !== view.epoch) return [`${self} lives in view ${state.view.epoch}, not in ${view.epoch}`];
  const reasons: string[] = [];
  if (state.status !== 'member') reasons.push(`${self} is ${state.status}`);
  if (state.membership.leaving !== 'no' && view.ring.length > 1) reasons.push(`${self} has not left yet`);
  if (view.ring.length > 1) {
    if (links.brokenIn || links.lostInSinceMs > 0) reasons.push(`${self} does not hear its predecessor`);
    if (links.brokenOut || links.lostOutSinceMs > 0) reasons.push(`${self} does not reach its successor`);
  }
  for (const { operation, path, phase } of operations.values()) {
    reasons.push(`${self} has not finished the write of ${path} (${phase}, operation ${operation})`);
  }
  for (const { kind, path, request } of reads.readers.values()) {
    reasons.push(`${self} has not finished the ${kind} of ${path} (request ${request})`);
  }
  for (const { prefix } of reads.listers.values()) reasons.push(`${self} has not finished the list of ${prefix}`);
  return reasons;
}

/** A chain shorter than it should be, or one that should have come back. */
function chainReason(world: World, view: View, shard: ShardId, excuses: Excuses): string | undefined {
  const chain = chainOf(view, shard);
  const { members, learners } = chain;
  if (members.length === 0) {
    return isLostForGood(world, view, shard, chain, excuses) ? undefined : `shard ${shard} is lost, and could be back`;
  }
  if (learners.length > 0) return `${learners.join(', ')} is still being caught up for shard ${shard}`;
  if (members.length >= fullChain(view)) return undefined;
  return `the chain of shard ${shard} has ${members.length} members, not ${fullChain(view)}`;
}

/** Those who had it have not come back, or have come back with nothing. */
function isLostForGood(world: World, view: View, shard: ShardId, { lost }: Chain, { mayLose }: Excuses): boolean {
  const back = lost.filter(({ id }) => livingMember(world, view, id)?.process === 'running');
  const holders = back.filter(({ id }) => world.servers.get(id)?.state.shards.has(shard));
  if (back.length === lost.length) return mayLose && holders.length === 0;
  return view.settings.durability !== 'fsync' || holders.length === 0;
}

function shardReasons(world: World, view: View, shard: ShardId, excuses: Excuses): string[] {
  const [first, ...others] = livingChain(world, view, shard);
  // Where nobody runs, nothing can come to rest.
  const isAlive = view.ring.some(({ id }) => livingMember(world, view, id)?.process === 'running');
  const short = isAlive ? chainReason(world, view, shard, excuses) : undefined;
  const reasons: string[] = short === undefined ? [] : [short];
  if (first === undefined) return reasons;
  const committed = committedId(first.state, shard);
  for (const { id, state } of [first, ...others]) {
    const own = shardState(state, shard);
    if (own === undefined) continue;
    if (own.log.size > 0) reasons.push(`${id} has ${own.log.size} uncommitted entries in shard ${shard}`);
    if (own.waiting.size > 0) reasons.push(`${id} has ${own.waiting.size} incomplete entries in shard ${shard}`);
  }
  for (const { id, state } of others) {
    const theirs = committedId(state, shard);
    if (compareEntryIds(committed, theirs) === 0) continue;
    reasons.push(`in shard ${shard} ${first.id} has committed ${versionText(committed)}, ${id} ${versionText(theirs)}`);
  }
  return reasons;
}

/** Why the ring is not calm; empty: it is. */
export function restlessness(world: World, excuses: Excuses = NO_EXCUSES): readonly string[] {
  const { view } = world;
  const reasons = [...memberReasons(world, view), ...outsiderReasons(world, view, excuses)];
  for (let shard = 0; shard < view.settings.shards && reasons.length < REASONS_MAX; shard++) {
    reasons.push(...shardReasons(world, view, shard, excuses));
  }
  if (reasons.length < REASONS_MAX) reasons.push(...registrationReasons(world, excuses.isCutOff));
  return reasons.slice(0, REASONS_MAX);
}

export class Converges implements Checker {
  readonly name = 'converges';
  readonly #found: Findings;

  constructor(
    nowUs: () => number,
    private readonly excuses: Excuses = NO_EXCUSES,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  finish(world: World): readonly Violation[] {
    const reasons = restlessness(world, this.excuses);
    if (reasons.length > 0) this.#found.add(reasons[0] ?? '', reasons);
    for (let shard = 0; shard < world.view.settings.shards; shard++) {
      const chain: readonly ServerHandle[] = livingChain(world, world.view, shard);
      for (const difference of differences(chain, shard, this.excuses.mayLose)) this.#found.add(difference);
    }
    return this.#found.all();
  }
}
