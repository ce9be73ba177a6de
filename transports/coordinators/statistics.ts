/**
 * A server's figures at the coordinator, for `status`: written in a session of their own, beside the protocol's, at most
 * once in `everyMs` and only when they have changed. They go when the server does.
 * Must never disturb a server: whatever goes wrong here is tried again with the next figures.
 */
import {
  type CoordinatorReply,
  type CoordinatorRequest,
  type Statistics,
  statisticsKey,
} from '../../core/coordinator-port.js';
import type { Coordinator } from './coordinator.js';
import { type Operator, openOperator } from './operator.js';

export type Figures = Omit<Statistics, 'atMs'>;

export interface StatisticsReporter {
  close(): void;
}

const EVERY_MS = 1_000;

/** @param read the figures as they are; undefined: there are none yet. */
export function reportStatistics(
  coordinator: Coordinator,
  read: () => Figures | undefined,
  everyMs = EVERY_MS,
): StatisticsReporter {
  const entry = new Entry(openOperator(coordinator));
  const timer = setInterval(() => {
    const figures = read();
    if (figures !== undefined) entry.show(figures);
  }, everyMs);
  return {
    close: () => {
      clearInterval(timer);
      entry.close();
    },
  };
}

/** Ours at the coordinator. At most one call about it is under way. */
class Entry {
  private isBusy = false;
  /** As it is there; undefined: not known. */
  private shown: { readonly text: string; readonly version: number; readonly owner: string } | undefined;

  constructor(private readonly operator: Operator) {}

  show(figures: Figures): void {
    const text = JSON.stringify(figures);
    const { owner } = this.operator;
    // In another session our entry has to be made again, though it says the same.
    const isShown = this.shown?.text === text && this.shown.owner === owner;
    if (this.isBusy || owner === '' || isShown) return;
    this.isBusy = true;
    this.write(figures, text, owner)
      .catch(() => {
        this.shown = undefined;
      })
      .finally(() => {
        this.isBusy = false;
      });
  }

  close(): void {
    this.operator.close();
  }

  private async write(figures: Figures, text: string, owner: string): Promise<void> {
    const key = statisticsKey(figures.member);
    const statistics: Statistics = { ...figures, atMs: Date.now() };
    const value = { kind: 'statistics', statistics } as const;
    const expected = this.shown?.owner === owner ? this.shown.version : undefined;
    const request: CoordinatorRequest =
      expected === undefined ? { op: 'create', key, value, ephemeral: true } : { op: 'set', key, value, expected };
    const reply = await this.operator.call(request);
    this.shown = reply.result === 'done' ? { text, version: reply.version, owner } : undefined;
    if (expected === undefined && reply.result === 'conflict') await this.clear(key, owner);
  }

  /** Left by a former session of ours, or written by a call whose answer was lost. */
  private async clear(key: string, owner: string): Promise<void> {
    const reply: CoordinatorReply = await this.operator.call({ op: 'read', key, watch: false });
    if (reply.result !== 'value') return;
    const { version } = reply.stored;
    if (reply.stored.owner === owner) this.shown = { text: '', version, owner };
    else await this.operator.call({ op: 'delete', key, expected: version });
  }
}
