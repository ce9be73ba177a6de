/**
 * Invariant: some bounded time after the last fault and the last operation all is calm: nothing pending, every server that
 * is gone struck from the view, no link broken, and all replicas of a chain equal.
 */
import { compareEntryIds, type ShardId, versionText } from '../../core/ids.js';
import type { NodeState } from '../../core/state.js';
import type { View } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { ServerHandle, World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { committedId, livingChain, livingMember, shardState } from './living.js';

/** Why it is not calm yet, a line each; the first few are enough. */
const REASONS_MAX = 12;

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

function serverReasons(state: NodeState, view: View): string[] {
  const { self, links, operations, reads } = state;
  if (state.view.epoch !== view.epoch) return [`${self} lives in view ${state.view.epoch}, not in ${view.epoch}`];
  const reasons: string[] = [];
  if (state.status !== 'member') reasons.push(`${self} is ${state.status}`);
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

function shardReasons(world: World, view: View, shard: ShardId): string[] {
  const [first, ...others] = livingChain(world, view, shard);
  if (first === undefined) return [];
  const reasons: string[] = [];
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
export function restlessness(world: World): readonly string[] {
  const { view } = world;
  const reasons = memberReasons(world, view);
  for (let shard = 0; shard < view.settings.shards && reasons.length < REASONS_MAX; shard++) {
    reasons.push(...shardReasons(world, view, shard));
  }
  return reasons.slice(0, REASONS_MAX);
}

/** Files that two replicas do not have alike. */
function unequalFiles(first: ServerHandle, other: ServerHandle, shard: ShardId): string | undefined {
  const ours = shardState(first.state, shard)?.files;
  const theirs = shardState(other.state, shard)?.files;
  if (ours === undefined && theirs === undefined) return undefined;
  const paths = new Set([...(ours?.keys() ?? []), ...(theirs?.keys() ?? [])]);
  for (const path of paths) {
    const a = ours?.get(path);
    const b = theirs?.get(path);
    const isSame = a !== undefined && b !== undefined && compareEntryIds(a.version, b.version) === 0;
    if (isSame && a.manifest.upload === b.manifest.upload) continue;
    const texts = [a, b].map((file) => (file === undefined ? 'nothing' : versionText(file.version)));
    return `${first.id} has ${texts[0]} at ${path}, ${other.id} has ${texts[1]}`;
  }
  return undefined;
}

export class Converges implements Checker {
  readonly name = 'converges';
  readonly #found: Findings;

  constructor(nowUs: () => number) {
    this.#found = new Findings(this.name, nowUs);
  }

  finish(world: World): readonly Violation[] {
    const reasons = restlessness(world);
    if (reasons.length > 0) this.#found.add(reasons[0] ?? '', reasons);
    for (let shard = 0; shard < world.view.settings.shards; shard++) {
      const [first, ...others] = livingChain(world, world.view, shard);
      for (const other of others) {
        const difference = first === undefined ? undefined : unequalFiles(first, other, shard);
        if (difference !== undefined) this.#found.add(difference);
      }
    }
    return this.#found.all();
  }
}
