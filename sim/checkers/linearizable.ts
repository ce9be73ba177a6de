/**
 * Invariant: one order of operations explains everything the clients of each path were told (brief §2.2). Gathers the
 * history; the verdict is checkers/linearizable/'s. A history too hard to decide is no violation, but not tested either.
 * What was lost with a whole chain, where the scenario allows that, no order can explain: such paths are left out.
 */
import type { OperationId, UploadId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { ContentBook } from '../clients/content.js';
import { type OperationRecord, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import type { Checker } from './checker.js';
import { contentNames, historyEntry, listEntries } from './file-history.js';
import { checkFileHistory, explainFileHistory } from './linearizable/check-file-history.js';
import type { FileOperation } from './linearizable/history.js';

export class Linearizable implements Checker {
  readonly name = 'linearizable';
  readonly #records: OperationRecord[] = [];
  readonly #uploads = new Map<UploadId, OperationId>();
  readonly #contents = new Map<OperationId, string>();
  readonly #paths = new Set<string>();

  /** @param book the contents that were put. */
  constructor(
    private readonly book: ContentBook,
    private readonly isLeftOut: (path: string) => boolean = () => false,
  ) {}

  operationCalled(record: OperationRecord): void {
    this.#records.push(record);
    if (record.operation === undefined) return;
    this.#paths.add(targetOf(record.order.action));
    if (record.content !== undefined) this.#contents.set(record.operation, record.content.id);
  }

  fact(_server: string, _incarnation: number, fact: Fact): void {
    if (fact.fact === 'upload-started') this.#uploads.set(fact.upload, fact.operation);
  }

  history(): readonly FileOperation[] {
    const nameOf = contentNames(
      this.book,
      (upload) => this.#uploads.get(upload),
      (operation) => this.#contents.get(operation),
    );
    const all = this.#records.flatMap((record) => {
      if (record.order.action.kind === 'list') return listEntries(record, this.#paths, nameOf);
      return historyEntry(record, nameOf) ?? [];
    });
    return all.filter(({ path }) => !this.isLeftOut(path));
  }

  finish(world: World): readonly Violation[] {
    const verdict = checkFileHistory(this.history());
    if (verdict.verdict === 'linearizable') return [];
    const [message = verdict.verdict, ...excerpt] = explainFileHistory(verdict);
    const checker = verdict.verdict === 'undecided' ? 'not-vacuous' : this.name;
    return [{ checker, message, atUs: world.nowUs, excerpt }];
  }
}
