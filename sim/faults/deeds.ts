/**
 * Watches for the conditions of `when` steps: what servers tell (facts) and what clients are answered. A condition holds
 * once; then its action is called, which may only schedule something.
 */
import { compareEntryIds, type EntryId, type MemberId, type OperationId, type UploadId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { Watcher } from '../checkers/checker.js';
import type { OperationRecord } from '../clients/operation.js';
import type { Condition, ServerDeed } from '../scenario/scenario.js';
import type { Cast } from './cast.js';

interface Waiting {
  readonly condition: Condition;
  readonly holds: () => void;
}

/** What is known of the operations that go by one name. */
interface Named {
  readonly operations: Set<OperationId>;
  readonly uploads: Set<UploadId>;
  /** Shard → identities that heads gave them. */
  readonly entries: Map<number, EntryId[]>;
  called: number;
  ended: number;
}

/** Facts that are deeds, by the word of the scenario. */
const DEED_FACTS: ReadonlyMap<Fact['fact'], ServerDeed> = new Map<Fact['fact'], ServerDeed>([
  ['upload-started', 'started'],
  ['chunk-staged', 'staged'],
  ['ordered', 'ordered'],
  ['appended', 'appended'],
  ['persisted', 'persisted'],
  ['committed', 'committed'],
  ['boarded', 'boarded'],
  ['caught', 'caught'],
]);

export class Deeds implements Watcher {
  #waiting: Waiting[] = [];
  readonly #named = new Map<string, Named>();

  constructor(private readonly cast: Cast) {}

  await(condition: Condition, holds: () => void): void {
    this.#waiting.push({ condition, holds });
    if ('operation' in condition) this.#names(condition.operation);
  }

  operationCalled({ order, operation }: OperationRecord): void {
    const named = order.name === undefined ? undefined : this.#names(order.name);
    if (named === undefined) return;
    named.called += 1;
    if (operation !== undefined) named.operations.add(operation);
  }

  operationEnded({ order: { name } }: OperationRecord): void {
    const named = name === undefined ? undefined : this.#named.get(name);
    if (named === undefined) return;
    named.ended += 1;
    if (named.ended < named.called) return;
    this.#strike(({ condition }) => condition.kind === 'finished' && condition.operation === name);
  }

  fact(server: MemberId, _incarnation: number, fact: Fact): void {
    if (fact.fact === 'upload-started') {
      for (const named of this.#named.values()) {
        if (named.operations.has(fact.operation)) named.uploads.add(fact.upload);
      }
    } else if (fact.fact === 'ordered') this.#ordered(fact);
    if (this.#waiting.length === 0) return;
    const deed = DEED_FACTS.get(fact.fact);
    if (deed === undefined && !this.#isAwaited(fact)) return;
    this.#strike(({ condition }) => this.#isIt(condition, server, fact, deed));
  }

  #isIt(condition: Condition, server: MemberId, fact: Fact, deed: ServerDeed | undefined): boolean {
    switch (condition.kind) {
      case 'finished':
        return false;
      case 'installed':
        if (fact.fact !== 'view-installed' || fact.epoch < condition.epoch) return false;
        return this.cast.isMeant(condition.who, server);
      case 'told':
        return fact.fact === condition.fact && this.cast.isMeant(condition.who, server);
      case 'removed':
        return fact.fact === 'removed' && this.cast.isMeant(condition.who, server);
      case 'deed': {
        if (condition.deed !== deed) return false;
        const named = this.#named.get(condition.operation);
        return named !== undefined && isOf(named, fact) && this.cast.isMeant(condition.who, server);
      }
    }
  }

  #isAwaited({ fact }: Fact): boolean {
    if (fact === 'view-installed' || fact === 'removed') return true;
    return this.#waiting.some(({ condition }) => condition.kind === 'told' && condition.fact === fact);
  }

  #ordered({ shard, entry }: Extract<Fact, { fact: 'ordered' }>): void {
    for (const named of this.#named.values()) {
      if (!named.operations.has(entry.proposal.operation)) continue;
      const entries = named.entries.get(shard) ?? [];
      entries.push(entry.id);
      named.entries.set(shard, entries);
    }
  }

  #strike(isMet: (waiting: Waiting) => boolean): void {
    const met = this.#waiting.filter(isMet);
    if (met.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const { holds } of met) holds();
  }

  #names(name: string): Named {
    let named = this.#named.get(name);
    if (named === undefined) {
      named = { operations: new Set(), uploads: new Set(), entries: new Map(), called: 0, ended: 0 };
      this.#named.set(name, named);
    }
    return named;
  }
}

/** Whether a fact speaks of one of these operations. */
function isOf({ operations, uploads, entries }: Named, fact: Fact): boolean {
  switch (fact.fact) {
    case 'upload-started':
      return operations.has(fact.operation);
    case 'ordered':
    case 'appended':
      return operations.has(fact.entry.proposal.operation);
    case 'persisted':
    case 'committed':
      return entries.get(fact.shard)?.some((id) => compareEntryIds(id, fact.upTo) <= 0) === true;
    case 'chunk-staged':
    case 'boarded':
    case 'caught':
      return uploads.has(fact.upload);
    default:
      return false;
  }
}
