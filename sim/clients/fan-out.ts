/**
 * One watcher out of several, each told in turn; and the operations that are open. Decides nothing.
 */
import type { ClientWatcher, OperationRecord } from './operation.js';

export function fanOut(watchers: readonly ClientWatcher[]): Required<ClientWatcher> {
  return {
    operationCalled(record) {
      for (const watcher of watchers) watcher.operationCalled?.(record);
    },
    operationEnded(record) {
      for (const watcher of watchers) watcher.operationEnded?.(record);
    },
    bytesWrong(record, problem) {
      for (const watcher of watchers) watcher.bytesWrong?.(record, problem);
    },
  };
}

/** Who waits for what. */
export class OpenOperations implements ClientWatcher {
  readonly records = new Set<OperationRecord>();

  operationCalled(record: OperationRecord): void {
    this.records.add(record);
  }

  operationEnded(record: OperationRecord): void {
    this.records.delete(record);
  }
}
