/**
 * Runs one scenario under one seed, from the founding of the ring to the verdict: builds the world, sends clients, workloads
 * and faults into it, steps it to its end and asks every checker. Synchronous; knows the world by its interface only.
 * Must never look at a clock but the one it is handed, and that only to say how long it took.
 */
import { hrtime } from 'node:process';
import { DEFAULT_LIMITS } from '../core/limits.js';
import { type CheckerSet, makeCheckers } from './checkers/all.js';
import type { Watcher } from './checkers/checker.js';
import { restlessness } from './checkers/converges.js';
import { leftovers } from './checkers/no-leftovers.js';
import { Client, type ClientSetting } from './clients/client.js';
import { ContentBook } from './clients/content.js';
import { fanOut, OpenOperations } from './clients/fan-out.js';
import { targetOf } from './clients/operation.js';
import { Cast } from './faults/cast.js';
import { Deeds } from './faults/deeds.js';
import { NetworkDamage } from './faults/network-damage.js';
import { ProcessDamage } from './faults/process-damage.js';
import { Stage, type StageWatcher } from './faults/stage.js';
import { noting, Troubles } from './faults/troubles.js';
import type { Outcome, RunResult, Violation } from './run-result.js';
import type { Scenario } from './scenario/scenario.js';
import { Story } from './story.js';
import { WorkloadRun } from './workload/workload.js';
import { createWorld } from './world.js';
import type { World } from './world-api.js';

/** Inputs that a run may take; more means that something goes round for ever. */
const EVENTS_MAX = 20_000_000;
/** Virtual time that a run may take beyond its last planned moment, µs: an hour. */
const OVERTIME_US = 3_600_000_000;
/** How often the runner looks whether all is calm, and whether all garbage is gone, µs. */
const LOOK_EVERY_US = 20_000;
const LOOK_FOR_LEFTOVERS_EVERY_US = 100_000;
/** Paths that the runner itself looks at when all is over. */
const AUDITED_PATHS_MAX = 16;
/** Open operations and servers named when a run is stuck. */
const EXCERPT_MAX = 12;

export interface RunOptions {
  /** Tell the story (default); a run without it is faster and no different. */
  readonly story?: boolean;
  /** Milliseconds of real time. */
  readonly clockMs?: () => number;
}

export function runScenario(scenario: Scenario, seed: number, options: RunOptions = {}): RunResult {
  const clockMs = options.clockMs ?? (() => Number(hrtime.bigint()) / 1e6);
  const startMs = clockMs();
  const run = new Run(scenario, createWorld({ scenario, seed }), options.story ?? true);
  const violations = run.go();
  for (const violation of violations) run.story?.violated(violation);
  const { world } = run;
  return {
    scenario: scenario.name,
    file: scenario.file,
    seed,
    outcome: outcomeOf(violations),
    traceHash: world.traceHash(),
    events: world.events,
    virtualMs: world.nowUs / 1000,
    wallMs: clockMs() - startMs,
    violations,
    figures: run.set.tally.figures(run.set.durable.losses),
    story: run.story?.lines() ?? [],
  };
}

/** What is wrong comes before what is late, and that before what was not tested. */
function outcomeOf(violations: readonly Violation[]): Outcome {
  const checkers = new Set(violations.map(({ checker }) => checker));
  const isStuck = checkers.delete('converges');
  const isVacuous = checkers.delete('not-vacuous');
  if (checkers.size > 0) return 'fail';
  return isStuck ? 'stuck' : isVacuous ? 'vacuous' : 'pass';
}

class Run {
  readonly story: Story | undefined;
  readonly set: CheckerSet;
  readonly #open = new OpenOperations();
  readonly #clients: ClientSetting;
  readonly #stage: Stage;
  readonly #workloads: readonly WorkloadRun[];
  #bug: Violation | undefined;
  #busyUs = 0;
  #orders = 0;

