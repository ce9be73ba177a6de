/**
 * Invariant: at the end nobody holds bytes that no file, log entry or open operation refers to: no staged upload outlives
 * its owner, no replaced version its grace.
 */
import { storedUpload } from '../../core/file.js';
import type { UploadId } from '../../core/ids.js';
import type { HeldUpload, NodeState } from '../../core/state.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { livingMember } from './living.js';

function isReferredTo(state: NodeState, upload: UploadId, held: HeldUpload): boolean {
  if (state.reads.readings.has(upload)) return true;
  const shard = state.shards.get(held.shard);
  if (shard === undefined) return false;
  for (const file of shard.files.values()) if (file.manifest.upload === upload) return true;
  for (const entry of shard.log.values()) if (storedUpload(entry) === upload) return true;
  return false;
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

/** A line for each upload held in vain by a running member. */
export function leftovers(world: World): readonly string[] {
  const open = openUploads(world);
  const found: string[] = [];
  for (const { id } of world.view.ring) {
    const server = livingMember(world, world.view, id);
    if (server?.process !== 'running') continue;
    for (const [upload, held] of server.state.held.entries()) {
      if (open.has(upload) || (held.phase !== 'staged' && isReferredTo(server.state, upload, held))) continue;
      found.push(`${id} still holds bytes of ${upload} (${held.phase}, shard ${held.shard}), to which nothing refers`);
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
