/**
 * What clients asked and were told, an operation a line, as `check-history` reads it (model `files`). Its clock counts events
 * of this process: no two are equal, and what was before what is beyond doubt.
 */
import { createWriteStream, type WriteStream } from 'node:fs';

export type Operation =
  | { readonly op: 'put'; readonly path: string; readonly content: string; readonly ifVersion?: string }
  | { readonly op: 'delete'; readonly path: string; readonly ifVersion?: string }
  | { readonly op: 'get' | 'stat'; readonly path: string };

export type Result =
  | { readonly outcome: 'done'; readonly version: string }
  | { readonly outcome: 'done'; readonly found: boolean }
  | { readonly outcome: 'precondition-failed' }
  | { readonly outcome: 'found'; readonly content: string; readonly version: string }
  | { readonly outcome: 'absent' };

/** Surely not done: it does not belong in a history. */
export const REFUSED = 'refused';
/** It may have been done, or be done yet. Of a read: there was no answer. */
export const UNKNOWN = 'unknown';
export type Ending = Result | typeof REFUSED | typeof UNKNOWN;

export interface Counts {
  answered: number;
  refused: number;
  unknown: number;
}

export class History {
  readonly counts: Counts = { answered: 0, refused: 0, unknown: 0 };
  private readonly stream: WriteStream;
  private events = 0;

  constructor(
    readonly file: string,
    name: string,
  ) {
    this.stream = createWriteStream(file);
    this.write({ history: name, model: 'files', linearizable: true });
  }

  /** @returns what to call with the operation's end */
  call(client: string, operation: Operation): (ending: Ending) => void {
    const call = ++this.events;
    return (ending) => {
      if (ending === REFUSED) {
        this.counts.refused++;
        return;
      }
      const isKnown = ending !== UNKNOWN;
      this.counts[isKnown ? 'answered' : 'unknown']++;
      const isRead = operation.op === 'get' || operation.op === 'stat';
      // A read without an answer says nothing.
      if (isRead && !isKnown) return;
      this.write({
        client,
        call,
        end: isKnown ? ++this.events : null,
        ...operation,
        ...(isKnown && { result: ending }),
      });
    };
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.once('error', reject);
      this.stream.end(resolve);
    });
  }

  private write(line: object): void {
    this.stream.write(`${JSON.stringify(line)}\n`);
  }
}