  constructor(
    private readonly scenario: Scenario,
    readonly world: World,
    story: boolean,
  ) {
    const { cluster, clients, limits } = scenario;
    const contents = new ContentBook();
    this.story = story ? new Story(world, contents, cluster.chunkBytes) : undefined;
    const troubles = new Troubles(() => world.nowUs);
    const struck = noting(world, troubles);
    this.set = makeCheckers({ scenario, world, contents, troubles, idleSteps: () => this.#stage.idle() });
    const cast = new Cast(world);
    const deeds = new Deeds(cast);
    const broke: Watcher = { broke: (server, error) => this.#broke(server, error) };
    const own: readonly Watcher[] = [this.#open, cast, deeds, broke];
    const watchers = [...this.set.watchers, ...own, ...(this.story === undefined ? [] : [this.story])];
    for (const watcher of watchers) world.observe(watcher);
    this.#clients = {
      world,
      contents,
      watcher: fanOut(watchers),
      chunkBytes: cluster.chunkBytes,
      timeoutUs: clients.timeoutUs,
      retries: clients.retries,
      listPageMax: limits.listPageMax ?? DEFAULT_LIMITS.listPageMax,
      nextOrder: () => {
        this.#orders += 1;
        return this.#orders;
      },
    };
    const network = new NetworkDamage(struck);
    const watcher = this.#stageWatcher();
    const processes = new ProcessDamage(struck);
    const tools = { world: struck, cast, deeds, network, processes, clients: this.#clients, watcher };
    this.#stage = new Stage(scenario.steps, tools);
    this.#workloads = scenario.workload.map((workload, i) => new WorkloadRun(workload, i + 1, this.#clients));
  }

  /** @returns all that was found wrong. */
  go(): readonly Violation[] {
    try {
      const stuck = this.#runToTheEnd();
      if (this.#bug !== undefined) return [this.#bug];
      const checkers = this.set.checkers.filter(({ name }) => stuck === undefined || name !== 'no-leftovers');
      const found = checkers.flatMap((checker) => checker.finish(this.world));
      return stuck === undefined ? found : [stuck, ...found.filter(({ checker }) => checker !== 'converges')];
    } catch (error) {
      this.#broke('', error);
      return this.#bug === undefined ? [] : [this.#bug];
    }
  }

  /** @returns what it is stuck at; undefined: it came to its end. */
  #runToTheEnd(): Violation | undefined {
    const { expect } = this.scenario;
    this.#stage.start();
    for (const workload of this.#workloads) workload.start();
    if (!this.#until(() => this.#workIsOver(), this.#lastPlannedUs() + OVERTIME_US)) {
      return this.#stuck('the run does not come to its end', []);
    }
    this.story?.phase('no more faults and operations: the ring must come to rest');
    const stuck = this.#settle();
    if (stuck !== undefined) return stuck;
    let isOver = false;
    this.#stage.runInTurn(expect.eventually, () => {
      this.#audit(this.#auditedPaths(), () => {
        isOver = true;
      });
    });
    if (!this.#until(() => isOver, this.world.nowUs + OVERTIME_US)) {
      return this.#stuck('the last operations do not end', []);
    }
    return this.#settle();
  }

  #workIsOver(): boolean {
    const { comingStrikes, openFaults, openOperations, openConditions } = this.#stage;
    const { world } = this;
    if (comingStrikes + openFaults + openOperations > 0 || this.#workloads.some(({ openClients }) => openClients > 0)) {
      this.#busyUs = world.nowUs;
      return false;
    }
    // A condition may come true a while after the last thing happened, but not for ever.
    return openConditions === 0 || world.nowUs - this.#busyUs > this.scenario.expect.convergedWithinUs;
  }

