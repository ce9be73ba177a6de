/**
 * Invariant: at the end nobody holds bytes that no file, log entry or open operation refers to: no staged upload outlives
 * its owner, no replaced version its grace.
 */
import { storedUpload } from '../../core/file.js';
import type { UploadId } from '../../core/ids.js';
import type { NodeState } from '../../core/state.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import { livingMember } from './living.js';

/** Uploads that a file, an uncommitted entry or a reader of this server refers to. */
function referredTo({ shards, reads }: NodeState): ReadonlySet<UploadId> {
  const uploads = new Set<UploadId>(reads.readings.keys());
  for (const { files, log } of shards.values()) {
    for (const { manifest } of files.values()) uploads.add(manifest.upload);
    for (const entry of log.values()) {
      const upload = storedUpload(entry);
      if (upload !== undefined) uploads.add(upload);
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

/** A line for each upload held in vain by a running member. */
export function leftovers(world: World): readonly string[] {
  const open = openUploads(world);
  const found: string[] = [];
  for (const { id } of world.view.ring) {
    const server = livingMember(world, world.view, id);
    if (server?.process !== 'running') continue;
    const referred = referredTo(server.state);
    for (const [upload, { phase, shard }] of server.state.held.entries()) {
      if (open.has(upload) || (phase !== 'staged' && referred.has(upload))) continue;
      found.push(`${id} still holds bytes of ${upload} (${phase}, shard ${shard}), to which nothing refers`);
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
