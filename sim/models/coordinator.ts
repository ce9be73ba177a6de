/**
 * The coordinator: one register with the view, changed by compare-and-set only, and the members' reports.
 * Knows sessions with servers, and which ways to them are cut. Must never judge a view or a report.
 */
import type { MemberId } from '../../core/ids.js';
import type { Output } from '../../core/output.js';
import { withoutMembers } from '../../core/view/next-view.js';
import type { Report } from '../../core/view/report.js';
import type { View } from '../../core/view/view.js';
import type { Kernel } from '../kernel.js';
import { drawUs } from '../random.js';
import type { Span } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';
import type { Observers } from './observers.js';
import type { Path } from './path.js';
import { TimedQueue } from './timed-queue.js';

/** Its name in faults. */
export const COORDINATOR = 'coordinator';
/** A call or an answer that meets a cut is repeated so often, µs. */
const RETRY_US = 50_000;

export type CoordinatorCall = Extract<
  Output,
  { kind: 'watch-view' | 'read-view' | 'report' | 'read-reports' | 'propose-view' }
>;

/** A server as the coordinator sees it. */
export interface Caller {
  readonly id: MemberId;
  readonly incarnation: number;
  /** Its process is there, running or paused. */
  readonly listening: boolean;
  viewRead(view: View): void;
  reportsRead(view: View, reports: readonly Report[]): void;
}

export interface CoordinatorSettings {
  /** A whole call, there and back. */
  readonly delay: Span;
  readonly notice: Span;
}

/** What sessions need of the run. */
export interface Surroundings {
  readonly kernel: Kernel;
  readonly observers: Observers;
  readonly path: (from: MemberId, to: MemberId) => Path;
  readonly random: (name: string) => RandomStream;
}

interface Request {
  readonly call: CoordinatorCall;
  readonly incarnation: number;
  readonly backUs: number;
}
/** Reports undefined: a view alone. */
interface Reply {
  readonly view: View;
  readonly reports: readonly Report[] | undefined;
}

/** Calls and answers of one server, each kind in its own order, held up while the way is cut. */
class Channel<T> extends TimedQueue<T> {
  constructor(
    kernel: Kernel,
    private readonly isCut: () => boolean,
    private readonly done: (item: T) => void,
  ) {
    super(kernel);
  }

  protected override blockedUs(): number {
    return this.isCut() ? RETRY_US : 0;
  }

  protected override arrive(item: T): void {
    this.done(item);
  }
}

export class Session {
  private readonly requests: Channel<Request>;
  private readonly replies: Channel<Reply>;
  private readonly notices: Channel<Reply>;
  private readonly there: Path;
  private readonly back: Path;
  private readonly callStream: RandomStream;
  private readonly noticeStream: RandomStream;
  private watching = false;

  constructor(
    private readonly coordinator: Coordinator,
    private readonly settings: CoordinatorSettings,
    { kernel, path, random }: Surroundings,
    private readonly caller: Caller,
  ) {
    const { id } = caller;
    this.there = path(id, COORDINATOR);
    this.back = path(COORDINATOR, id);
    this.callStream = random(`coordinator call ${id}`);
    this.noticeStream = random(`coordinator notice ${id}`);
    const cutThere = () => coordinator.away || this.there.silenced || this.there.held;
    const cutBack = () => this.back.silenced || this.back.held;
    this.requests = new Channel(kernel, cutThere, (request) => this.serve(request));
    this.replies = new Channel(kernel, cutBack, (reply) => this.deliver(reply));
    this.notices = new Channel(kernel, cutBack, (notice) => this.deliver(notice));
  }

  call(call: CoordinatorCall): void {
    const delayUs = drawUs(this.callStream, this.settings.delay);
    const thereUs = Math.floor(delayUs / 2);
    const request = { call, incarnation: this.caller.incarnation, backUs: delayUs - thereUs };
    this.requests.push(this.coordinator.nowUs + this.legUs(this.there, thereUs), request);
  }

  /** The process died: calls on their way may still strike, but nobody hears the answers. */
  crash(): void {
    this.watching = false;
    this.replies.cut(0);
    this.notices.cut(0);
  }

  changed(view: View): void {
    if (!this.watching) return;
    const noticeUs = drawUs(this.noticeStream, this.settings.notice);
    this.notices.push(this.coordinator.nowUs + this.legUs(this.back, noticeUs), { view, reports: undefined });
  }

  private legUs(way: Path, us: number): number {
    return way.delayIsFault ? way.drawDelayUs() : us;
  }

  private serve({ call, incarnation, backUs }: Request): void {
    const { coordinator } = this;
    const hears = this.caller.listening && incarnation === this.caller.incarnation;
    if (call.kind === 'report') {
      coordinator.keep(call.report);
      return;
    }
    if (call.kind === 'propose-view') coordinator.compareAndSet(call.expectedEpoch, call.view);
    if (!hears) return;
    if (call.kind === 'watch-view') this.watching = true;
    const reports = call.kind === 'read-reports' ? coordinator.allReports() : undefined;
    this.replies.push(coordinator.nowUs + this.legUs(this.back, backUs), { view: coordinator.view, reports });
  }

  private deliver({ view, reports }: Reply): void {
    if (reports === undefined) this.caller.viewRead(view);
    else this.caller.reportsRead(view, reports);
  }
}

export class Coordinator {
  /** It answers nobody; the register stays. */
  away = false;
  private register: View;
  private readonly reports = new Map<MemberId, Report>();
  private readonly sessions: Session[] = [];

  constructor(
    founding: View,
    private readonly settings: CoordinatorSettings,
    private readonly surroundings: Surroundings,
  ) {
    this.register = founding;
  }

  get nowUs(): number {
    return this.surroundings.kernel.nowUs;
  }

  get view(): View {
    return this.register;
  }

  open(caller: Caller): Session {
    const session = new Session(this, this.settings, this.surroundings, caller);
    this.sessions.push(session);
    return session;
  }

  /** Reports of the dead stay: readers judge them by epoch and incarnation. */
  keep(report: Report): void {
    this.reports.set(report.member, report);
  }

  allReports(): readonly Report[] {
    return [...this.reports.values()];
  }

  compareAndSet(expectedEpoch: number, view: View): void {
    if (this.register.epoch !== expectedEpoch) return;
    this.register = view;
    for (const observer of this.surroundings.observers.viewWritten) observer.viewWritten(view);
    for (const session of this.sessions) session.changed(view);
  }

  /** By an operator, at once. */
  remove(id: MemberId): void {
    if (!this.register.positions.has(id)) return;
    this.compareAndSet(this.register.epoch, withoutMembers(this.register, new Set([id])));
  }
}
