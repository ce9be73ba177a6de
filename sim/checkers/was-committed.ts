/**
 * Invariant: what a client is told that takes an eventual answer was committed at that path at some time, or the path was
 * empty. How old it is, is not judged; what is not committed must never be told.
 */
import { compareEntryIds, versionText } from '../../core/ids.js';
import { shardOf } from '../../core/view/view.js';
import { isEventual, type OperationRecord, seenFile, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import type { LogBook } from './log-book.js';

export class WasCommitted implements Checker {
  readonly name = 'was-committed';
  readonly #found: Findings;

  constructor(
    private readonly world: World,
    private readonly logs: LogBook,
  ) {
    this.#found = new Findings(this.name, () => world.nowUs);
  }

  operationEnded({ answer, order, client, server }: OperationRecord): void {
    const seen = seenFile(answer);
    if (seen === undefined || !isEventual(order.action)) return;
    const path = targetOf(order.action);
    const shard = shardOf(path, this.world.view.settings.shards);
    // Of a chain that was lost as a whole it is not known any more.
    if (this.logs.isLossy(shard)) return;
    const entry = this.logs.committedAt(shard, seen.version.sequence);
    if (entry !== undefined && compareEntryIds(entry.id, seen.version) === 0 && entry.proposal.path === path) return;
    this.#found.add(
      `client ${client} was told by ${server} of ${path} at ${versionText(seen.version)}, which was never committed`,
    );
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }
}