  #lastPlannedUs(): number {
    const ends = this.scenario.workload.map(({ startUs, forUs }) => startUs + forUs);
    const strikes = this.scenario.steps.map(({ trigger }) =>
      trigger.kind === 'at' ? trigger.us : trigger.kind === 'every' ? trigger.toUs : trigger.afterUs,
    );
    return Math.max(0, ...ends, ...strikes);
  }

  /** Waits for calm, then until all garbage is gone. */
  #settle(): Violation | undefined {
    const { convergedWithinUs } = this.scenario.expect;
    const { world } = this;
    const calm = this.#every(LOOK_EVERY_US, () => restlessness(world, this.set.excuses).length === 0);
    if (!this.#until(calm, world.nowUs + convergedWithinUs)) {
      const seconds = convergedWithinUs / 1_000_000;
      return this.#stuck(
        `not calm ${seconds} s after the last fault and operation`,
        restlessness(world, this.set.excuses),
      );
    }
    const clean = this.#every(LOOK_FOR_LEFTOVERS_EVERY_US, () => leftovers(world).length === 0);
    const graceMs = this.scenario.limits.retiredGraceMs ?? DEFAULT_LIMITS.retiredGraceMs;
    this.#until(clean, world.nowUs + graceMs * 1000 + convergedWithinUs);
    return undefined;
  }

  /** Looks at the acknowledged paths once more, one after the other. */
  #audit(paths: readonly string[], done: () => void): void {
    const client = new Client(this.#clients, 'audit');
    const next = (place: number): void => {
      const path = paths[place];
      if (path === undefined) {
        done();
        return;
      }
      const order = { purpose: 'audit', name: undefined, action: { kind: 'stat', path } } as const;
      // Those who were removed only refuse: the members are asked.
      const among = this.world.view.ring.map(({ id }) => id);
      client.run({ order, first: undefined, among }, () => next(place + 1));
    };
    next(0);
  }

  /** Evenly among the acknowledged paths. */
  #auditedPaths(): readonly string[] {
    const paths = this.set.durable.paths();
    const stride = Math.max(1, Math.ceil(paths.length / AUDITED_PATHS_MAX));
    return paths.filter((_, i) => i % stride === 0);
  }

  /** The same question, asked only so often. */
  #every(us: number, isTrue: () => boolean): () => boolean {
    let nextUs = this.world.nowUs;
    return () => {
      if (this.world.nowUs < nextUs) return false;
      nextUs = this.world.nowUs + us;
      return isTrue();
    };
  }

  /** Steps the world. @returns false if time or events ran out first. */
  #until(isOver: () => boolean, deadlineUs: number): boolean {
    const { world } = this;
    while (!isOver()) {
      const next = world.nextEventUs;
      if (next === undefined || next > deadlineUs || world.events >= EVENTS_MAX) return false;
      world.step();
    }
    return true;
  }

  #stuck(message: string, reasons: readonly string[]): Violation {
    const waits = [...this.#open.records].slice(0, EXCERPT_MAX).map(({ client, order, server, callUs, attempts }) => {
      const since = `since ${(callUs / 1_000_000).toFixed(3)} s, attempt ${attempts}`;
      return `client ${client} waits for its ${order.action.kind} ${targetOf(order.action)} at ${server} (${since})`;
    });
    const gone = [...this.world.servers.values()].filter(({ process }) => process !== 'running');
    const servers = gone.slice(0, EXCERPT_MAX).map(({ id, process }) => `${id} is ${process}`);
    const excerpt = [...reasons, ...waits, ...servers, `the register holds view ${this.world.view.epoch}`];
    return { checker: 'converges', message, atUs: this.world.nowUs, excerpt };
  }

  /** A bug, of the protocol or of ours: the run ends, and the other checkers are not asked. */
  #broke(server: string, error: unknown): void {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
    const excerpt = frames
      .slice(0, EXCERPT_MAX)
      .map((line) => line.trim().replace(/(file:)?\/\S*\/(?=(core|sim)\/)/, ''));
    const what = name === 'InvariantError' ? message : `${name}: ${message}`;
    const where = server === '' ? what : `${server}: ${what}`;
    this.#bug ??= { checker: 'invariant', message: where, atUs: this.world.nowUs, excerpt };
  }

  #stageWatcher(): StageWatcher {
    const { story } = this;
    const { tally, expectations } = this.set;
    return {
      stepStruck: (step, strikes) => story?.stepStruck(step, strikes),
      faultStruck: (strike) => {
        tally.struck(strike.name, strike.hits.length);
        story?.faultStruck(strike);
      },
      faultEnded: (text) => story?.faultEnded(text),
      stepAnswered: (step, record) => {
        const { line } = step.place;
        expectations.answered(record, step.action.expect, `line ${line}: ${step.text}`);
        story?.stepAnswered(step, record);
      },
    };
  }
}
