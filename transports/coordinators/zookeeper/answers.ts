/**
 * What a session has to say, in order: answers in the order of asking, firings of watches between them as they came.
 * Calls of several steps finish late, and what came behind them waits here. Knows no call and no key.
 */
import type { CoordinatorReply } from '../../../core/coordinator-port.js';

interface Entry {
  /** Says it; undefined: not known yet. */
  say: (() => void) | undefined;
}

export type Answer = (reply: CoordinatorReply) => void;

export class Answers {
  private entries: Entry[] = [];
  private readonly unanswered = new Map<Entry, Answer>();

  get waiting(): number {
    return this.entries.length;
  }

  /** @returns how it is answered, once: what comes later is not heard. */
  expect(say: Answer): Answer {
    const entry: Entry = { say: undefined };
    const answer: Answer = (reply) => {
      if (!this.unanswered.delete(entry)) return;
      entry.say = () => say(reply);
      this.flush();
    };
    this.entries.push(entry);
    this.unanswered.set(entry, answer);
    return answer;
  }

  add(say: () => void): void {
    this.entries.push({ say });
    this.flush();
  }

  /** All at once, in order. */
  answerAll(reply: CoordinatorReply): void {
    for (const answer of [...this.unanswered.values()]) answer(reply);
  }

  private flush(): void {
    for (let first = this.entries[0]; first?.say !== undefined; first = this.entries[0]) {
      this.entries.shift();
      first.say();
    }
  }
}
