/**
 * Those who watch a run, sorted by what they want to hear: a hook nobody has costs nothing.
 * Knows the Observer interface only.
 */
import { type Frame, frameBytes } from '../../core/frame.js';
import type { MemberId } from '../../core/ids.js';
import type { Observer } from '../world-api.js';

type With<Hook extends keyof Observer> = Observer & { readonly [Key in Hook]-?: NonNullable<Observer[Key]> };

const has = <Hook extends keyof Observer>(observer: Observer, hook: Hook): observer is With<Hook> =>
  observer[hook] !== undefined;

export class Observers {
  readonly fact: With<'fact'>[] = [];
  readonly sent: With<'sent'>[] = [];
  readonly delivered: With<'delivered'>[] = [];
  readonly lost: With<'lost'>[] = [];
  readonly stepped: With<'stepped'>[] = [];
  readonly viewWritten: With<'viewWritten'>[] = [];
  readonly broke: With<'broke'>[] = [];

  add(observer: Observer): void {
    if (has(observer, 'fact')) this.fact.push(observer);
    if (has(observer, 'sent')) this.sent.push(observer);
    if (has(observer, 'delivered')) this.delivered.push(observer);
    if (has(observer, 'lost')) this.lost.push(observer);
    if (has(observer, 'stepped')) this.stepped.push(observer);
    if (has(observer, 'viewWritten')) this.viewWritten.push(observer);
    if (has(observer, 'broke')) this.broke.push(observer);
  }

  frameDelivered(from: MemberId, to: MemberId, frame: Frame): void {
    for (const observer of this.delivered) observer.delivered(from, to, frame, frameBytes(frame));
  }

  frameLost(from: MemberId, to: MemberId, frame: Frame): void {
    for (const observer of this.lost) observer.lost(from, to, frame, frameBytes(frame));
  }
}
