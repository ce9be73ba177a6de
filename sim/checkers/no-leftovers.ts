/**
 * Invariant: at the end nobody holds bytes that no file, log entry or open operation refers to: no staged upload outlives
 * its owner, no replaced version its grace; nobody keeps a shard whose chain is whole without it, and everybody knows what
 * is staged.
 */
import { storedUpload } from '../../core/file.js';
import type { ShardId, UploadId } from '../../core/ids.js';
import type { NodeState } from '../../core/state.js';
import { chainOf, isKeeper, type View } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { fullChain, livingMember } from './living.js';

/** Uploads that a file, an uncommitted entry or a reader of this server refers to; kept logs of lost shards count. */
function referredTo({ shards, reads }: NodeState): ReadonlySet<UploadId> {
  const uploads = new Set<UploadId>(reads.readings.keys());
  for (const { files, log, waiting, learning } of shards.values()) {
    for (const { manifest } of files.values()) uploads.add(manifest.upload);
    for (const { manifest } of learning?.files.values() ?? []) uploads.add(manifest.upload);
    for (const entries of [log, waiting]) {
      for (const entry of entries.values()) {
        const upload = storedUpload(entry);
        if (upload !== undefined) uploads.add(upload);
      }
    }
  }
  return uploads;
}

/** Open uploads of living members: their staged bytes are in use. */
function openUploads(world: World): ReadonlySet<UploadId> {
  const open = new Set<UploadId>();
  for (const { id } of world.view.ring) {
    const operations = livingMember(world, world.view, id)?.state.operations;
    for (const operation of operations?.values() ?? []) open.add(operation.upload);
  }
  return open;
}

/** The chain is whole, and this server has no part in it: its copy will never be needed. */
function isNeedless(view: View, shard: ShardId, id: string): boolean {
  const { members, learners, lost } = chainOf(view, shard);
  if (isKeeper(view, shard, id) || lost.length > 0) return false;
  return learners.length === 0 && members.length >= fullChain(view);
}

/** Uploads that are staged and not listed so, or listed and not staged. */
function misfiled({ held, staged }: NodeState): readonly UploadId[] {
  const wrong = [...staged.keys()].filter((upload) => held.get(upload)?.phase !== 'staged');
  for (const [upload, { phase }] of held.entries()) if (phase === 'staged' && !staged.has(upload)) wrong.push(upload);
  return wrong;
}

/** A line for each upload or shard held in vain by a running member. */
export function leftovers(world: World): readonly string[] {
  const { view } = world;
  const open = openUploads(world);
  const found: string[] = [];
  for (const { id } of view.ring) {
    const server = livingMember(world, view, id);
    if (server?.process !== 'running') continue;
    const referred = referredTo(server.state);
    for (const [upload, { phase, shard }] of server.state.held.entries()) {
      if (open.has(upload) || (phase !== 'staged' && referred.has(upload))) continue;
      found.push(`${id} still holds bytes of ${upload} (${phase}, shard ${shard}), to which nothing refers`);
    }
    for (const upload of misfiled(server.state)) found.push(`${id} has a wrong note of what is staged: ${upload}`);
    for (const shard of server.state.shards.keys()) {
      if (isNeedless(view, shard, id)) found.push(`${id} still keeps shard ${shard}, whose chain is whole without it`);
    }
  }
  return found;
}

export class NoLeftovers implements Checker {
  readonly name = 'no-leftovers';
  readonly #found: Findings;

  constructor(nowUs: () => number) {
    this.#found = new Findings(this.name, nowUs);
  }

  finish(world: World): readonly Violation[] {
    for (const leftover of leftovers(world)) this.#found.add(leftover);
    return this.#found.all();
  }
}
