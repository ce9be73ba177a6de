/**
 * Invariant: a running server with a session learns of a new view soon after the register has it, however it learns:
 * over a link, by its watch, or by reading again. A server that lost its watch is caught where polling is slower than
 * the bound; where notices were made to fail, polling is all that can be asked for. Who is in trouble, or was a short
 * time before, is left alone.
 */
import type { Epoch, Incarnation, MemberId } from '../../core/ids.js';
import type { Limits } from '../../core/limits.js';
import type { Fact } from '../../core/output.js';
import type { View } from '../../core/view/view.js';
import type { Troubles } from '../faults/troubles.js';
import type { Violation } from '../run-result.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ServerHandle, World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';

/** How long it may take, µs; and how long a connection must have been there before. */
const BOUND_US = 3_000_000;

/** Changes of the register of which those it speaks for must have heard within its bound. */
class Deadline {
  /** Not due yet, the oldest first. */
  readonly #changes: { readonly epoch: Epoch; readonly atUs: number }[] = [];

  constructor(
    readonly boundUs: number,
    /** Whose notices were made to fail, or the others. */
    readonly watchesSuffered: boolean,
  ) {}

  changed(epoch: Epoch, atUs: number): void {
    this.#changes.push({ epoch, atUs });
  }

  nextDue(nowUs: number): { readonly epoch: Epoch; readonly atUs: number } | undefined {
    const [oldest] = this.#changes;
    return oldest !== undefined && nowUs >= oldest.atUs + this.boundUs ? this.#changes.shift() : undefined;
  }
}

/** Since when a life of a server has had its session. */
interface Connected {
  readonly incarnation: Incarnation;
  readonly sinceUs: number;
}

export class Informed implements Checker {
  readonly name = 'informed';
  readonly #found: Findings;
  readonly #connected = new Map<MemberId, Connected>();
  readonly #deadlines: readonly Deadline[];

  constructor(
    private readonly world: World,
    private readonly troubles: Troubles,
    { coordinator }: Pick<Scenario, 'coordinator'>,
    { pollMs }: Pick<Limits, 'pollMs'>,
  ) {
    this.#found = new Findings(this.name, () => world.nowUs);
    const boundUs = BOUND_US + 2 * coordinator.delay.maxUs + coordinator.notice.maxUs;
    this.#deadlines = [new Deadline(boundUs, false), new Deadline(boundUs + 2 * pollMs * 1000, true)];
  }

  fact(server: MemberId, incarnation: Incarnation, fact: Fact): void {
    switch (fact.fact) {
      case 'registered':
        if (this.#connected.get(server)?.incarnation === incarnation) return;
        this.#connected.set(server, { incarnation, sinceUs: this.world.nowUs });
        return;
      case 'session':
        if (fact.state !== 'connected') this.#connected.delete(server);
        else this.#connected.set(server, { incarnation, sinceUs: this.world.nowUs });
        return;
      case 'recovered':
      case 'removed':
      case 'life-ends':
        this.#connected.delete(server);
    }
  }

  viewWritten({ epoch }: View): void {
    for (const deadline of this.#deadlines) deadline.changed(epoch, this.world.nowUs);
  }

  stepped(): void {
    const { nowUs } = this.world;
    for (const deadline of this.#deadlines) {
      for (let due = deadline.nextDue(nowUs); due !== undefined; due = deadline.nextDue(nowUs)) {
        for (const server of this.world.servers.values()) {
          if (this.troubles.watchesSuffered(server.id) !== deadline.watchesSuffered) continue;
          if (server.state.view.epoch < due.epoch && this.#mustKnow(server, due.atUs)) {
            const seconds = (deadline.boundUs / 1_000_000).toFixed(1);
            this.#found.add(
              `${server.id} does not know of view ${due.epoch} after ${seconds} s: it lives in view ${server.state.view.epoch}`,
            );
          }
        }
      }
    }
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }

  /** It runs, it has had its session for a while, and nothing was done to it or the coordinator. */
  #mustKnow({ id, incarnation, process }: ServerHandle, writtenUs: number): boolean {
    const connected = this.#connected.get(id);
    if (process !== 'running' || connected?.incarnation !== incarnation) return false;
    const quietSinceUs = writtenUs - BOUND_US;
    return connected.sinceUs <= quietSinceUs && !this.troubles.since(id, quietSinceUs);
  }
}
