/**
 * The bounded mailbox in front of the machine, shared by both worlds: it finishes one input before the next begins,
 * so that what an effect causes at once can neither overtake nor nest (RxJS feedback re-enters; brief §6).
 * Knows nothing of what the inputs mean.
 */
import { type Observable, Subject } from 'rxjs';
import { invariant } from './refusals.js';

/** Inputs that may wait while one is being worked on: more means that an effect loops. */
export const MAILBOX_MAX = 65_536;

export class Mailbox<I> {
  private readonly subject = new Subject<I>();
  private waiting: I[] = [];
  private busy = false;

  /** Subscribe once: every subscriber would run a machine of its own. */
  readonly stream: Observable<I> = this.subject.asObservable();

  /** @throws InvariantError when the bound is exceeded, and whatever the machine throws. */
  post(input: I): void {
    if (this.busy) {
      invariant(this.waiting.length < MAILBOX_MAX, 'the mailbox is bounded', MAILBOX_MAX);
      this.waiting.push(input);
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
