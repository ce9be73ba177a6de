/**
 * The bounded mailbox in front of the machine, shared by both worlds: it finishes one input before the next begins,
 * so that what an effect causes at once can neither overtake nor nest (RxJS feedback re-enters; brief §6).
 * Knows nothing of what the inputs mean.
 */
import { type Observable, Subject } from 'rxjs';
import { InvariantError } from './refusals.js';

/** Inputs that may come of one: more means that an effect loops. */
export const MAILBOX_MAX = 65_536;

export class Mailbox<I> {
  private readonly subject = new Subject<I>();
  private waiting: I[] = [];
  private busy = false;

  /** Subscribe once: every subscriber would run a machine of its own. */
  readonly stream: Observable<I> = this.subject.asObservable();

  /**
   * Never throws: a broken bound is the stream's error, as what the machine throws is, and nothing more is worked on.
   * (RxJS would swallow what an effect throws.)
   */
  post(input: I): void {
    if (this.busy) {
      if (this.waiting.length < MAILBOX_MAX) this.waiting.push(input);
      else this.subject.error(new InvariantError(`the mailbox is bounded (${MAILBOX_MAX})`));
      return;
    }
    this.busy = true;
    try {
      this.subject.next(input);
      for (let i = 0; i < this.waiting.length; i++) this.subject.next(this.waiting[i] as I);
    } finally {
      this.waiting = [];
      this.busy = false;
    }
  }
}
