/**
 * Invariant: no write is acknowledged while fewer servers than min-replicas keep it: its commit was told by a chain long
 * enough, or it was repeated to one (a reminder). And a commit says truly how long its chain is.
 */
import type { Commit, Frame } from '../../core/frame.js';
import type { Epoch, MemberId, OperationId } from '../../core/ids.js';
import type { Input } from '../../core/input.js';
import type { Output } from '../../core/output.js';
import { type Chain, chainOf, shardOf } from '../../core/view/view.js';
import { type OperationRecord, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { ServerHandle, World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import type { ViewBook } from './view-book.js';

export class MinReplicas implements Checker {
  readonly name = 'min-replicas';
  readonly #found: Findings;
  /** The epochs in which an operation's commit, or a reminder of it, went over a link. */
  readonly #toldIn = new Map<OperationId, Set<Epoch>>();
  /** The epoch in which a server acknowledged an operation, by both: its client hears of it when that may be over. */
  readonly #answeredIn = new Map<string, Epoch>();

  constructor(
    private readonly views: ViewBook,
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  sent(from: MemberId, _to: MemberId, frame: Frame): void {
    if (frame.kind === 'commit') {
      if (from === frame.origin) this.#committed(frame);
    } else if (frame.kind === 'reminder') {
      this.#told(frame.operation, frame.epoch);
    }
  }

  stepped({ id }: ServerHandle, _input: Input, outputs: readonly Output[]): void {
    let installed: Epoch | undefined;
    for (const output of outputs) {
      if (output.kind === 'tell' && output.fact.fact === 'view-installed') installed = output.fact.epoch;
      else if (output.kind === 'answer' && output.answer.result === 'done') {
        this.#answeredIn.set(answerKey(id, output.answer.operation), installed ?? this.views.liveEpochOf(id));
      }
    }
  }

  operationEnded({ answer, operation, client, order, server }: OperationRecord): void {
    if (answer?.result !== 'done' || operation === undefined || server === undefined) return;
    const { minReplicas } = this.views.latest.settings;
    const path = targetOf(order.action);
    const lengths = [...(this.#toldIn.get(operation) ?? [])].map((epoch) => this.#chain(epoch, path)?.members.length);
    const kept = Math.max(0, this.#withinOneServer(server, operation, path), ...lengths.map((length) => length ?? 0));
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
    for (const { operation } of outcomes) this.#told(operation, epoch);
  }

  #told(operation: OperationId, epoch: Epoch): void {
    const epochs = this.#toldIn.get(operation);
    if (epochs === undefined) this.#toldIn.set(operation, new Set([epoch]));
    else epochs.add(epoch);
  }

  /** Tail and head may have told themselves, over no link: their chain counts, as it was when they answered. */
  #withinOneServer(server: MemberId, operation: OperationId, path: string): number {
    const epoch = this.#answeredIn.get(answerKey(server, operation));
    const members = (epoch === undefined ? undefined : this.#chain(epoch, path))?.members ?? [];
    return members[0] === server || members[members.length - 1] === server ? members.length : 0;
  }

  #chain(epoch: Epoch, path: string): Chain | undefined {
    const view = this.views.view(epoch);
    return view && chainOf(view, shardOf(path, view.settings.shards));
  }
}

const answerKey = (server: MemberId, operation: OperationId): string => `${server} ${operation}`;
