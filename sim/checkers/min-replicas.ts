/**
 * Invariant: no write is acknowledged while fewer servers than min-replicas keep it: its commit was told by a chain long
 * enough, or it was repeated to one (a reminder). And a commit says truly how long its chain is.
 */
import type { Commit, Frame } from '../../core/frame.js';
import type { MemberId, OperationId } from '../../core/ids.js';
import { chainOf, shardOf } from '../../core/view/view.js';
import { type OperationRecord, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import type { LogBook } from './log-book.js';
import type { ViewBook } from './view-book.js';

export class MinReplicas implements Checker {
  readonly name = 'min-replicas';
  readonly #found: Findings;
  /** Length of the longest chain that told of an operation's commit. */
  readonly #longest = new Map<OperationId, number>();

  constructor(
    private readonly views: ViewBook,
    private readonly logs: LogBook,
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  sent(from: MemberId, _to: MemberId, frame: Frame): void {
    if (frame.kind === 'commit') {
      if (from === frame.origin) this.#committed(frame);
    } else if (frame.kind === 'reminder') {
      const entry = this.logs.committedEntry(frame.operation);
      if (entry !== undefined) this.#told(frame.operation, this.#chainLength(frame.epoch, entry.proposal.path));
    }
  }

  operationEnded({ answer, operation, client, order, server }: OperationRecord): void {
    if (answer?.result !== 'done' || operation === undefined) return;
    const { minReplicas } = this.views.latest.settings;
    const path = targetOf(order.action);
    // Told within one server, over no link: the chain in the view it lives in counts, too.
    const own = this.#chainLength(this.views.liveEpochOf(server ?? ''), path);
    const kept = Math.max(this.#longest.get(operation) ?? 0, own ?? minReplicas);
    if (kept >= minReplicas) return;
    this.#found.add(
      `client ${client} was told ${answer.outcome.result} of its ${order.action.kind} ${path}, committed on a chain of ${kept}`,
      [`min-replicas is ${minReplicas}`],
    );
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }

  #committed({ epoch, shard, chainLength, outcomes, origin }: Commit): void {
    const view = this.views.view(epoch);
    const length = view === undefined ? chainLength : chainOf(view, shard).members.length;
    if (length !== chainLength) {
      this.#found.add(`${origin} says that the chain of shard ${shard} has ${chainLength} members, it has ${length}`);
    }
    for (const { operation } of outcomes) this.#told(operation, length);
  }

  #told(operation: OperationId, length: number | undefined): void {
    if (length === undefined) return;
    this.#longest.set(operation, Math.max(length, this.#longest.get(operation) ?? 0));
  }

  #chainLength(epoch: number, path: string): number | undefined {
    const view = this.views.view(epoch);
    return view && chainOf(view, shardOf(path, view.settings.shards)).members.length;
  }
}
